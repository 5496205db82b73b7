"""The audit of an author's own table: its cells beside all published ones, every check that applies."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.leaderboard import published
from srbench.leaderboard.audit import own_file
from srbench.leaderboard.audit.finding import Finding, Material
from srbench.leaderboard.audit.own_file import OwnCell, OwnColumn
from srbench.leaderboard.audit.runtimes import gpus
from srbench.leaderboard.causes import networks, wanted_of
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import METRICS, Column, CostConvention, MarkMeaning, Paper, PublishedCell, Table
from srbench.leaderboard.values import parse_value
from srbench.quantities import DEFAULT_QUALITY, PSNR

KEY, TABLE = "yourtable", "t1"
SIZES = ("LR 256x256", "HR 1280x720")


def material(file: Path, scale: int | None = None, gpu: str = "") -> Material:
    """The table of ``file`` among the published ones, under the key :data:`KEY`.

    ``scale`` holds for rows without one; ``gpu`` is a key of hardware.toml, by default the fastest GPU known there.

    Raises:
        SrbenchError: the file cannot be read as a table, or an unknown GPU.
    """
    columns, cells = own_file.read(file, scale)
    if not cells:
        raise SrbenchError(f"'{file}': no cell below its header holds a number; expected one row per method.")
    known = gpus()
    if gpu and gpu not in known:
        raise SrbenchError(f"GPU '{gpu}' is not one of {', '.join(known)}; add it to hardware.toml.")
    names = _models(cells)
    units = {c: _unit(c, cells) for c in columns}
    try:
        printed = tuple(_printed(c, units[c.column], names) for c in cells)
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{first['loc'][0]} {first['input']!r}: {first['msg']}"
        raise SrbenchError(f"'{file}': a cell cannot be read: {what}.") from error
    fastest = max(known, key=lambda k: known[k].peak)
    paper = _paper(file, columns, units, printed, gpu or fastest)
    return Material((*published.cells(), *printed), (*published.papers(), paper), mine=KEY)


def _candidates() -> dict[str, list[str]]:
    """Registered names by the labels under which rows are printed, and by their own names and titles."""
    from srbench.models.registry import cards

    found: dict[str, list[str]] = {}
    pairs = [(c.name, c.name) for c in cards()] + [(c.title, c.name) for c in cards()]
    pairs += [(c.method, c.cell.model) for c in published.cells() if c.cell.model]
    for label, name in pairs:
        if name not in found.setdefault(_flat(label), []):
            found[_flat(label)].append(name)
    return found


def _models(cells: list[OwnCell]) -> dict[int, str]:
    """The registered model of every row: of those its label may mean, the one whose published cells agree most."""
    candidates = _candidates()
    printed: dict[tuple[str, int | None, str, str], set[str]] = {}
    for c in published.cells():
        key = (c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric)
        printed.setdefault(key, set()).add(c.cell.value.replace(",", "").rstrip("KMG"))
    chosen: dict[int, str] = {}
    for row in dict.fromkeys(c.row for c in cells):
        own = [c for c in cells if c.row == row]
        votes = {
            name: sum(
                c.text.replace(",", "").rstrip("KMG") in printed.get((name, c.scale, c.column.dataset, c.metric), ())
                for c in own
            )
            for name in candidates.get(_flat(own[0].label), [])
        }
        chosen[row] = max(votes, key=lambda name: votes[name]) if votes else ""
    return chosen


def _flat(label: str) -> str:
    """A label without citation, "(ours)", blanks and case."""
    label = re.sub(r"\[[^\]]*\]|\((?:ours?|proposed)\)|[\\$]", "", label, flags=re.IGNORECASE)
    return re.sub(r"[\s_]+", "", label).lower()


def _unit(column: OwnColumn, cells: list[OwnCell]) -> str:
    """The unit in the header; without one, what makes the column's numbers plausible."""
    metric = column.metrics[0]
    if column.unit or metric in (*DEFAULT_QUALITY, "lpips"):
        return column.unit
    values = [parse_value(c.text).number for c in cells if c.column == column]
    numbers = [v for v in values if not math.isnan(v)]
    largest = max(numbers, default=0.0)
    if metric == "params":
        return "M" if largest < 100 else "K" if largest < 1e5 else ""
    if metric == "macs":
        return "G" if largest < 1e6 else ""
    if metric == "runtime":
        return "s" if largest < 5 else "ms"
    return "MiB" if metric == "memory" else "M" if metric == "activations" and largest < 1e5 else ""


def _printed(cell: OwnCell, unit: str, names: dict[int, str]) -> PrintedCell:
    metric = cell.metric
    dataset = cell.column.dataset or ("set5" if metric == "runtime" else "")  # the smallest images: the mildest case
    made = PublishedCell(
        row_index=cell.row, row=cell.label, model=names[cell.row], scale=cell.scale, dataset=dataset,
        metric=metric, value=cell.text, mark=cell.mark,
    )  # fmt: skip
    return PrintedCell(KEY, TABLE, made, parse_value(cell.text, "dB" if metric == PSNR else unit))


def _paper(
    file: Path, columns: list[OwnColumn], units: dict[OwnColumn, str], printed: tuple[PrintedCell, ...], gpu: str
) -> Paper:
    marks = {c.cell.mark for c in printed}
    meaning: dict[Literal["bold", "underline"], MarkMeaning] = {}
    if "bold" in marks:
        meaning["bold"] = "best"
    if "underline" in marks:
        meaning["underline"] = "second"
    table = Table(
        id=TABLE, number="your table", caption="", kind="quality", rows=len({c.cell.row_index for c in printed}),
        row_header=("Method",), scale_in="column", marks=meaning, protocol="y-matlab", hardware=gpu,
        columns=tuple(Column(header=c.header, metrics=c.metrics, dataset=c.dataset, unit=units[c]) for c in columns),
        cost=_guessed_cost(printed),
    )  # fmt: skip
    return Paper(
        key=KEY, title=file.name, short=file.name, authors=(), venue="", year=0, source=str(file), bibtex="@none{}",
        tables=(table,),
    )  # fmt: skip


def _guessed_cost(printed: tuple[PrintedCell, ...]) -> CostConvention | None:
    """The convention and LR size under which most of the table's computation is that of the registered networks."""
    cells = [c for c in printed if c.cell.metric == "macs" and c.cell.scale]
    if not cells:
        return None
    best: tuple[int, CostConvention | None] = (0, None)
    for name in SIZES:
        for convention in (*networks.CONVENTIONS, networks.OUTPUT_POSITIONS):
            size = networks.sizes(cells[0].cell.scale or 1)[name]
            cost = CostConvention(stated="", convention=convention, input_size=size)
            asked = [(w, c.cell.model) for c in cells if (w := wanted_of(c, cost)) is not None]
            hits = sum(w.holds(networks.value(w, model)) for w, model in asked)
            if hits > best[0]:
                best = (hits, cost)
    return best[1]


def of_mine(found: tuple[Finding, ...], what: Material) -> tuple[tuple[Finding, ...], int]:
    """The findings that suspect the author's own cells, and how many speak only of rows quoted unchanged."""
    known = {
        (c.cell.model or c.method, c.cell.scale, c.cell.dataset, c.cell.metric, c.value.number)
        for c in what.cells if c.paper != KEY
    }  # fmt: skip
    kept, quoted = [], 0
    for finding in found:
        mine = tuple(c for c in finding.cells if c.paper == KEY)
        if not mine:
            continue
        own = [
            c for c in mine
            if (c.cell.model or c.method, c.cell.scale, c.cell.dataset, c.cell.metric, c.value.number) not in known
        ]  # fmt: skip
        if own or finding.kind == "marks":
            kept.append(replace(finding, cells=mine))
        else:
            quoted += 1
    return tuple(kept), quoted


def with_suspects_as_marked(what: Material, found: list[Finding]) -> Material:
    """The material with suspicious numbers as their marks say they are: a slip must not make other marks look wrong.

    A suspect marked best becomes the best of its column, one marked second the second; an unmarked one is left out.
    """
    suspects = {c for f in found for c in f.cells if c.paper == what.mine}
    cells = []
    for c in what.cells:
        if c not in suspects:
            cells.append(c)
        elif c.cell.mark != "none":
            cells.append(replace(c, value=replace(c.value, number=_as_marked(c, what, suspects))))
    return replace(what, cells=tuple(cells))


def _as_marked(cell: PrintedCell, what: Material, suspects: set[PrintedCell]) -> float:
    higher = bool(METRICS[cell.cell.metric])
    others = sorted(
        {
            c.value.number for c in what.of_table(cell.paper, cell.table)
            if (c.cell.scale, c.cell.dataset, c.cell.metric) == (cell.cell.scale, cell.cell.dataset, cell.cell.metric)
            and c not in suspects and c.value.is_number
        },
        reverse=higher,
    )  # fmt: skip
    if not others:
        return cell.value.number
    beyond = others[0] + (1 if higher else -1) * cell.value.quantum
    if cell.cell.mark == "bold":
        return beyond
    return (others[0] + others[1]) / 2 if len(others) > 1 else others[0]
