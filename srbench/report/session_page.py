"""The section of a page that shows one session's runtimes: quality against runtime as a scatter, and the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from srbench.paths import leaderboards_dir
from srbench.quantities import DEFAULT_QUALITY, get_quantity
from srbench.report import scatter, session, unsteady
from srbench.report.cost_columns import CostColumn
from srbench.report.figure_data import axis_label
from srbench.report.machine_text import facts
from srbench.report.runtable import Group, slug
from srbench.report.runtable import Row as RunRow
from srbench.results.collection import Results
from srbench.results.store import read_machines


@dataclass(frozen=True)
class Row:
    """One model: the id of its row, its title and its timing."""

    ident: str
    title: str
    timed: session.Timed


@dataclass(frozen=True)
class SessionColumn(CostColumn):
    """The runtimes of one session as a column of the page's table; ``times`` are by model."""

    times: Mapping[str, session.Timed] = field(default_factory=dict)
    place: str = ""
    """The input and the machine."""

    @property
    def where(self) -> str:
        """The input and the machine, and that all took turns."""
        return f"{self.place}, in one session in which all take turns: see One clock for all"

    @property
    def axis(self) -> str:
        """With the input and the machine, which are none of the table's."""
        return f"{self.quantity.title}, {self.place} ({self.quantity.unit})"

    def warnings(self, row: RunRow) -> tuple[str, ...]:
        """Why the row's runtime is unsteady."""
        return () if self.value(row) is None else self.times[row.model].warnings

    def value(self, row: RunRow) -> float | None:
        """The median of the row's model; None of one whose images take several passes."""
        found = None if row.apart else self.times.get(row.model)
        return None if found is None else found.median_ms

    def reason(self, row: RunRow) -> str:
        """Why a row has no figure; "" where it has one."""
        return "" if self.value(row) is not None else "not in the session"


@dataclass(frozen=True)
class Clock:
    """What the page shows: where it was measured, the rows from the fastest, and a scatter by dataset as shown.

    ``machine`` are the lines (title, text) of the description that lies beside the session, ``fronts`` a line per
    dataset, and ``chooser`` is the command that asks the same elsewhere.
    """

    session: session.Session
    baseline: str
    machine: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    charts: tuple[tuple[str, str], ...]
    fronts: tuple[str, ...]
    chooser: str

    @property
    def column(self) -> SessionColumn:
        """Its runtimes as a column of the table of the same models."""
        found = self.session
        times = {timed.model: timed for timed in found.timed}
        return SessionColumn(get_quantity("runtime"), found.input_size, found.scale, times, found.place)

    @property
    def glossary(self) -> str:
        """What the words of the unsteady rows mean; "" where there is none."""
        return unsteady.glossary(self.session.warnings)

    def beside_costs(self, group: Group) -> Group:
        """The group with the column, where the session is of its scale."""
        return replace(group, costs=(self.column, *group.costs)) if group.scale == self.session.scale else group


def of_report(name: str, results: Results, root: Path | None = None) -> Clock | None:
    """Session ``name`` beside the quality in ``results`` (all of one scale); None where no session was made.

    Raises:
        SrbenchError: the session's file is not what ``srbench time`` writes.
    """
    found = session.read(name, root)
    titles, quality = session.quality_of(results)
    if found is None:
        return None
    rows = tuple(Row(f"clock-{slug(t.model)}", titles.get(t.model, t.model), t) for t in found.timed)
    charts = tuple((dataset, _chart(found, rows, dataset, values)) for dataset, values in quality.items())
    machines = read_machines((root or leaderboards_dir()) / "sessions" / name)
    machine = tuple(facts(machines.get(found.machine)))
    return Clock(
        found,
        titles.get(found.baseline, found.baseline),
        machine,
        rows,
        tuple(chart for chart in charts if chart[1]),
        tuple(session.fronts(found, titles, quality)),
        session.chooser(found),
    )


def _chart(found: session.Session, rows: tuple[Row, ...], dataset: str, values: Mapping[str, float]) -> str:
    """The field's first quantity on one dataset against runtime; "" without a point."""
    first, runtime = get_quantity(DEFAULT_QUALITY[0]), get_quantity("runtime")
    points = [
        scatter.Point(
            key=row.ident,
            target=row.ident,
            label=row.title,
            x=row.timed.median_ms,
            y=values[row.timed.model],
            kind="released",
            tip=f"{row.title}: {first.text(values[row.timed.model])} {first.unit}, {row.timed.text} ms"
            f"{f', unsteady: {words}' if (words := ', '.join(row.timed.kinds)) else ''}",
        )
        for row in rows
        if row.timed.model in values
    ]
    return scatter.scatter_svg(
        points,
        f"{axis_label(runtime)}, {found.place}",
        axis_label(first),
        f"{first.title} against {runtime.title}, {dataset}",
        lower_is_better=first.direction == "lower",
    )
