"""A report put together: the spec's tables in three views, its figures, and where every number comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from srbench.errors import unknown_name
from srbench.leaderboard import measured, published, states
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper
from srbench.leaderboard.states import Comparison
from srbench.quantities import get_quantity
from srbench.report import drawn, figure_data, figures, layout, pairs
from srbench.report.layout import PaperTable
from srbench.report.specs import FigureSpec, Spec
from srbench.results import store, trust
from srbench.results.collection import Results
from srbench.results.record import CostRecord, QualityRecord, Record
from srbench.results.trust import Apart

PROTOCOL = "y-matlab"


@dataclass(frozen=True)
class Data:
    """Everything reports are made of, read once: published cells beside results, the results, the machines."""

    comparisons: tuple[Comparison, ...]
    records: dict[str, Record]
    """By file, relative to the folder of results."""
    machines: Mapping[str, Mapping[str, Any]]
    apart: tuple[Apart, ...] = ()
    """Results that no table shows, because they cannot be believed."""
    every_cell: Callable[[], tuple[PrintedCell, ...]] | None = None
    """Reads the printed cells of all papers, where ``comparisons`` hold those of some."""
    built: dict[tuple[Spec, Path | None], Report] = field(default_factory=dict, compare=False, repr=False)
    """Reports that were laid out already: a page and the committed tables show the same ones."""

    @cached_property
    def printed(self) -> tuple[PrintedCell, ...]:
        """The printed cells of all papers."""
        return tuple(c.printed for c in self.comparisons) if self.every_cell is None else self.every_cell()

    @cached_property
    def results(self) -> Results:
        """All results."""
        return Results.of(self.records.values())

    @cached_property
    def of_protocol(self) -> Results:
        """Complete results under the papers' protocol, without those of our own training (report common-recipe)."""

        def wanted(record: QualityRecord) -> bool:
            papers = record.protocol_id.partition("@")[0] == PROTOCOL
            whole = record.dataset.limit is None and not record.apart
            return papers and whole and record.weights.origin != "bundled"

        return self.results.where(wanted, lambda _cost: True)


@dataclass(frozen=True)
class ReportFigure:
    """A drawn figure: its spec, SVG text and PDF bytes, and what it was drawn from, for a page to draw again."""

    spec: FigureSpec
    svg: str
    pdf: bytes
    dots: tuple[figures.Dot, ...] = ()
    axes: tuple[str, str] = ("", "")
    """Names of the x and the y axis."""


@dataclass(frozen=True)
class Report:
    """A paper's report, ready to be written in any format."""

    spec: Spec
    paper: Paper
    tables: tuple[PaperTable, ...]


def load_data(folder: Path | None = None, root: Path | None = None, papers: Sequence[str] | None = None) -> Data:
    """Read published tables (``root``) and results (``folder``; default: the shipped ones of both).

    ``papers`` are those whose printed cells are wanted (default: all); results are always all.

    Raises:
        SrbenchError: data or results that cannot be read.
    """
    results = measured.folder_or_default(folder)
    read = trust.read(results)
    records = dict(measured.records(results, read))
    comparisons = states.compare(papers, folder=results, root=root, read=read)
    others = None if papers is None else partial(published.cells, root=root)
    return Data(comparisons, records, store.read_machines(results), read.apart, others)


def build(spec: Spec, data: Data, root: Path | None = None) -> Report:
    """Lay out the tables of a paper's report.

    Raises:
        SrbenchError: the spec names an unknown paper or table.
    """
    if (spec, root) in data.built:
        return data.built[spec, root]
    paper = published.paper(spec.paper, root)
    chosen = spec.tables or tuple(table.id for table in paper.tables)
    known = {table.id: table for table in paper.tables}
    for name in chosen:
        if name not in known:
            raise unknown_name(f"table of {spec.paper}", name, known)
    tables = tuple(layout.build(paper, known[name], data.comparisons, _noise(data)) for name in chosen)
    data.built[spec, root] = Report(spec, paper, tables)
    return data.built[spec, root]


def _noise(data: Data) -> layout.Noise:
    def words(best: Comparison, second: Comparison) -> str:
        a, b = (data.records.get(str(c.source["file"])) if c.source else None for c in (best, second))
        if not isinstance(a, QualityRecord) or not isinstance(b, QualityRecord) or a is b:
            return ""
        difference = pairs.paired(a, b)
        if difference is None or not difference.within_noise:
            return ""
        cell = best.printed.cell
        what = f"{cell.dataset} ×{cell.scale}: {a.model.title} minus {b.model.title}"
        return f"{what} {difference} (95 % interval, images resampled)"

    return words


def draw(spec: Spec, data: Data) -> tuple[ReportFigure, ...]:
    """Draw the figures of a report; one without any point is left out."""
    found = (draw_figure(figure, data.of_protocol, spec.paper, data.comparisons) for figure in spec.figures)
    return tuple(figure for figure in found if figure is not None)


def draw_figure(
    figure: FigureSpec, results: Results, paper: str = "", comparisons: Sequence[Comparison] = ()
) -> ReportFigure | None:
    """Draw one figure, of any two quantities; None where it has no point.

    Args:
        figure: what to draw.
        results: measured results, all of one protocol.
        paper: key of the paper whose table ``figure`` names.
        comparisons: its printed cells.
    """
    dots = figure_data.dots(figure, paper, comparisons, results)
    if not dots:
        return None
    suffix = get_quantity(figure.x).style != "fixed"
    axes = figure_data.x_label(figure, results), figure_data.y_label(figure)
    svg, pdf = drawn.svg_and_pdf(dots, axes, suffix)
    return ReportFigure(figure, svg, pdf, tuple(dots), axes)


def selected(spec: Spec, data: Data) -> Results:
    """The results that a report of kind "measured" shows, with the costs of their models.

    Models of which only costs are known are shown where the spec names no origin of weights and no protocol.
    """
    again = set() if spec.equivalents else _equivalents()

    def quality(record: QualityRecord) -> bool:
        return (
            record.model.name not in again
            and (not spec.models or record.model.name in spec.models)
            and (not spec.origins or record.weights.origin in spec.origins)
            and (not spec.scales or record.scale in spec.scales)
            and (not spec.datasets or record.dataset.name in spec.datasets)
            and (not spec.lr or record.dataset.lr in spec.lr)
            and (not spec.protocols or record.protocol_id.partition("@")[0] in spec.protocols)
        )

    shown = {(r.model.name, r.scale) for r in data.results.quality if quality(r)}
    anywhere = {(r.model.name, r.scale) for r in data.results.quality}

    def costs(cost: CostRecord) -> bool:
        key = (cost.model.name, cost.scale)
        if key in shown:
            return True
        named = (not spec.models or cost.model.name in spec.models) and (not spec.scales or cost.scale in spec.scales)
        return named and not spec.origins and not spec.protocols and key not in anywhere

    return data.results.where(quality, costs)


def _equivalents() -> set[str]:
    """Names of registered models that compute the same as another one."""
    from srbench.models.registry import cards

    return {card.name for card in cards() if card.equivalent_to is not None}


def used_files(report: Report) -> list[str]:
    """Result files that the report's cells rest on."""
    found = {
        str(part.comparison.source["file"])
        for table in report.tables
        for part in layout.parts_of(table)
        if part.comparison.source
    }
    return sorted(found)
