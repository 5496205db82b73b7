"""Runtimes of one interleaved session of ``srbench time``, as a section of a report: one machine, one clock for all.

A session lies in ``leaderboards/sessions/<name>/``, as ``srbench time --output`` leaves it. Where there is none, the
section says so and gives the command: runtimes of other sessions or machines are never put in its place.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from srbench.datasets.facts import dataset_title
from srbench.errors import SrbenchError
from srbench.paths import leaderboards_dir
from srbench.quantities import DEFAULT_QUALITY, get_quantity
from srbench.quantities.number_text import MISSING
from srbench.report import unsteady
from srbench.report.grid import Block, Grid, cell_text, escape_markdown, plain
from srbench.results.collection import Results

BASELINE = "imdn"
_COSTS = 4
"""Columns of a report's table up to its costs: method, weights, parameters, MACs."""


@dataclass(frozen=True)
class Timed:
    """One model of a session: median and interquartile range in ms, the ratio to the baseline, and what is wrong."""

    model: str
    median_ms: float
    iqr_ms: float
    ratio: Mapping[str, float] | None
    warnings: tuple[str, ...]

    @property
    def ratio_text(self) -> str:
        """The ratio with its 95 % interval: two decimals, three of a small one."""
        if self.ratio is None:
            return "1"
        digits = 2 if self.ratio["ratio"] >= 0.1 else 3
        ratio, low, high = (f"{self.ratio[name]:.{digits}f}" for name in ("ratio", "low", "high"))
        return f"{ratio} [{low}, {high}]"

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is wrong, in a word each."""
        return unsteady.kinds(self.warnings)

    @property
    def text(self) -> str:
        """The median as the table of a page prints it, with its mark where it is unsteady."""
        return unsteady.marked(f"{self.median_ms:.1f}", self.warnings)


@dataclass(frozen=True)
class Session:
    """All models of a session, the fastest first."""

    machine: str
    baseline: str
    scale: int
    input_size: tuple[int, int]
    timed: tuple[Timed, ...]

    @property
    def place(self) -> str:
        """The input and the machine: ``LR 320×180, a-machine``."""
        height, width = self.input_size
        return f"LR {width}×{height}, {self.machine}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with any of them."""
        return tuple(warning for timed in self.timed for warning in timed.warnings)


def read(name: str, root: Path | None = None) -> Session | None:
    """The session of that name; None where none was made.

    Raises:
        SrbenchError: its file is not what ``srbench time`` writes, or holds several sizes or variants.
    """
    file = (root or leaderboards_dir()) / "sessions" / name / "timings.json"
    if not file.is_file():
        return None
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        timings = [timing for timing in stored["timings"] if timing["runtime"] is not None]
        places = {(timing["scale"], tuple(timing["input_size"])) for timing in timings}
        names = [timing["model"] for timing in timings]
        if len(places) != 1 or len(set(names)) != len(names):
            raise ValueError("it holds several scales, sizes or variants")
        ((scale, size),) = places
        timed = sorted((_timed(timing) for timing in timings), key=lambda t: t.median_ms)
        if not all(isinstance(number, int) and 0 < number < 10**6 for number in (scale, *size)) or len(size) != 2:
            raise ValueError("its scale or size is none")
        return Session(str(stored["machine"]), str(stored["baseline"]), scale, (size[0], size[1]), tuple(timed))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise SrbenchError(
            f"'{file}' is no session of one size ({error}); make it with srbench time --output."
        ) from error


def _timed(timing: Mapping[str, Any]) -> Timed:
    runtime, ratio = timing["runtime"], timing["ratio"]
    return Timed(
        str(timing["model"]),
        float(runtime["median_ms"]),
        float(runtime["iqr_ms"]),
        None if ratio is None else {name: float(ratio[name]) for name in ("ratio", "low", "high")},
        tuple(map(str, runtime["warnings"])),
    )


def command(name: str, models: Sequence[str], scale: int) -> str:
    """The command that makes the session."""
    return (
        f"srbench time --models {','.join(models)} --baseline {BASELINE} --scale {scale} --size 720p --rounds 10 "
        f"--output leaderboards/sessions/{name}"
    )


def of_report(name: str, results: Results, root: Path | None = None) -> str:
    """The section of session ``name`` in a report of ``results``, all of one scale."""
    titles, quality = quality_of(results)
    return to_markdown(name, titles, results.quality[0].scale, quality, root) if titles else ""


def quality_of(results: Results) -> tuple[dict[str, str], dict[str, dict[str, float]]]:
    """The models' titles by name, and the field's first quantity by dataset as shown, then by model."""
    ordered = sorted(results.quality, key=lambda record: (record.model.year, record.model.name))
    titles = {record.model.name: record.model.title for record in ordered}
    quality: dict[str, dict[str, float]] = {}
    for record in ordered:
        value = record.value(DEFAULT_QUALITY[0])
        if value is not None and math.isfinite(value) and not record.apart:
            quality.setdefault(dataset_title(record.dataset.name), {})[record.model.name] = value
    return titles, quality


def to_markdown(
    name: str,
    titles: Mapping[str, str],
    scale: int,
    quality: Mapping[str, Mapping[str, float]],
    root: Path | None = None,
) -> str:
    """The section of session ``name``: runtimes, ratios and the fronts of quality and runtime.

    Args:
        name: of the session.
        titles: of the models of the report, by name.
        scale: of the report.
        quality: of the field's first quantity, by dataset as shown, then by model.
        root: folder of the leaderboards.
    """
    found = read(name, root)
    head = "\n### One clock for all\n\n"
    if found is None:
        return (
            f"{head}Runtimes have not been measured: they need one session in which all models take turns, on a "
            f"machine that does nothing else. This makes it:\n\n```sh\n{command(name, list(titles), scale)}\n```\n"
        )
    height, width = found.input_size
    lines = [
        f"{head}Median of one pass, LR {width}×{height}, ×{found.scale}, in one session in which the models take "
        f"turns, each in a process of its own, on {found.machine}; ratios to "
        f"{titles.get(found.baseline, found.baseline)} from paired rounds with their 95 % interval.\n",
        "| Model | Runtime (ms) | IQR (ms) | Ratio | Remarks |\n|:--|--:|--:|:--|:--|",
    ]
    lines += [
        f"| {escape_markdown(titles.get(t.model, t.model))} | {t.median_ms:.1f} | {t.iqr_ms:.1f} | {t.ratio_text} | "
        f"{', '.join(t.kinds)} |"
        for t in found.timed
    ]
    lines += _meanings(found)
    lines += ["", "What nothing beats at the same runtime or less, from the fastest to the slowest:", ""]
    lines += [f"- {line}" for line in fronts(found, titles, quality)]
    lines += ["", f"Elsewhere runtimes are others: `{chooser(found)}` measures there and says what to take."]
    return "\n".join(lines) + "\n"


def chooser(found: Session) -> str:
    """The command that asks the same on another machine."""
    height, width = found.input_size
    return f"srbench choose --scale {found.scale} --size {height}x{width} --measure"


def with_runtimes(grid: Grid, found: Session, titles: Mapping[str, str]) -> Grid:
    """The table of a report with the runtimes of its session in a column behind the costs."""
    by_title = {titles.get(timed.model, timed.model): f"{timed.median_ms:.1f}" for timed in found.timed}

    def wider(block: Block) -> Block:
        rows = tuple(
            (*row[:_COSTS], plain(by_title.get(cell_text(row[0]), MISSING)), *row[_COSTS:]) for row in block.rows
        )
        return replace(block, rows=rows)

    runtime = get_quantity("runtime")
    doubtful = sum(bool(timed.warnings) for timed in found.timed)
    legend = f"unsteady for {doubtful} of {len(found.timed)} models, " if doubtful else ""
    return replace(
        grid,
        header=(*grid.header[:_COSTS], f"{runtime.title} ({runtime.unit})", *grid.header[_COSTS:]),
        align=f"{grid.align[:_COSTS]}r{grid.align[_COSTS:]}",
        blocks=tuple(map(wider, grid.blocks)),
        notes=(*grid.notes, f"{runtime.title}: {found.place}; {legend}see One clock for all."),
    )


def _meanings(found: Session) -> list[str]:
    """What the remarks' words mean, and of how many models each is said."""
    counts = Counter(kind for timed in found.timed for kind in timed.kinds if unsteady.meaning(kind))
    if not counts:
        return []
    models = len(found.timed)
    words = (f"{kind} ({count} of {models}): {unsteady.meaning(kind)}" for kind, count in sorted(counts.items()))
    return [
        "",
        f"Remarks, where a runtime is unsteady: {'; '.join(words)}. Ratios are paired, so drift cancels in them.",
    ]


def fronts(found: Session, titles: Mapping[str, str], quality: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """By dataset, the models that none of the same runtime or less beats, the fastest first."""
    first = get_quantity(DEFAULT_QUALITY[0])
    for dataset, values in quality.items():
        kept: list[str] = []
        best: float | None = None
        for timed in found.timed:
            if timed.model not in values:
                continue
            value = first.rounded(values[timed.model])
            if best is None or first.better(value, best):
                best = value
                figures = f"{first.text(value)} {first.unit}".strip()
                kept.append(f"{titles.get(timed.model, timed.model)} ({figures}, {timed.median_ms:.1f} ms)")
        if kept:
            yield f"{dataset}: {', '.join(kept)}"
