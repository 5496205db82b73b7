"""From places of results and names to a table: what ``srbench table`` and ``srbench.table`` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from srbench.datasets.facts import dataset_facts, dataset_title
from srbench.quantities import DEFAULT_QUALITY
from srbench.report.formats import Export
from srbench.report.handin.entries import Entry, Measured, find, measured, printed, retitled
from srbench.report.handin.gather import gather
from srbench.report.handin.plot import Plot, PlotSpec, draw
from srbench.report.handin.table import TableSpec, paper_table, rowless
from srbench.results.collection import Results
from srbench.results.words import unknown_lines


def read_entries(
    places: Sequence[str | Path], models: Sequence[str], datasets: Sequence[str], protocol: str | None
) -> tuple[Measured, tuple[str, ...]]:
    """Measured methods of the places, with notes on what was not taken.

    Raises:
        SrbenchError: a place without results, or an unknown model, dataset or protocol.
    """
    results, skipped = gather(places)
    known = of_models(results, models, datasets, protocol)
    notes = [f"'{path.name}' {reason.rstrip('.')}, so it is left out" for path, reason in skipped]
    return known, (*notes, *unknown_lines(results.records), *known.left_out)


def of_models(
    results: Results, models: Sequence[str], datasets: Sequence[str] = (), protocol: str | None = None
) -> Measured:
    """The methods of results that are asked for.

    Raises:
        SrbenchError: an unknown model, dataset or protocol.
    """
    known = measured(results, protocol, datasets)
    if not models:
        return known
    chosen: dict[Entry, None] = {}
    for name in models:
        chosen.update(dict.fromkeys(find(known.entries, name)))
    return replace(known, entries=tuple(chosen))


def build_table(
    places: Sequence[str | Path],
    spec: TableSpec,
    models: Sequence[str] = (),
    published: Sequence[str] = (),
    protocol: str | None = None,
) -> tuple[Export, tuple[str, ...]]:
    """The table of the results at ``places``, and notes on what was not taken.

    Args:
        places: folders and files of results; by default ``srbench-results`` where there is one.
        spec: how the table looks; its datasets may be names or titles.
        models: those of the results that are shown; by default all.
        published: rows as papers print them.
        protocol: of the measured rows.

    Raises:
        SrbenchError: a name that leads to nothing, or nothing to show.
    """
    known, notes = read_entries(places, models, spec.datasets, protocol)
    spots = [spot for entry in known.entries for spot in entry.figures]
    scales = spec.scales or tuple(sorted({spot.scale for spot in spots}))
    titles = tuple(dataset_title(name) for name in spec.datasets)
    if not titles:
        titles, aside = _of_papers(tuple(dict.fromkeys(spot.dataset for spot in spots if spot.dataset)))
        notes = (*notes, *aside)
    spec = replace(spec, datasets=titles)
    rows = printed(published, scales, titles)
    every = retitled((*known.entries, *rows), spec.titles)
    count = len(known.entries)
    known = replace(known, entries=every[:count])
    made = paper_table(known, every[count:], spec)
    if not spec.columns and any(spot.quantity == "runtime" for spot in spots):
        shown = ",".join(("params", "macs", "runtime", *DEFAULT_QUALITY))
        notes = (*notes, f"runtimes are left out, as papers' tables do; --columns {shown} shows them")
    return made, (*notes, *rowless(made, known))


def _of_papers(titles: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Without the embedded images and crops of test sets, where uncropped test sets of papers are there; a note."""
    sets = {facts.title for facts in dataset_facts().values() if facts.name != "embedded"}
    aside = [title for title in titles if title == dataset_title("embedded") or "@mod" in title]
    if not aside or not sets & set(titles):
        return titles, ()
    note = f"{', '.join(aside)} left out beside the test sets of papers; --datasets NAME,... shows them"
    return tuple(title for title in titles if title not in aside), (note,)


@dataclass(frozen=True)
class PlotChoice:
    """Which methods a figure shows: of the results, as printed, of which protocol, and under which titles."""

    models: Sequence[str] = ()
    published: Sequence[str] = ()
    protocol: str | None = None
    titles: Mapping[str, str] = field(default_factory=dict)


def build_plot(places: Sequence[str | Path], spec: PlotSpec, choice: PlotChoice) -> tuple[Plot, tuple[str, ...]]:
    """The figure of the results at ``places``, and notes on what is not in it.

    Raises:
        SrbenchError: a name that leads to nothing, or nothing to draw.
    """
    datasets = (spec.dataset,) if spec.dataset else ()
    results, skipped = gather(places)
    known = of_models(results, choice.models, datasets, choice.protocol)
    spec = replace(spec, dataset=dataset_title(spec.dataset) if spec.dataset else None)
    titles = (spec.dataset,) if spec.dataset else ()
    rows = printed(choice.published, (spec.scale,) if spec.scale else (), titles)
    every = retitled((*known.entries, *rows), choice.titles)
    count = len(known.entries)
    plot = draw(every[:count], every[count:], results, spec)
    notes = [f"'{path.name}' {reason.rstrip('.')}, so it is left out" for path, reason in skipped]
    return plot, (*notes, *unknown_lines(results.records), *known.left_out, *plot.notes)
