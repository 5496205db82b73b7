"""A printed table in its own layout, every cell with what is printed, what we measured, and how they differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from srbench.leaderboard import marking
from srbench.leaderboard.bibliography import row_key
from srbench.leaderboard.published import PrintedCell, method_of
from srbench.leaderboard.schema import METRICS, Column, Mark, Paper, Table
from srbench.leaderboard.states import Comparison, State, row_states
from srbench.quantities import DEFAULT_QUALITY
from srbench.quantities.number_text import MISSING

View = Literal["printed", "measured", "difference"]
VIEWS: tuple[View, ...] = ("printed", "measured", "difference")
VIEW_TITLES: dict[View, str] = {"printed": "As printed", "measured": "Measured by us", "difference": "Difference"}
Place = Literal["", "best", "second"]
_QUALITY = (*DEFAULT_QUALITY, "lpips")
_AS_PRINTED: dict[Mark, Place] = {"bold": "best", "underline": "second", "none": ""}
_DIGITS = re.compile(r"^\d[\d,]*(?:\.(?P<decimals>\d+))?\s*(?P<suffix>[KMG]?)$")
# (a, b) of one column -> words about the difference of their measured PSNR if it is within noise, else "".
Noise = Callable[[Comparison, Comparison], str]


@dataclass(frozen=True)
class Part:
    """One number of a cell in its three views.

    ``places`` say how it is marked in each: as printed by the authors' own mark (bold "best", underline "second"), as
    measured by the column. ``computed`` is the place that the printed column earns, ``mark_differs`` says in words
    where that is not what the authors' mark means.
    """

    comparison: Comparison
    texts: dict[View, str]
    places: dict[View, Place]
    computed: Place = ""
    mark_differs: str = ""
    noise: str = ""

    @property
    def state(self) -> State:
        """Reproduced, off, ..."""
        return self.comparison.state


@dataclass(frozen=True)
class BodyCell:
    """The numbers of one printed column in one row, printed around ``separator``."""

    parts: tuple[Part, ...]
    separator: str


@dataclass(frozen=True)
class BodyRow:
    """A row: its leading texts (method, scale), its cells, its state, its place in the provenance list."""

    anchor: str
    leads: tuple[str, ...]
    method: str
    cells: tuple[BodyCell, ...]
    state: State
    cite: str = ""


@dataclass(frozen=True)
class BodyBlock:
    """Rows of one scale; ``title`` is printed where the paper prints it as a heading."""

    title: str
    rows: tuple[BodyRow, ...]


@dataclass(frozen=True)
class HeaderCell:
    """A heading over ``span`` columns; ``subs`` are the headings below it, all empty where there are none."""

    text: str
    subs: tuple[str, ...]

    @property
    def span(self) -> int:
        """Columns below."""
        return len(self.subs)


@dataclass(frozen=True)
class PaperTable:
    """A table ready to be written in any format."""

    paper: Paper
    table: Table
    leads: tuple[str, ...]
    header: tuple[HeaderCell, ...]
    blocks: tuple[BodyBlock, ...]
    counts: dict[State, int] = field(default_factory=dict)

    @property
    def ident(self) -> str:
        """Id for anchors, e.g. ``imdn2019-t5``."""
        return f"{self.paper.key}-{self.table.id}"

    @property
    def rows(self) -> list[BodyRow]:
        """All rows."""
        return [row for block in self.blocks for row in block.rows]

    @property
    def has_measured(self) -> bool:
        """Whether any cell has a measured value."""
        return any(part.comparison.measured is not None for part in parts_of(self))


def parts_of(table: PaperTable) -> list[Part]:
    """Every number of the table."""
    return [part for row in table.rows for cell in row.cells for part in cell.parts]


def like_printed(printed: PrintedCell, number: float, signed: bool = False) -> str:
    """``number`` (canonical unit) with the digits, separators and suffix of ``printed``.

    Differences are ``signed``; one that rounds to nothing has no sign.
    """
    match = _DIGITS.match(printed.value.text.strip())
    if match is None:
        return MISSING
    decimals = len(match["decimals"] or "")
    factor = printed.value.quantum * 10.0**decimals
    text = f"{number / factor:,.{decimals}f}"
    if "," not in printed.value.text and not signed:
        text = text.replace(",", "")
    if signed:
        zero = float(text.replace(",", "")) == 0
        text = f"{0:.{decimals}f}" if zero else text if text.startswith("-") else f"+{text}"
    return text.replace("-", "−") + match["suffix"]


def build(paper: Paper, table: Table, comparisons: Iterable[Comparison], noise: Noise | None = None) -> PaperTable:
    """Lay out ``table`` with its ``comparisons`` (all cells of the table, in the order of printing)."""
    found = [c for c in comparisons if (c.printed.paper, c.printed.table) == (paper.key, table.id)]
    parts = _parts(table, found, noise)
    states = row_states(found)
    counts = dict(Counter(c.state for c in found))
    if table.orientation == "columns":
        return _turned(paper, table, found, parts, states, counts)
    rows: dict[int, list[Comparison]] = {}
    for comparison in found:
        rows.setdefault(comparison.printed.cell.row_index, []).append(comparison)
    by_scale: list[tuple[int | None, list[BodyRow]]] = []
    for index, cells in sorted(rows.items()):
        first = cells[0].printed.cell
        row = BodyRow(
            anchor=f"p-{paper.key}-{table.id}-{index}",
            leads=tuple(_lead(name, first.row, first.scale) for name in table.row_header),
            method=method_of(first.row),
            cells=tuple(_cell(column, cells, parts) for column in table.columns),
            state=states[paper.key, table.id, index, first.scale],
            cite=row_key(first.row) or "",
        )
        if not by_scale or by_scale[-1][0] != first.scale:
            by_scale.append((first.scale, []))
        by_scale[-1][1].append(row)
    headings = table.scale_in == "heading"
    blocks = tuple(BodyBlock(f"Scale ×{scale}" if headings and scale else "", tuple(r)) for scale, r in by_scale)
    return PaperTable(paper, table, table.row_header, _header(table.columns), blocks, counts)


def _lead(name: str, row: str, scale: int | None) -> str:
    return (f"×{scale}" if scale else MISSING) if name == "Scale" else row


def _cell(column: Column, cells: Sequence[Comparison], parts: dict[int, Part]) -> BodyCell:
    found = []
    for metric in column.metrics:
        for comparison in cells:
            cell = comparison.printed.cell
            if cell.dataset == column.dataset and cell.metric.removesuffix("_trend") == metric:
                found.append(parts[id(comparison)])
    return BodyCell(tuple(found), column.separator)


def _header(columns: Sequence[Column]) -> tuple[HeaderCell, ...]:
    grouped: list[tuple[str, list[str]]] = []
    for column in columns:
        if grouped and grouped[-1][0] == column.header:
            grouped[-1][1].append(column.subheader)
        else:
            grouped.append((column.header, [column.subheader]))
    return tuple(HeaderCell(text, tuple(subs)) for text, subs in grouped)


def _turned(
    paper: Paper,
    table: Table,
    found: Sequence[Comparison],
    parts: dict[int, Part],
    states: dict[tuple[str, str, int, int | None], State],
    counts: dict[State, int],
) -> PaperTable:
    """A table whose methods are columns and whose rows are scales."""
    methods = dict(sorted({c.printed.cell.row_index: c.printed.cell.row for c in found}.items()))
    rows = []
    for scale in dict.fromkeys(c.printed.cell.scale for c in found):
        line = [c for c in found if c.printed.cell.scale == scale]
        cells = tuple(
            BodyCell(tuple(parts[id(c)] for c in line if c.printed.cell.row_index == index), "/") for index in methods
        )
        of_row = [states[paper.key, table.id, index, scale] for index in methods]
        anchor = f"p-{paper.key}-{table.id}-x{scale}"
        rows.append(BodyRow(anchor, (f"×{scale}",), f"×{scale}", cells, max(of_row, key=of_row.count)))
    header = tuple(HeaderCell(name, ("",)) for name in methods.values())
    return PaperTable(paper, table, table.row_header, header, (BodyBlock("", tuple(rows)),), counts)


def _parts(table: Table, found: Sequence[Comparison], noise: Noise | None) -> dict[int, Part]:
    """The parts by ``id`` of their comparison, with places computed per column and scale."""
    marked = {c.printed.cell.metric for c in found if c.printed.cell.mark != "none"}
    if table.kind in ("quality", "ablation"):
        marked.update(_QUALITY)
    columns: dict[tuple[int | None, str, str], list[Comparison]] = {}
    for comparison in found:
        cell = comparison.printed.cell
        columns.setdefault((cell.scale, cell.dataset, cell.metric), []).append(comparison)
    parts: dict[int, Part] = {}
    for (_, _, metric), column in columns.items():
        better = METRICS[metric] if metric in marked else None
        ranked = {} if better is None else {m.cell: m for m in marking.of_column(table, [c.printed for c in column])}
        ours = _places([_measured_number(c, table) for c in column], better)
        close = _within_noise(column, table, noise) if noise and metric == DEFAULT_QUALITY[0] else {}
        for comparison, own in zip(column, ours, strict=True):
            earned = ranked.get(comparison.printed)
            parts[id(comparison)] = Part(
                comparison=comparison,
                texts=_texts(comparison),
                places={"printed": _AS_PRINTED[comparison.printed.cell.mark], "measured": own, "difference": ""},
                computed=(earned.place or "") if earned else "",
                mark_differs=marking.words(earned) if earned else "",
                noise=close.get(id(comparison), ""),
            )
    return parts


def _measured_number(comparison: Comparison, table: Table) -> float | None:
    """The measured value in steps of the printed digits, so that what prints alike ties."""
    if comparison.measured is None or comparison.printed.cell.row in table.unmarked_rows:
        return None
    return float(round(comparison.measured / comparison.printed.value.quantum))


def _places(values: Sequence[float | None], better: bool | None) -> list[Place]:
    if better is None:
        return [""] * len(values)
    return [place or "" for place in marking.places_of(values, better)]


def _texts(comparison: Comparison) -> dict[View, str]:
    printed, number, difference = comparison.printed, comparison.measured, comparison.difference
    return {
        "printed": printed.cell.value,
        "measured": MISSING if number is None else like_printed(printed, number),
        "difference": MISSING if difference is None else like_printed(printed, difference, signed=True),
    }


def _within_noise(column: Sequence[Comparison], table: Table, noise: Noise) -> dict[int, str]:
    """For the best measured cell and the next: words where they are within noise of each other."""
    known = [c for c in column if c.measured is not None and c.printed.cell.row not in table.unmarked_rows]
    order = sorted(known, key=lambda c: -(c.measured or 0.0))
    if len(order) < 2:
        return {}
    words = noise(order[0], order[1])
    return {id(order[0]): words, id(order[1]): words} if words else {}
