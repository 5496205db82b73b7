"""A paper's table out of entries: laid out by scale as IMDN's Table 5, or one row per method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from srbench.errors import SrbenchError
from srbench.leaderboard import bibliography
from srbench.quantities import DEFAULT_QUALITY, Quantity, get_quantity
from srbench.quantities.number_text import MISSING
from srbench.report.formats import Export
from srbench.report.grid import Block, Cell, Grid, Span, plain
from srbench.report.handin.entries import Entry, Figure, Measured, find, is_finite
from srbench.report.handin.sentences import caption, listed, marks_sentence
from srbench.report.runtable import column_marks
from srbench.results.record import ENSEMBLE_VIEWS

Layout = Literal["paper", "rows"]
LAYOUTS: tuple[Layout, ...] = ("paper", "rows")
PRINTED, BY_US = "†", "‡"
COSTS = ("params", "macs")
"""Costs that a table shows unless it is told otherwise, where any row has them."""


@dataclass(frozen=True)
class TableSpec:
    """How the table is to look.

    Attributes:
        layout: "paper": a block per scale, a column per dataset; "rows": one row per method.
        scales: in this order; by default all that are measured.
        datasets: titles in this order; by default all that are measured.
        columns: quantities in this order, costs and quality; by default parameters, MACs, PSNR and SSIM.
        order: methods in this order, the others behind them by year.
        titles: other names for methods, by name or title.
        ours: a method that stands last, called "(ours)".
        marks: "best", "second", or nothing.
        digits: decimals by quantity, where the quantity's own are not wanted.
        caption: in the place of the sentence that says what is shown.
        label: for LaTeX.
        wide: over two columns of a paper.
        cite: whether methods cite their papers.
    """

    layout: Layout = "paper"
    scales: tuple[int, ...] = ()
    datasets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    ours: str | None = None
    marks: tuple[str, ...] = ("best", "second")
    digits: Mapping[str, int] = field(default_factory=dict)
    caption: str | None = None
    label: str = "tab:comparison"
    wide: bool = False
    cite: bool = True


@dataclass(frozen=True)
class _Plan:
    spec: TableSpec
    entries: tuple[Entry, ...]
    scales: tuple[int, ...]
    datasets: tuple[str, ...]
    costs: tuple[Quantity, ...]
    quality: tuple[Quantity, ...]

    def has(self, entry: Entry, scale: int) -> bool:
        """Whether a method has a row at a scale: quality in any column; where none is shown, a cost."""
        if not self.quality:
            return any(entry.at(scale, "", q.name) for q in self.costs)
        return any(entry.at(scale, name, q.name) for name in self.datasets for q in self.quality)

    def text(self, quantity: Quantity, figure: Figure | None) -> str:
        if figure is None:
            return MISSING
        digits = self.spec.digits.get(quantity.name)
        if figure.printed and not (quantity.style == "count" and figure.printed.endswith("K")):
            return figure.printed
        if digits is not None and quantity.style == "fixed" and is_finite(figure):
            return f"{figure.value:.{digits}f}"
        return quantity.text(figure.value)

    def rounded(self, quantity: Quantity, figure: Figure | None) -> float | None:
        """As far as it is printed, so that equal digits share a mark."""
        if figure is None or not is_finite(figure):
            return None if figure is None else figure.value
        digits = self.spec.digits.get(quantity.name, quantity.digits)
        return round(figure.value, digits) if quantity.style == "fixed" else figure.value


def paper_table(known: Measured, printed: Sequence[Entry], spec: TableSpec) -> Export:
    """The table of measured and printed entries, ready for every format.

    Its rows (CSV, JSON) are those of the table with full precision; its bibliography stands in :func:`bibtex`.

    Raises:
        SrbenchError: nothing to show, or a name in ``spec`` that leads to nothing.
    """
    plan = _plan(known, printed, spec)
    grid = _by_scale(plan, known) if spec.layout == "paper" else _by_method(plan, known)
    rows = tuple(_data(plan, entry, scale) for scale in plan.scales for entry in plan.entries if plan.has(entry, scale))
    return Export("srbench.paper-table/1", rows, (grid,))


def _plan(known: Measured, printed: Sequence[Entry], spec: TableSpec) -> _Plan:
    entries = (*known.entries, *printed)
    if not entries:
        raise SrbenchError(
            "there is nothing to make a table of: no results and no --published rows; "
            "give folders that srbench run --results wrote."
        )
    base = known.entries or tuple(printed)
    spots = [spot for entry in base for spot in entry.figures]
    scales = spec.scales or tuple(sorted({spot.scale for spot in spots}))
    titles = list(dict.fromkeys(spot.dataset for spot in spots if spot.dataset))
    datasets = spec.datasets or tuple(sorted(titles, key=_place_of))
    measured = {spot.quantity for spot in spots}
    columns = spec.columns or tuple(name for name in (*COSTS, *DEFAULT_QUALITY) if name in measured)
    found = [get_quantity(name) for name in columns]
    costs, quality = tuple(q for q in found if not q.of_images), tuple(q for q in found if q.of_images)
    shown_sets = datasets if quality else ()  # costs are of no dataset
    plan = _Plan(spec, _ordered(entries, spec), scales, shown_sets, costs, quality)
    shown = tuple(entry for entry in plan.entries if any(plan.has(entry, scale) for scale in scales))
    if not shown:
        what = ", ".join(quantity.title for quantity in (quality or costs))
        raise SrbenchError(f"no method has {what} at x{', x'.join(map(str, scales))}; give other scales or columns.")
    return replace(plan, entries=shown)


def _place_of(title: str) -> tuple[int, str]:
    from srbench.datasets.facts import dataset_facts

    titles = [facts.title for facts in dataset_facts().values()]
    plain_title = title.partition(" (")[0]
    return (titles.index(plain_title) if plain_title in titles else len(titles), title)


def _ordered(entries: Sequence[Entry], spec: TableSpec) -> tuple[Entry, ...]:
    """By year and as they come; those of ``order`` first, those of ``ours`` last."""
    last = list(find(entries, spec.ours)) if spec.ours else []
    last = [entry for entry in last if not entry.printed_in] or last
    first = [entry for name in spec.order for entry in find(entries, name) if entry not in last]
    rest = [entry for entry in sorted(entries, key=lambda entry: entry.year) if entry not in (*first, *last)]
    return tuple(dict.fromkeys((*first, *rest, *last)))


def _by_scale(plan: _Plan, known: Measured) -> Grid:
    """Blocks of one scale: method, scale, costs, and PSNR/SSIM per dataset, as IMDN's Table 5."""
    together = "/".join(quantity.title for quantity in plan.quality)
    over = [("Method", 1), ("Scale", 1), *((q.title, 1) for q in plan.costs), *((name, 1) for name in plan.datasets)]
    header = ["", "", *("" for _ in plan.costs), *(together for _ in plan.datasets)]
    blocks = []
    for scale in plan.scales:
        entries = [entry for entry in plan.entries if plan.has(entry, scale)]
        columns = [_costs(plan, entries, scale, q) for q in plan.costs]
        columns += [_joined(plan, entries, scale, name) for name in plan.datasets]
        lead = [(_name(plan, entry), plain(f"×{scale}")) for entry in entries]
        rows = tuple((*front, *cells) for front, cells in zip(lead, _rows(columns, len(entries)), strict=True))
        blocks.append(Block("", rows, _cites(plan, entries)))
    return _grid(plan, known, (tuple(over), tuple(header)), "lc" + "r" * (len(header) - 2), tuple(blocks))


def _by_method(plan: _Plan, known: Measured) -> Grid:
    """One row per method; of one scale a column per quantity, of several a column per dataset under each scale."""
    over: list[tuple[str, int]] = [("Method", 1)]
    header, columns = [""], []
    one = len(plan.scales) == 1
    for scale in plan.scales:
        for quantity in plan.costs:
            columns.append(_costs(plan, plan.entries, scale, quantity))
            header.append("" if one else quantity.title)
        if one:
            over += [(quantity.title, 1) for quantity in plan.costs]
        else:
            over.append((f"×{scale}", len(plan.costs) + len(plan.datasets)))
        for name in plan.datasets:
            if one:
                columns += [_single(plan, plan.entries, scale, name, quantity) for quantity in plan.quality]
                header += [quantity.title for quantity in plan.quality]
                over.append((name, len(plan.quality)))
            else:
                columns.append(_joined(plan, plan.entries, scale, name))
                header.append(name)
    body = _rows(columns, len(plan.entries))
    rows = tuple((_name(plan, entry), *cells) for entry, cells in zip(plan.entries, body, strict=True))
    block = Block("", rows, _cites(plan, plan.entries))
    return _grid(plan, known, (tuple(over), tuple(header)), "l" + "r" * (len(header) - 1), (block,))


_Heads = tuple[tuple[tuple[str, int], ...], tuple[str, ...]]


def _grid(plan: _Plan, known: Measured, heads: _Heads, align: str, blocks: tuple[Block, ...]) -> Grid:
    spec = plan.spec
    text = spec.caption
    if text is None:
        names = [quantity.name for quantity in plan.quality] or [quantity.name for quantity in plan.costs]
        first = caption(names, plan.datasets if plan.quality else (), plan.scales, known.protocol)
        text = " ".join(filter(None, (first, marks_sentence(spec.marks if plan.quality else ()))))
    fit: Literal["page", "column"] = "page" if spec.wide else "column"
    return Grid(text, heads[1], align, blocks, _notes(plan, known), spec.label, over=heads[0], fit=fit)


def _rows(columns: Sequence[Sequence[Cell]], count: int) -> list[tuple[Cell, ...]]:
    return [tuple(column[index] for column in columns) for index in range(count)]


def _name(plan: _Plan, entry: Entry) -> Cell:
    ours = plan.spec.ours is not None and entry in find(plan.entries, plan.spec.ours) and not entry.printed_in
    mark = PRINTED if entry.printed_in else BY_US if entry.trained_by_us else ""
    return plain(f"{entry.title}{mark}{' (ours)' if ours else ''}")


def _cites(plan: _Plan, entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(entry.cite if plan.spec.cite else "" for entry in entries)


def _costs(plan: _Plan, entries: Sequence[Entry], scale: int, quantity: Quantity) -> list[Cell]:
    return [plain(plan.text(quantity, entry.at(scale, "", quantity.name))) for entry in entries]


def _single(plan: _Plan, entries: Sequence[Entry], scale: int, dataset: str, quantity: Quantity) -> list[Cell]:
    return [(span,) for span in _marked(plan, entries, scale, dataset, quantity)]


def _marked(plan: _Plan, entries: Sequence[Entry], scale: int, dataset: str, quantity: Quantity) -> list[Span]:
    figures = [entry.at(scale, dataset, quantity.name) for entry in entries]
    marks = column_marks([plan.rounded(quantity, figure) for figure in figures], quantity)
    return [
        Span(plan.text(quantity, figure), mark if mark in plan.spec.marks else "")
        for figure, mark in zip(figures, marks, strict=True)
    ]


def _joined(plan: _Plan, entries: Sequence[Entry], scale: int, dataset: str) -> list[Cell]:
    columns = [_marked(plan, entries, scale, dataset, quantity) for quantity in plan.quality]
    cells: list[Cell] = []
    for spans in zip(*columns, strict=True):
        if all(span.text == MISSING for span in spans):
            cells.append(plain(MISSING))
            continue
        joined: list[Span] = []
        for span in spans:
            joined += [Span("/"), span] if joined else [span]
        cells.append(tuple(joined))
    return cells or [plain(MISSING) for _ in entries]


def _notes(plan: _Plan, known: Measured) -> tuple[str, ...]:
    found: list[str] = []
    places: dict[str, list[str]] = {}
    for entry in plan.entries:
        if entry.printed_in:
            places.setdefault(entry.printed_in, []).append(entry.title)
    if places:
        sources = "; ".join(f"{listed(list(dict.fromkeys(names)))}: {place}" for place, names in places.items())
        found.append(f"{PRINTED} As printed, not measured here ({sources}).")
    if any(entry.trained_by_us for entry in plan.entries):
        found.append(f"{BY_US} Trained by srbench with one recipe for all, not the authors' weights.")
    if any(entry.ensemble for entry in plan.entries):
        found.append(
            f"+: mean over the {ENSEMBLE_VIEWS} flips and turns of the image (self-ensemble); MACs of all passes."
        )
    if any(quantity.name.partition(":")[0] == "macs" for quantity in plan.costs) and known.counted:
        kind, _, size = known.counted.partition(", convention")[0].replace("x", "×").partition(" ")
        found.append(f"MACs: multiply-accumulates for an {kind} image of {size}.")
    return tuple(found)


def _data(plan: _Plan, entry: Entry, scale: int) -> dict[str, Any]:
    def value(figure: Figure | None) -> float | None:
        return None if figure is None else figure.value

    return {
        "method": entry.title,
        "model": entry.name,
        "scale": scale,
        "source": "printed" if entry.printed_in else "measured",
        "printed_in": entry.printed_in or None,
        "trained_by_us": entry.trained_by_us,
        **{quantity.name: value(entry.at(scale, "", quantity.name)) for quantity in plan.costs},
        **{
            f"{dataset} {quantity.name}": value(entry.at(scale, dataset, quantity.name))
            for dataset in plan.datasets
            for quantity in plan.quality
        },
    }


def rowless(export: Export, known: Measured) -> tuple[str, ...]:
    """Sentences about measured methods that have no row at some scale of the table."""
    shown = {(row["model"], row["scale"]) for row in export.rows}
    scales = {scale for _, scale in shown}
    missing = {
        f"{entry.title} x{scale} has costs alone and no row"
        for entry in known.entries
        for scale in entry.scales
        if scale in scales and (entry.name, scale) not in shown
    }
    return tuple(sorted(missing))


def bibtex(export: Export) -> str:
    """A .bib file with the entries that the table cites; "" where it cites nobody."""
    keys = {key for grid in export.grids for block in grid.blocks for key in block.cites if key}
    return bibliography.bibtex(sorted(keys)) if keys else ""
