"""Runtimes against the computation they need and the peak rate of the GPU they were taken on."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from srbench.leaderboard import published
from srbench.leaderboard.audit import networks
from srbench.leaderboard.audit.finding import Checks, Finding, Verdict
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper, Table
from srbench.paths import leaderboards_dir

# A convolutional network rarely runs above this share of the peak; beyond it the clock is doubted.
USUAL_SHARE = 0.7
COUNTED_AT = (256, 256)
# Twice the pixels in less time is no matter of launch overhead.
MORE_PIXELS = 2.0


@dataclass(frozen=True)
class Gpu:
    """A GPU of hardware.toml; ``peak`` in FLOP/s, the higher of fp32 and TF32."""

    key: str
    name: str
    peak: float


@lru_cache(maxsize=8)
def _data(name: str, root: Path | None) -> dict[str, dict[str, Any]]:
    return published.read_toml((root or leaderboards_dir()) / f"{name}.toml")


def gpus(root: Path | None = None) -> dict[str, Gpu]:
    """Known GPUs by key."""
    return {
        key: Gpu(key, str(d["name"]), 1e12 * max(float(d["tflops"]), float(d.get("tf32_tflops", 0.0))))
        for key, d in _data("hardware", root).items()
    }


def mean_pixels(dataset: str, root: Path | None = None) -> float | None:
    """Mean pixels of an HR image of a test set, or None when they are not known."""
    entry = _data("datasets", root).get(dataset)
    return float(entry["mean_hr_pixels"]) if entry else None


def check(cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> Checks:
    """Rates above the peak, larger images in less time, and GPUs that do not exist."""
    result = Checks()
    tables = {(p.key, t.id): t for p in papers for t in p.tables}
    rows: dict[tuple[str, str, int, int | None], list[PrintedCell]] = {}
    for c in cells:
        rows.setdefault((c.paper, c.table, c.cell.row_index, c.cell.scale), []).append(c)
    for (paper, table, _, _), row in rows.items():
        times = [c for c in row if c.cell.metric == "runtime" and c.value.is_number]
        for time in times:
            _check_rate(time, row, tables[paper, table], result)
        result.findings.extend(_check_order(times))
    result.findings.extend(_unknown_gpus(papers))
    return result


def _macs_per_hr_pixel(time: PrintedCell, row: list[PrintedCell]) -> tuple[float, str, tuple[PrintedCell, ...]] | None:
    """MACs per HR pixel: of the registered network, else the row's printed cost at LR 256x256."""
    scale = time.cell.scale or 1
    card = networks.card_of(time.cell.model) if time.cell.model else None
    if card is not None and scale in card.scales:
        macs = networks.counts(time.cell.model, scale, COUNTED_AT)["macs"].macs
        return macs / (COUNTED_AT[0] * COUNTED_AT[1] * scale**2), f"{time.cell.model} as registered", ()
    printed = [c for c in row if c.cell.metric == "macs" and c.value.is_number]
    if not printed:
        return None
    per_pixel = printed[0].value.number / (COUNTED_AT[0] * COUNTED_AT[1] * scale**2)
    return per_pixel, f"the printed {printed[0].cell.value} G at LR 256x256", (printed[0],)


def _check_rate(time: PrintedCell, row: list[PrintedCell], table: Table, result: Checks) -> None:
    gpu = gpus().get(table.hardware)
    pixels = mean_pixels(time.cell.dataset)
    cost = _macs_per_hr_pixel(time, row)
    if gpu is None or pixels is None or cost is None:
        why = "GPU not named" if gpu is None else "image size not known" if pixels is None else "network not registered"
        result.unchecked.append(f"runtime of {time.place}: {why}")
        return
    result.checked += 1
    per_pixel, source, basis = cost
    needed = 2 * per_pixel * pixels  # floating point operations of one image: two per multiply-accumulate
    rate = needed / (time.value.number / 1000)
    share = rate / gpu.peak
    if share <= USUAL_SHARE:
        return
    verdict: Verdict = "contradiction" if share > 1 else "suspicious"
    text = (
        f"{time.place}: {time.value.number:g} ms for {needed / 1e9:,.0f} GFLOP ({source}, {pixels:,.0f} HR pixels) is "
        f"{rate / 1e12:,.1f} TFLOP/s, {share:.1f} times the peak of a {gpu.name} ({gpu.peak / 1e12:g})."
    )
    why = "the clock was stopped before the GPU had finished (no synchronisation), or another GPU or size was used"
    figures: dict[str, float | int | str] = {
        "TFLOP/s": rate / 1e12,
        "share of peak": share,
        "least possible ms": needed / gpu.peak * 1e3,
    }
    result.findings.append(Finding("runtime", verdict, text, (time, *basis), why, figures))


def _check_order(times: list[PrintedCell]) -> list[Finding]:
    """A row's runtimes on larger images that are shorter than those on smaller ones."""
    sized = sorted(((mean_pixels(t.cell.dataset) or 0.0, t) for t in times), key=lambda item: item[0])
    known = [(pixels, t) for pixels, t in sized if pixels]
    if len(known) < 2:
        return []
    (few, small), bad = known[0], []
    for pixels, large in known[1:]:
        if pixels > MORE_PIXELS * few and large.value.number <= small.value.number:
            bad.append((pixels, large))
    if not bad:
        return []
    parts = " and ".join(
        f"{large.cell.dataset} ({pixels / few:.1f} times the pixels) in {large.cell.value}" for pixels, large in bad
    )
    text = f"{small.paper} {small.table}, {small.cell.row}: {small.cell.dataset} takes {small.cell.value} s, {parts}."
    why = "time does not grow with the image: launches were timed, not the computation"
    return [Finding("runtime", "contradiction", text, (small, *(large for _, large in bad)), why)]


def _unknown_gpus(papers: tuple[Paper, ...]) -> list[Finding]:
    known = gpus()
    findings = []
    for paper in papers:
        if paper.hardware and paper.hardware not in known:
            names = {g.name: g for g in known.values()}
            near = difflib.get_close_matches(
                paper.hardware_as_printed.replace("GTX", "GeForce GTX"), names, n=3, cutoff=0.6
            )
            text = f"{paper.key} names '{paper.hardware_as_printed}', which is in no list of GPUs here (hardware.toml)."
            why = f"nearest are {', '.join(near)}" if near else ""
            findings.append(Finding("runtime", "suspicious", text, (), why, about=paper.key))
    return findings
