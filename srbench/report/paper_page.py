"""The page of a paper: its tables in three views, figures, significance, and a provenance entry behind every cell."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from srbench.leaderboard.schema import QUANTITY_OF
from srbench.leaderboard.states import STATES, State
from srbench.quantities import DEFAULT_QUALITY, find_quantity
from srbench.report import figures, layout, pairs, paper_text
from srbench.report.layout import BodyRow, PaperTable, Part
from srbench.report.machine_text import facts
from srbench.report.paper_visuals import PaperVisual
from srbench.report.papers import Data, Report, ReportFigure, used_files
from srbench.report.runtable import slug
from srbench.report.templating import page as render_page

STATE_CLASS: dict[State, str] = {
    "reproduced": "ok",
    "off": "off",
    "not comparable": "pub",
    "dataset not measured": "now",
    "weights unavailable": "now",
    "cost only": "cost",
    "published only": "pub",
}
STATE_WORDS: dict[State, str] = {
    "reproduced": "our value rounds to the printed digits",
    "off": "our value differs; the reason is in the cell's tooltip and below the table",
    "not comparable": "another training than any that was released, or a network that the text leaves open",
    "dataset not measured": "its weights were released, but we have not measured them on these images",
    "weights unavailable": "the network is registered, but its authors' weights cannot be had",
    "cost only": "a row whose costs we measured, but not its quality",
    "published only": "nothing of ours to compare with",
}


def html(
    report: Report,
    drawn: Sequence[ReportFigure],
    data: Data,
    nav: Sequence[tuple[str, str]] = (),
    visuals: Sequence[PaperVisual] = (),
) -> str:
    """The page as text; a function of the published data and the results."""
    files = used_files(report)
    records = {name: data.records[name] for name in files}
    shown = {part.comparison.printed.cell.model for table in report.tables for part in layout.parts_of(table)}
    measured = [record for record in data.of_protocol.quality if record.model.name in shown]
    return render_page(
        "paper.html.j2",
        title=report.spec.title,
        spec=report.spec,
        paper=report.paper,
        tables=report.tables,
        nav=nav,
        figures=[_figure(figure) for figure in drawn],
        visuals=visuals,
        pairs=pairs.neighbours(measured),
        pairs_of=pairs.FIRST,
        results=[(name, f"m-{slug(name)}", records[name]) for name in files],
        machines=[
            (name, facts(data.machines.get(name))) for name in sorted({record.machine for record in records.values()})
        ],
        views=layout.VIEW_TITLES,
        states=[(state, STATE_CLASS[state], STATE_WORDS[state]) for state in STATES],
        state_class=STATE_CLASS,
        cell=cell_html,
        row_state=row_state,
        has_measured=lambda row: any(p.comparison.measured is not None for cell in row.cells for p in cell.parts),
        two_levels=lambda table: any(sub for head in table.header for sub in head.subs),
        weights_notes=paper_text.weights_notes,
        off_notes=paper_text.off_notes,
        mark_notes=paper_text.mark_notes,
        has_places=lambda table: any(part.computed for part in layout.parts_of(table)),
        source_file=lambda table: f"{_folder(table)}/{table.table.id}.csv",
    )


def _folder(table: PaperTable) -> str:
    kind = "challenges" if table.table.kind == "challenge" and table.paper.key.startswith("ntire") else "published"
    return f"leaderboards/{kind}/{table.paper.key}"


def _figure(figure: ReportFigure) -> dict[str, Any]:
    number = f"{figure.spec.number}: " if figure.spec.number else ""
    return {
        "spec": figure.spec,
        "inline": figures.inline(figure.svg, figure.spec.id, number + figure.spec.title),
        "svg": "data:image/svg+xml;base64," + base64.b64encode(figure.svg.encode()).decode(),
        "pdf": "data:application/pdf;base64," + base64.b64encode(figure.pdf).decode(),
    }


def row_state(row: BodyRow) -> str:
    """The state of a row as a badge's text; "off by d" with the largest difference of its quality cells."""
    if row.state != "off":
        return row.state
    off = [part for cell in row.cells for part in cell.parts if part.state == "off"]
    quality = [part for part in off if part.comparison.printed.cell.metric == DEFAULT_QUALITY[0]] or off
    worst = max(quality, key=lambda part: abs(part.comparison.difference or 0.0))
    return f"off by {worst.texts['difference'].lstrip('+')}"


def cell_html(row: BodyRow, index: int) -> Markup:
    """One printed column's cell of a row: every number in its three views, each a link to where it comes from."""
    cell = row.cells[index]
    if not cell.parts:
        return Markup('<td class="dim" data-v="">–</td>')
    first = cell.parts[0]
    worst = _worst(cell.parts)
    separator = Markup('<span class="sep">{}</span>').format(cell.separator)
    if all(part.comparison.measured is None for part in cell.parts):
        separator = Markup('<span class="v-printed">{}</span>').format(separator)
        none = Markup('<span class="dim v-measured">–</span><span class="dim v-difference">–</span>')
    else:
        none = Markup("")
    inside = separator.join(_part_html(part, row, bool(none)) for part in cell.parts) + none
    value = first.comparison.printed.value
    number = f"{value.number:.12g}" if value.is_number else ""
    return Markup('<td class="s-{}" data-v="{}">{}</td>').format(STATE_CLASS[worst], number, inside)


def _worst(parts: Sequence[Part]) -> State:
    order: tuple[State, ...] = ("off", "reproduced", *(s for s in STATES if s not in ("off", "reproduced")))
    return min((part.state for part in parts), key=order.index)


def _part_html(part: Part, row: BodyRow, printed_only: bool) -> Markup:
    """The views of one number; ``printed_only`` where nothing of the cell was measured."""
    comparison = part.comparison
    words = _words(part)
    source = f"m-{slug(str(comparison.source['file']))}" if comparison.source else ""
    pieces = []
    for view in layout.VIEWS:
        target = row.anchor if view == "printed" or not source else source
        text = part.texts[view]
        if view != "printed" and printed_only:
            continue
        if view != "printed" and comparison.measured is None:
            pieces.append(Markup('<span class="v-{}"><span class="dim" title="{}">–</span></span>').format(view, words))
            continue
        place: str = part.places[view]
        if view == "printed" and part.computed:
            place = f"{place} c-{part.computed}".strip()
        extra = Markup("")
        if view == "printed" and part.mark_differs:
            extra = Markup('<sup class="mk" title="{}">‡</sup>').format(part.mark_differs)
        if view == "measured" and part.noise:
            extra = Markup('<sup class="mk" title="{}">≈</sup>').format(f"Within noise: {part.noise}")
        pieces.append(
            Markup('<span class="v-{}"><a href="#{}" title="{}" class="{}">{}</a>{}</span>').format(
                view, target, words, place, text, extra
            )
        )
    cell = comparison.printed.cell
    scale = f"×{cell.scale}" if cell.scale else ""
    what = " ".join(filter(None, (_title(cell.metric), cell.dataset, scale)))
    return Markup('<span class="part" data-what="{}" data-state="{}" data-cause="{}">{}</span>').format(
        what, comparison.state, comparison.reason, Markup("").join(pieces)
    )


def _title(metric: str) -> str:
    """What a printed column shows: the title of the quantity of that name, else its name."""
    quantity = find_quantity(QUANTITY_OF.get(metric, metric))
    return quantity.title if quantity else metric


def _words(part: Part) -> str:
    """What a cell's tooltip says: the place, the printed digits, ours, the state and its reason."""
    comparison = part.comparison
    found = [f"{comparison.printed.place}: printed {comparison.printed.cell.value}"]
    if comparison.measured is not None and comparison.source:
        source = comparison.source
        number = f"{comparison.measured:,.0f}" if comparison.measured >= 1000 else f"{comparison.measured:.6g}"
        how = ", ".join(
            filter(None, (source["weights"], source["protocol"], source["convention"], source["input_size"]))
        )
        found.append(f"measured {number} ({how})")
    found.append(comparison.state + (f": {comparison.reason}" if comparison.reason else ""))
    if comparison.printed.cell.note and comparison.printed.cell.note not in comparison.reason:
        found.append(comparison.printed.cell.note)
    return "; ".join(found)
