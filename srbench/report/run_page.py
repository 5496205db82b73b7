"""The page of ``srbench run``: one self-contained HTML file, a pure function of the results."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from srbench.leaderboard.published import PrintedCell
from srbench.metrics.protocol_text import protocol_sentence
from srbench.quantities import Quantity, counted_as, get_quantity
from srbench.quantities.number_text import MISSING
from srbench.report import later, numbers, pairs, printed_points, run_provenance, scatter, session_page, tables
from srbench.report.figure_data import axis_label
from srbench.report.machine_text import facts
from srbench.report.remarks import labelled_remarks
from srbench.report.run_costs import (
    KINDS,
    common_size,
    cost_table,
    doubts_of,
    live_memory,
    other_costs,
    rate,
    runtime_chart,
    size_text,
)
from srbench.report.runtable import Group, Row, groups, slug
from srbench.report.templating import page as render_page
from srbench.report.unsteady import glossary, marked
from srbench.results.collection import Results
from srbench.results.words import INSTEAD, NO_WEIGHTS, TAKEN

FIRST_SCALE = 4
MOST_IMAGES = 2000
"""Images that the page lists one by one; the results hold all."""
_FIXED_COLUMNS = 4
"""Of a group's table, before those of the datasets: method, weights, parameters, MACs."""


@dataclass(frozen=True)
class Chart:
    """The scatter of one dataset of one group; ``group`` and ``column`` say which column of which table it shows."""

    group: str
    column: int
    title: str
    quantity: str
    points: int
    by_params: str
    kinds: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class ImageTable:
    """Per-image quality: (title, model headings, rows of (image, texts))."""

    title: str
    models: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]

    @property
    def json(self) -> Markup:
        """The table, made by the page when it is opened."""
        return later.table(
            ("Image", *self.models), [(image, *("/".join(texts) for texts in cells)) for image, cells in self.rows]
        )


@dataclass(frozen=True)
class Beside:
    """What a site sets beside the results of a page: words, links, and printed cells.

    ``answer`` is the page's first sentence; ``clock`` are runtimes of one session;
    ``published`` are the cells that its chart shows hollow when asked.
    """

    intro: str = ""
    nav: Sequence[tuple[str, str]] = ()
    published: Sequence[PrintedCell] = ()
    answer: str = ""
    clock: session_page.Clock | None = None


NOTHING_BESIDE = Beside()


def html(
    results: Results,
    machines: Mapping[str, Mapping[str, Any]],
    title: str = "Results",
    apart: Sequence[tuple[str, str]] = (),
    costs: Sequence[str] = (),
    beside: Beside = NOTHING_BESIDE,
) -> str:
    """The page as text: the same results give the same bytes, in whatever order they come."""
    arranged = sorted(groups(results, costs), key=_tab_order)
    if beside.clock is not None:
        arranged = [beside.clock.beside_costs(group) for group in arranged]
    charts = [chart for group in arranged for chart in charts_of(group)]
    cost_columns, networks = cost_table(arranged)
    return render_page(
        "run.html.j2",
        title=title,
        groups=arranged,
        **table_values(),
        swaps=_labelled(arranged, INSTEAD),
        taken=_labelled(arranged, TAKEN),
        weightless=_labelled(arranged, NO_WEIGHTS),
        what=tables.what,
        protocol_sentence=protocol_sentence,
        first_chart=max(charts, key=lambda chart: chart.points, default=None),
        printed=printed_points.as_json(beside.published, {group.scale for group in arranged}),
        provenance=run_provenance.entries(arranged),
        data=run_provenance.images(results.quality),
        answer=beside.answer,
        images=[table for group in arranged for table in _image_tables(group)],
        machines=[(name, facts(machines.get(name))) for name in sorted({record.machine for record in results.records})],
        dates=sorted({record.created[:10] for record in results.records}),
        versions=_versions(results),
        notes=lambda group: tables.notes(group, substitutions=False),
        legend=legend,
        cost_columns=cost_columns,
        rate=rate,
        runtime_chart=runtime_chart(networks if beside.clock is None else ()),
        costs=networks,
        others=other_costs(networks),
        giga=numbers.giga_text,
        counted_as=counted_as,
        marked=marked,
        unsteady=glossary(doubts_of(networks)) if beside.clock is None else "",
        runtime_size=common_size(networks, "runtime"),
        live_memory=live_memory,
        memory_size=common_size(networks, "memory"),
        significance=[(q, len(two), later.of_pairs(q, two)) for q, two in pairs.of_every_quantity(results.quality)],
        nav=beside.nav,
        intro=beside.intro,
        clock=beside.clock,
        apart=apart,
    )


def _tab_order(group: Group) -> tuple[bool, int]:
    """The usual scale first, then the others from the largest; protocols stay in their order."""
    return group.scale != FIRST_SCALE, -group.scale


def table_values() -> dict[str, Any]:
    """What the template of a group's table needs besides the group and the file of its rows' provenance."""
    return {
        "text": _text,
        "short": _short,
        "macs_heading": _macs_heading,
        "missing": tables.missing_text,
        "missing_short": _missing_short,
        "row_id": lambda group, row: f"{group.ident}-{row.key}",
        "size": size_text,
        "table_facts": _table_facts,
        "v": _sortable,
        "net": lambda row: f"{slug(row.model)}-{row.source_sha256[:6]}",
    }


def _table_facts(group: Group) -> tuple[Callable[[float | None], str], Callable[[float | None], str], str, bool]:
    """How its columns of parameters and MACs are written, the one machine of all rows, whether any row has remarks."""
    params = numbers.column_style([row.parameters for row in group.rows], 1e3)
    macs = numbers.column_style([row.macs.value if row.macs else None for row in group.rows], 1e9)
    machines = {machine for row in group.rows for machine in row.machines}
    return params, macs, machines.pop() if len(machines) == 1 else "", any(row.remarks for row in group.rows)


def _sortable(value: float | None) -> str:
    """A value for sorting, charts and tooltips: counts exactly, others to nine digits; "" where there is none."""
    if value is None:
        return ""
    return f"{value:.0f}" if math.isfinite(value) and float(value).is_integer() else f"{value:.9g}"


def _text(quantity: Quantity, value: float | None) -> str:
    """A value as its quantity prints it."""
    return quantity.text(value)


def _labelled(arranged: Sequence[Group], label: str) -> list[str]:
    every = labelled_remarks([row for group in arranged for row in group.rows])
    return [line for kind, line in every if kind == label]


def _missing_short(row: Row) -> str:
    """What stands in a cell without quality; that there are no weights stands in the row already."""
    return MISSING if row.weights.origin == "none" else tables.missing_text(row)


def _short(machine: str) -> str:
    """The end of a long machine id, which tells machines apart; the whole one is the link's title."""
    return machine if len(machine) <= 14 else machine[-8:]


def _versions(results: Results) -> list[tuple[str, str]]:
    found: dict[str, set[str]] = {}
    for record in results.records:
        for name, version in record.versions.items():
            found.setdefault(name, set()).add(version)
    return [(name, ", ".join(sorted(found[name]))) for name in sorted(found)]


def _macs_heading(group: Group) -> str:
    return group.counting.label if group.counting else ""


def charts_of(group: Group) -> list[Chart]:
    """The scatters of a group, one per dataset that has a point."""
    return [chart for place in range(len(group.columns)) if (chart := _chart(group, place)) is not None]


def _chart(group: Group, place: int) -> Chart | None:
    """The group's first quantity on one dataset against parameters; None without a point."""
    column, first, params = group.columns[place], group.quantities[0], get_quantity("params")
    by_params: list[scatter.Point] = []
    left_out = []
    for row in group.rows:
        value = row.values[place]
        y = value.of(first.name) if value else None
        if value is None or y is None:
            continue
        if math.isinf(y) or not row.parameters or row.parameters < 0 or not row.macs or row.macs.value <= 0:
            reason = "identical images" if math.isinf(y) else "nothing to count"
            left_out.append(f"{_name(row, group)} {with_unit(first, y)} ({reason})")
            continue
        quality = " / ".join(with_unit(quantity, value.of(quantity.name)) for quantity in group.quantities)
        cost = f"{params.text(row.parameters)} parameters, {row.macs.text} MACs"
        point = scatter.Point(
            key=row.key,
            target=f"{group.ident}-{row.key}",
            label=_name(row, group),
            x=row.parameters,
            y=y,
            kind=KINDS[row.weights.origin],
            tip=f"{row.title}, {row.weights.name}: {quality}, {cost}",
        )
        by_params.append(point)
    if not by_params:
        return None
    where = f"{column.label}, ×{group.scale}, {group.protocol}"
    y_label, lower = axis_label(first), first.direction == "lower"
    drawn = scatter.scatter_svg(
        by_params, axis_label(params), y_label, f"{first.title} against parameters, {where}", lower_is_better=lower
    )
    kinds = tuple(sorted({point.kind for point in by_params}))
    at = _FIXED_COLUMNS + len(group.costs) + place * len(group.quantities)
    return Chart(group.ident, at, where, first.title, len(by_params), drawn, kinds, tuple(left_out))


def with_unit(quantity: Quantity, value: float | None) -> str:
    """A value as printed, with its unit."""
    return f"{quantity.text(value)} {quantity.unit}".strip()


def _name(row: Row, group: Group) -> str:
    """The row's title; with the weights' tag where the group shows the model more than once."""
    same = [other for other in group.rows if other.model == row.model and other.weights.origin != "none"]
    if len(same) < 2:
        return row.title
    tag = row.weights.name.removeprefix(f"{row.model}.").removeprefix("user:")
    return f"{row.title} ({Path(tag).name})"


def legend(kinds: Sequence[str]) -> list[tuple[str, str, str]]:
    """(kind, marker, words) of the kinds of weights in a plot."""
    words = {
        "released": "released weights",
        "bundled": "bundled weights, trained by srbench",
        "user": "your weights",
        "not-needed": "no weights needed",
        "published": "as printed in a paper",
    }
    return [(kind, scatter.marker(kind, 7, 7), words[kind]) for kind in kinds]


def _image_tables(group: Group) -> list[ImageTable]:
    found = []
    for place, column in enumerate(group.columns):
        cells = [(row, value.record) for row in group.rows if (value := row.values[place])]
        first = [record.images[:MOST_IMAGES] for _, record in cells]
        by_model = [{image.image: image for image in images} for images in first]
        images = list(dict.fromkeys(image.image for images in first for image in images))
        lines = []
        for name in images:
            shown = (lookup.get(name) for lookup in by_model)
            texts = (
                tuple(quantity.text(image.value(quantity.name) if image else None) for quantity in group.quantities)
                for image in shown
            )
            lines.append((name, tuple(texts)))
        if lines:
            shown_of = f", first {MOST_IMAGES:,} of {column.images:,} images" if column.images > MOST_IMAGES else ""
            title = f"{column.label}, ×{group.scale}, {group.protocol}{shown_of}"
            found.append(ImageTable(title, tuple(_name(row, group) for row, _ in cells), tuple(lines)))
    return found
