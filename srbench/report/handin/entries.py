"""Methods with all that is known of them at any scale: measured from results, or as a paper printed them.

The two never mix: an entry is one or the other, and says which.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from srbench.datasets.facts import dataset_title
from srbench.errors import SrbenchError, unknown_name
from srbench.leaderboard import bibliography, published
from srbench.leaderboard.published import PrintedCell, method_of
from srbench.leaderboard.schema import QUANTITY_OF
from srbench.quantities import quantities
from srbench.report.runtable import Column, Group, Row, groups
from srbench.results.collection import Results, cost_at, hr720_size, shown_counts


class Spot(NamedTuple):
    """Where a figure belongs: scale, title of the dataset ("" for costs), name of the quantity."""

    scale: int
    dataset: str
    quantity: str


@dataclass(frozen=True)
class Figure:
    """A number as stored, and the digits of print where it is printed."""

    value: float
    printed: str = ""


@dataclass(frozen=True, eq=False)
class Entry:
    """A method. ``printed_in`` says where its figures are printed; it is empty where we measured them."""

    name: str
    title: str
    figures: Mapping[Spot, Figure]
    cite: str = ""
    printed_in: str = ""
    trained_by_us: bool = False
    ensemble: bool = False
    year: int = 0
    remarks: tuple[str, ...] = field(default=())

    def at(self, scale: int, dataset: str, quantity: str) -> Figure | None:
        """What is known at a scale of a dataset ("" for costs)."""
        return self.figures.get(Spot(scale, dataset, quantity))

    @property
    def scales(self) -> tuple[int, ...]:
        """Scales that anything is known at."""
        return tuple(sorted({spot.scale for spot in self.figures}))


@dataclass(frozen=True)
class Measured:
    """Entries of one protocol; ``protocol`` are its parameters, ``counted`` says how MACs were counted."""

    entries: tuple[Entry, ...]
    protocol: Mapping[str, object]
    counted: str = ""
    left_out: tuple[str, ...] = ()


def measured(results: Results, protocol: str | None = None, datasets: Sequence[str] = ()) -> Measured:
    """The methods of ``results`` under one protocol: the one asked for, or the papers' own where it is there.

    A dataset whose images were made in several ways counts with LR made by imresize of all its images, where that
    is there; ``left_out`` says what was not taken. ``datasets`` are names; by default all.

    Raises:
        SrbenchError: no result under that protocol, or of a dataset.
    """
    every = groups(results)
    chosen = _protocol(every, protocol)
    wanted = [group for group in every if group.protocol in (chosen, "")]
    titles, left_out = _columns(wanted, datasets)
    found: dict[tuple[str, str, str, str], list[tuple[Group, Row]]] = {}
    for group in wanted:
        names = {(row.model, row.weights.origin, row.apart, row.weights.name) for row in group.rows}
        alike = Counter(name[:3] for name in names)
        for row in group.rows:
            key = (row.model, row.weights.origin, row.apart)
            found.setdefault((*key, row.weights.name if alike[key] > 1 else ""), []).append((group, row))
    entries = [_entry(places, titles, several=bool(key[3])) for key, places in found.items()]
    counted = next((group.counting.label for group in wanted if group.counting), "")
    parameters = next((group.parameters for group in wanted if group.protocol), {})
    entries.sort(key=lambda entry: (entry.year, entry.title))
    return Measured(tuple(entries), parameters, counted, left_out)


def _protocol(every: Sequence[Group], wanted: str | None) -> str:
    known = list(dict.fromkeys(group.protocol for group in every if group.protocol))
    if wanted is None:
        return known[0] if known else ""
    for name in known:
        if wanted.lower() in (name.lower(), name.partition("@")[0].lower()):
            return name
    raise unknown_name("protocol of these results", wanted, known)


ColumnKey = tuple[str, str, "int | None", str]


def _key(column: Column) -> ColumnKey:
    return column.dataset, column.lr, column.limit, column.label


def _columns(wanted: Sequence[Group], names: Sequence[str]) -> tuple[dict[ColumnKey, str], tuple[str, ...]]:
    """The title of every set of images that is taken, and sentences about those that are not."""
    every = {_key(column): column for group in wanted for column in group.columns}
    known = list(dict.fromkeys(column.dataset for column in every.values()))
    for name in names:
        if known and name.lower() not in [dataset.lower() for dataset in known]:
            raise unknown_name("dataset of these results", name, known)
    titles: dict[ColumnKey, str] = {}
    left_out = []
    for dataset in known:
        if names and dataset.lower() not in [name.lower() for name in names]:
            continue
        kinds = [key for key in every if key[0] == dataset]
        usual = [key for key in kinds if key[1] == "imresize" and key[2] is None]
        titles |= {key: every[key].label for key in (usual or kinds)}
        if usual:
            left_out += [f"{every[key].label} is left out beside {every[usual[0]].label}" for key in kinds
                         if key not in usual]  # fmt: skip
    return titles, tuple(left_out)


def _entry(places: Sequence[tuple[Group, Row]], titles: Mapping[ColumnKey, str], several: bool) -> Entry:
    first = places[0][1]
    figures: dict[Spot, Figure] = {}
    for group, row in places:
        figures |= _costs(group, row)
    figures |= _quality(places, titles)
    known = bibliography.entries()
    cite = first.paper if first.paper in known else bibliography.row_key(first.network_title) or ""
    remarks = tuple(dict.fromkeys(sentence for _, row in places for _, _, sentence in row.remarks))
    return Entry(
        name=f"{first.model}{first.apart}",
        title=_title(first, several),
        figures=figures,
        cite=cite,
        trained_by_us=first.weights.origin == "bundled",
        ensemble="+" in first.apart,
        year=first.year,
        remarks=remarks,
    )


def _quality(places: Sequence[tuple[Group, Row]], titles: Mapping[ColumnKey, str]) -> dict[Spot, Figure]:
    """Of two results of one cell, such as before and after an edit of the network's file, the newer stands."""
    found: list[tuple[str, Spot, Figure]] = []
    for group, row in places:
        for column, value in zip(group.columns, row.values, strict=True):
            title = titles.get(_key(column))
            if value is None or title is None:
                continue
            for quantity in group.quantities:
                number = value.of(quantity.name)
                if number is not None:
                    found.append((value.record.created, Spot(group.scale, title, quantity.name), Figure(number)))
    return {spot: figure for _, spot, figure in sorted(found, key=lambda one: one[0])}


def _title(row: Row, several: bool) -> str:
    title = row.title
    if row.model == row.network_title and ":" in title:  # an unregistered network: the class without its file
        title = title.rpartition(":")[2].partition("(")[0] + row.apart
    return f"{title} ({row.weights.name.rpartition(':')[2]})" if several else title


def _costs(group: Group, row: Row) -> dict[Spot, Figure]:
    names = dict.fromkeys(name for cost in row.costs for name in cost.values)
    passes = row.macs.passes if row.macs is not None else 1
    found = {}
    for name in names:  # all of one size of image, whichever convention counts
        shown = shown_counts(row.costs, group.scale, name)
        if shown is not None:
            found[name] = shown.values[name] * (passes if name.startswith("macs:") else 1)
    if row.macs is not None and row.macs.counting.quantity.name == "macs":
        found["macs"] = row.macs.value
    timed = cost_at(row.costs, "runtime")
    if timed is not None:
        found["runtime"] = timed.values["runtime"]
    return {Spot(group.scale, "", name): Figure(value) for name, value in found.items()}


def printed(names: Iterable[str], scales: Sequence[int] = (), datasets: Sequence[str] = ()) -> tuple[Entry, ...]:
    """Rows of published tables, one per name, each from the one table that prints most of what is asked for.

    Args:
        names: of registered models or methods as printed, such as ``carn``; ``carn@rfdn2020`` names the paper too.
        scales: that count; by default all.
        datasets: titles that count; by default all.

    Raises:
        SrbenchError: a name that no published table has a row of at these scales.
    """
    return tuple(_printed(name, scales, datasets) for name in names)


def _printed(name: str, scales: Sequence[int], datasets: Sequence[str]) -> Entry:
    method, _, paper = name.partition("@")
    every = published.cells([paper] if paper else None)
    mine = [cell for cell in every if method.lower() in (cell.cell.model.lower(), cell.method.lower())]
    if not mine:
        known = {cell.cell.model or cell.method for cell in every}
        kind = f"method of the published tables{f' of {paper}' if paper else ''}"
        raise unknown_name(kind, method, known, also="another row of a paper's table (srbench leaderboard show)")
    rows: dict[tuple[str, str, str], list[PrintedCell]] = {}
    for cell in mine:
        here = cell.cell.scale is not None and (not scales or cell.cell.scale in scales) and cell.value.is_number
        title = dataset_title(cell.cell.dataset) if cell.cell.dataset else ""
        if here and (not title or not datasets or title in datasets):
            rows.setdefault((cell.paper, cell.table, cell.cell.row), []).append(cell)
    with_quality = {key: cells for key, cells in rows.items() if any(cell.cell.dataset for cell in cells)}
    if not with_quality:
        at = ", ".join(f"x{scale}" for scale in scales) or "any scale"
        raise SrbenchError(f"no published table prints '{method}' at {at} on {', '.join(datasets) or 'any dataset'}.")
    best = max(with_quality, key=lambda key: (_counted(with_quality[key]), -published.paper(key[0]).year))
    return _printed_entry(best, with_quality[best])


def _taken(cell: PrintedCell) -> bool:
    """Costs that depend on the size of the image are taken only where they are of HR 1280x720, as ours are."""
    if cell.cell.metric not in ("macs", "activations"):
        return True
    cost = published.paper(cell.paper).table(cell.table).cost
    scale = cell.cell.scale or 1
    return cost is not None and cost.size_at(scale) == hr720_size(scale)


def _counted(cells: Sequence[PrintedCell]) -> int:
    return len({(cell.cell.scale, cell.cell.dataset, cell.cell.metric) for cell in cells if _taken(cell)})


def _printed_entry(key: tuple[str, str, str], cells: Sequence[PrintedCell]) -> Entry:
    paper_key, table, row = key
    paper = published.paper(paper_key)
    per_unit = {quantity.name: quantity.stored_per_unit for quantity in quantities()}
    figures = {}
    for cell in cells:
        name = QUANTITY_OF.get(cell.cell.metric, cell.cell.metric)
        if name in per_unit and _taken(cell):
            title = dataset_title(cell.cell.dataset) if cell.cell.dataset else ""
            value = cell.value.number * per_unit[name]
            figures[Spot(cell.cell.scale or 0, title, name)] = Figure(value, published.with_unit(cell))
    return Entry(
        name=cells[0].cell.model or method_of(row),
        title=method_of(row),
        figures=figures,
        cite=bibliography.row_key(row) or "",
        printed_in=f"{paper.table(table).number} of the {paper.short} paper ({paper.year})",
        year=_year(bibliography.row_key(row) or "", paper.year),
    )


def _year(key: str, otherwise: int) -> int:
    """The year that a BibTeX key of ours ends in."""
    return int(key[-4:]) if key[-4:].isdigit() else otherwise


def retitled(entries: Iterable[Entry], titles: Mapping[str, str]) -> tuple[Entry, ...]:
    """The entries under other titles, by name or title.

    Raises:
        SrbenchError: a name that no entry has.
    """
    known = tuple(entries)
    for name in titles:
        find(known, name)
    lower = {name.lower(): title for name, title in titles.items()}
    return tuple(
        replace(entry, title=lower.get(entry.name.lower(), lower.get(entry.title.lower(), entry.title)))
        for entry in known
    )


def find(entries: Sequence[Entry], name: str) -> tuple[Entry, ...]:
    """The entries called ``name``, measured or printed.

    Raises:
        SrbenchError: there is none.
    """
    found = tuple(entry for entry in entries if name.lower() in (entry.name.lower(), entry.title.lower()))
    if not found:
        raise unknown_name("method of these results", name, [entry.name for entry in entries])
    return found


def is_finite(figure: Figure | None) -> bool:
    """Whether there is a number that an axis can show."""
    return figure is not None and math.isfinite(figure.value)
