"""The page of a paper: its tables in three views, figures, significance, and a provenance entry behind every cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from srbench.leaderboard.states import STATES, State
from srbench.models.registry import MODELS
from srbench.quantities import get_quantity
from srbench.report import layout, pairs, paper_cells, paper_text
from srbench.report.figures import Dot
from srbench.report.layout import BodyRow, PaperTable
from srbench.report.machine_text import facts
from srbench.report.paper_cells import STATE_CLASS, cell_html, row_state, source_id
from srbench.report.paper_visuals import PaperVisual
from srbench.report.papers import Data, Report, ReportFigure, used_files
from srbench.report.runtable import slug
from srbench.report.scatter import Point, marker, scatter_svg
from srbench.report.templating import page as render_page
from srbench.results.record import QualityRecord

STATE_WORDS: dict[State, str] = {
    "reproduced": "our value rounds to the printed digits",
    "off": "our value differs; the reason is in the card of the number and below the table",
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
    known = paper_cells.numbered(report.tables)
    shown = {part.comparison.printed.cell.model for table in report.tables for part in layout.parts_of(table)}
    measured = [record for record in data.of_protocol.quality if record.model.name in shown]
    return render_page(
        "paper.html.j2",
        title=report.spec.title,
        spec=report.spec,
        paper=report.paper,
        tables=report.tables,
        nav=nav,
        figures=[(figure, _plot(figure)) for figure in drawn],
        legend=_legend,
        visuals=visuals,
        pairs=pairs.neighbours(measured),
        pairs_of=pairs.FIRST,
        results=[(name, source_id(name), records[name]) for name in files],
        machines=[
            (name, facts(data.machines.get(name))) for name in sorted({record.machine for record in records.values()})
        ],
        views=layout.VIEW_TITLES,
        states=[(state, STATE_CLASS[state], STATE_WORDS[state]) for state in STATES],
        state_class=STATE_CLASS,
        cell=lambda row, index: cell_html(row, index, known),
        numbers=paper_cells.as_json(known),
        filters=lambda row: _filters(row, data),
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


def _kind(dot: Dot) -> str:
    return "published" if dot.kind == "published" else "bundled" if dot.trained_by_us else "released"


_WORDS = {"published": "as printed", "released": "measured here", "bundled": "measured here, trained by srbench"}


def _legend(figure: ReportFigure) -> list[tuple[str, str, str]]:
    kinds = {_kind(dot) for dot in figure.dots}
    return [(kind, marker(kind, 7, 7), words) for kind, words in _WORDS.items() if kind in kinds]


def _plot(figure: ReportFigure) -> str:
    """The figure as the page draws it: a name stands at the measured point where there is one."""
    quantities = [get_quantity(name) for name in (figure.spec.x, figure.spec.y)]
    measured = {dot.label for dot in figure.dots if dot.kind == "measured"}
    points = []
    for dot in figure.dots:
        in_words = ", ".join(
            f"{quantity.title} {quantity.text(value * quantity.stored_per_unit)} {quantity.unit}".rstrip()
            for quantity, value in zip(quantities, (dot.x, dot.y), strict=True)
        )
        how = "as printed" if dot.kind == "published" else "measured here"
        label = "" if dot.kind == "published" and dot.label in measured else dot.label
        points.append(
            Point(slug(dot.label), "figures", label, dot.x, dot.y, _kind(dot), f"{dot.label}, {how}: {in_words}")
        )
    lower = quantities[1].direction == "lower"
    return scatter_svg(points, *figure.axes, figure.spec.title, lower_is_better=lower)


def _filters(row: BodyRow, data: Data) -> dict[str, str]:
    """What a row can be filtered by: its state, the origin of the weights it was measured with, the method's year."""
    parts = [part.comparison for cell in row.cells for part in cell.parts]
    files = [str(found.source["file"]) for found in parts if found.source]
    origins = [record.weights.origin for record in map(data.records.get, files) if isinstance(record, QualityRecord)]
    models = (found.printed.cell.model for found in parts)
    own = next((MODELS.get(name).year for name in models if name in MODELS), None)
    cited = re.search(r"(?:19|20)\d\d", row.cite)
    year = str(own) if own else cited[0] if cited else ""
    return {"state": row.state, "origin": next(iter(origins), ""), "year": year}
