"""A challenge's ranking with all that belongs to it: notes, reasons, rank changes under other timing policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from srbench.challenge.entries import EntryResult, Flag, IsolationNote, Label, ResultsFile
from srbench.challenge.gaps import Gap, gaps
from srbench.challenge.rows import rows_of, unmeasured
from srbench.challenge.timing import Policy, Steadiness, other_policies, policy_of, unsteady_of
from srbench.errors import SrbenchError
from srbench.rules import Floor, Rules, get_rules
from srbench.rules.ranking import Ranking, Reason, Row, below, rank


@dataclass(frozen=True)
class Change:
    """A rank that another timing policy gives."""

    policy: str
    track: str
    row: Row
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Outcome:
    """Everything that a table of a challenge shows."""

    ranking: Ranking
    notes: tuple[str, ...] = ()
    policy: str = ""
    policies: tuple[str, ...] = ()
    """Other policies that were tried."""
    changes: tuple[Change, ...] = ()
    winners: tuple[tuple[str, str, str], ...] = ()
    """(policy, track, title of the winner) where it is another one."""
    isolation: IsolationNote | None = None
    flags: tuple[tuple[str, tuple[Flag, ...]], ...] = ()
    """By entry id."""
    labels: tuple[tuple[str, Label], ...] = ()
    """Who vouches for a quantity, where all entries agree."""
    unsteady: tuple[tuple[str, Steadiness], ...] = ()
    """Entries whose runtimes differ too much from run to run, or have no sound times, by id."""
    gaps: tuple[Gap, ...] = ()
    """Quality on the first set less that on the second, by entry."""
    device: str = ""
    machine: str = ""

    def flags_of(self, row_id: str) -> tuple[Flag, ...]:
        """Flags of an entry."""
        return dict(self.flags).get(row_id, ())


def outcome_of_results(results: ResultsFile, rules: Rules, floors: Sequence[Floor] | None = None) -> Outcome:
    """Rank what ``evaluate`` measured.

    Raises:
        SrbenchError: the baseline was not measured, or the results are of other rules.
    """
    if results.rules != rules.id and not _measures_the_same(results.rules, rules):
        raise SrbenchError(
            f"these results were measured by {results.rules}, not by {rules.id}; give --rules {results.rules}."
        )
    baseline = results.entry(results.baseline) if results.baseline else None
    if baseline is not None and baseline.status != "measured":
        raise SrbenchError(f"the baseline '{baseline.title}' has no figures: {'; '.join(baseline.reasons)}.")
    policy, notes = policy_of(rules)
    given = floors
    if baseline is None:  # the published values have all columns, also those that nobody measured here
        floors, left_out = _measured_floors(results, rules, floors)
        notes = (*_baseline_notes(), *left_out, *notes)
    found = _ranked(results, rules, policy, floors)
    others = other_policies(policy)
    changes: list[Change] = []
    winners: list[tuple[str, str, str]] = []
    for other in others:
        again = _ranked(results, rules, other, floors)
        changes += _changes(found, again, other)
        winners += _winners(found, again, other)
    unsteady = unsteady_entries(results.entries)
    return Outcome(
        found,
        (
            *unsteady_notes(unsteady), *_run_notes(results, rules), *_doubts(results, rules, policy, given),
            *floor_notes(rules, given), *_image_notes(results, rules), *notes, *found.notes,
            *unmeasured(rows_of(results, rules, policy), rules), *_device_notes(results),
        ),
        policy.name, tuple(one.name for one in others), tuple(changes), tuple(winners), results.isolation,
        tuple((entry.id, entry.flags) for entry in results.entries), _labels(results.entries), unsteady,
        gaps(rows_of(results, rules, policy), rules), results.device, results.machine,
    )  # fmt: skip


def unsteady_entries(entries: Sequence[EntryResult]) -> tuple[tuple[str, Steadiness], ...]:
    """Entries whose runtimes are unsteady, by id."""
    found = ((entry.id, unsteady_of(entry)) for entry in entries)
    return tuple((key, steady) for key, steady in found if steady is not None)


NAMED_UNSTEADY = 5
"""How many entries the note on unsteady runtimes names."""


def unsteady_notes(unsteady: Sequence[tuple[str, Steadiness]]) -> tuple[str, ...]:
    """One note on all entries whose runtimes are unsteady; none where all are steady."""
    if not unsteady:
        return ()
    named = "; ".join(f"{key}: {steady.text}" for key, steady in unsteady[:NAMED_UNSTEADY])
    more = f"; and {len(unsteady) - NAMED_UNSTEADY} more" if len(unsteady) > NAMED_UNSTEADY else ""
    return (
        f"runtimes are unsteady, so scores and ranks made of them are too ({named}{more}); most likely the machine was "
        "busy: measure again on one that does nothing else",
    )


def _run_notes(results: ResultsFile, rules: Rules) -> tuple[str, ...]:
    """What is said where fewer runs were made than the rules ask for."""
    timed = [len(found.runs) for entry in results.entries for found in entry.datasets if found.runs]
    wanted = rules.timing.runs or 1
    if not timed or max(timed) >= wanted:
        return ()
    alone = ": how steady the runtimes are does not show" if max(timed) == 1 else ""
    return (f"{max(timed)} run{'s' * (max(timed) > 1)}, the rules say {wanted}{alone}",)


def outcome_of_rows(
    rows: Sequence[Row], rules: Rules, baseline: Row | None, floors: Sequence[Floor] | None = None
) -> Outcome:
    """Rank a table of values; the baseline's published values serve where it has no row."""
    found = rank(rules, rows, baseline, floors)
    notes = (*floor_notes(rules, floors), *found.notes, *unmeasured([row for row in rows if not row.reasons], rules))
    if baseline is None:
        notes = (*notes, "the baseline has no row; its published values are taken")
    return Outcome(found, notes, labels=(("all values", "self-declared"),), gaps=gaps(rows, rules))


def _measures_the_same(measured_by: str, rules: Rules) -> bool:
    """Whether rules of another id are known and measure all that ``rules`` rank, on the same sets in the same way."""
    try:
        theirs = get_rules(measured_by)
    except SrbenchError:
        return False

    def measured(one: Rules) -> set[tuple[object, ...]]:
        return {(column.quantity, column.dataset, column.input_size) for column in one.columns}

    def sets(one: Rules) -> set[tuple[object, ...]]:
        return {(dataset.id, dataset.dataset) for dataset in one.datasets}

    same = (theirs.scale, theirs.protocol) == (rules.scale, rules.protocol)
    return same and sets(rules) == sets(theirs) and measured(rules) <= measured(theirs)


LIKE_THE_RULES = Decimal("0.01")
"""Share by which the parameters of a measured baseline may differ from the published ones of the rules' baseline."""


def _doubts(results: ResultsFile, rules: Rules, policy: Policy, floors: Sequence[Floor] | None) -> tuple[str, ...]:
    """What speaks against the measured baseline: every score is relative to it."""
    notes = []
    if results.rules != rules.id:
        notes.append(f"measured by {results.rules}, which measures the same as {rules.id}")
    row = next((row for row in rows_of(results, rules, policy) if row.id == results.baseline), None)
    if row is None or row.reasons:
        return tuple(notes)
    name = f"the baseline {row.id}" + (f" ({row.title})" if row.title != row.id else "")
    own, theirs = row.values.get("params"), rules.baseline.values.get("params")
    if own is not None and theirs is not None and abs(own - theirs) > LIKE_THE_RULES * theirs:
        notes.append(
            f"{name} is not the rules' {rules.baseline.name}: it has {own:.3f} {rules.column('params').unit} "
            f"parameters, theirs {theirs}; all scores are relative to it"
        )
    for floor in rules.floors if floors is None else floors:
        notes += [
            f"{name} is below the floor itself: {reason_text(reason, rules)}"
            for reason in below(row, floor)
            if reason.kind == "floor"
        ]
    return tuple(notes)


def _ranked(results: ResultsFile, rules: Rules, policy: Policy, floors: Sequence[Floor] | None) -> Ranking:
    rows = rows_of(results, rules, policy)
    baseline = next((row for row in rows if row.id == results.baseline), None)
    return rank(rules, rows, baseline, floors)


def _changes(before: Ranking, after: Ranking, policy: Policy) -> list[Change]:
    found = []
    for standing in before.standings:
        other = after.standing(standing.track.id)
        for place in standing.places:
            now = other.rank_of(place.row.id)
            if now != place.rank:
                found.append(Change(policy.name, standing.track.id, place.row, place.rank, now))
    return found


def _winners(before: Ranking, after: Ranking, policy: Policy) -> list[tuple[str, str, str]]:
    found = []
    for standing in before.standings:
        first = {place.row.id for place in standing.places if place.rank == 1}
        now = [place for place in after.standing(standing.track.id).places if place.rank == 1]
        if {place.row.id for place in now} != first:
            found.append((policy.name, standing.track.id, ", ".join(place.row.title for place in now) or "nobody"))
    return found


def _labels(entries: Sequence[EntryResult]) -> tuple[tuple[str, Label], ...]:
    found: dict[str, set[Label]] = {}
    for entry in entries:
        for name, label in entry.labels.items():
            found.setdefault(name, set()).add(label)
    return tuple((name, labels.pop()) for name, labels in sorted(found.items()) if len(labels) == 1)


def _device_notes(results: ResultsFile) -> tuple[str, ...]:
    if results.device == "cpu":
        return ("measured on a CPU: runtimes are not those of the rules' hardware, memory is counted",)
    return ()


def _baseline_notes() -> tuple[str, ...]:
    return (
        "the baseline was not measured; its published values are taken, whose times are of the rules' hardware: "
        "scores with a runtime in them compare two machines",
    )


def _measured_floors(
    results: ResultsFile, rules: Rules, floors: Sequence[Floor] | None
) -> tuple[tuple[Floor, ...], tuple[str, ...]]:
    """Floors on columns that an entry has a value of, and what is said of the others."""
    policy, _ = policy_of(rules)
    measured = {key for row in rows_of(results, rules, policy) for key in row.values}
    wanted = rules.floors if floors is None else tuple(floors)
    return tuple(floor for floor in wanted if floor.column in measured), tuple(
        f"the floor on {floor.column} is not applied: nobody has a value there"
        for floor in wanted
        if floor.column not in measured
    )


def _image_notes(results: ResultsFile, rules: Rules) -> tuple[str, ...]:
    """Sets that were measured on other numbers of images than the rules'."""
    notes = []
    for dataset in rules.datasets:
        measured = (found for entry in results.entries for found in entry.datasets if found.dataset == dataset.id)
        counts = sorted({len(found.images) for found in measured if found.images} - {dataset.images})
        if counts and dataset.images is not None:
            many = " or ".join(f"{count} image{'s' * (count != 1)}" for count in counts)
            notes.append(f"{dataset.id}: {many}, the rules say {dataset.images}")
    return tuple(notes)


def floor_notes(rules: Rules, floors: Sequence[Floor] | None) -> tuple[str, ...]:
    """What is said of floors that are not the rules'.

    >>> from srbench.rules import get_rules
    >>> rules = get_rules("ntire2026-esr")
    >>> floor = rules.floors[0]
    >>> (note,) = floor_notes(rules, with_floors(rules, {floor.column: Decimal(20)}))
    >>> note == f"floor {floor.column} 20 instead of {floor.value}"
    True
    """
    if floors is None:
        return ()
    theirs = {floor.column: floor for floor in rules.floors}
    used = {floor.column: floor for floor in floors}
    notes = []
    for column in dict.fromkeys((*theirs, *used)):
        if theirs.get(column) == used.get(column):
            continue
        now = f"floor {column} {used[column].value}" if column in used else f"no floor on {column}"
        notes.append(f"{now} instead of {theirs[column].value}" if column in theirs else f"{now}, the rules have none")
    return tuple(notes)


def reason_text(reason: Reason, rules: Rules) -> str:
    """Why a row is not ranked, in words."""
    if reason.kind == "reference":
        return "baseline"
    if reason.kind == "invalid":
        return reason.detail
    title = rules.column(reason.column).title if reason.column else ""
    if reason.kind == "not measured":
        return f"{title} was not measured"
    if reason.kind == "floor":
        return f"{title} {reason.found} is below the floor of {reason.limit}"
    return f"{title} {_short(reason.found)} is worse than the baseline's {_short(reason.limit)}"


def _short(value: Decimal | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def with_floors(rules: Rules, changes: dict[str, Decimal | None]) -> tuple[Floor, ...]:
    """The rules' floors with some replaced, or left out where the value is None.

    Raises:
        SrbenchError: a column that the rules do not have.
    """
    known = {column.key for column in rules.columns}
    for key in changes:
        if key not in known:
            raise SrbenchError(f"{rules.id} has no column '{key}'; it has {', '.join(sorted(known))}.")
    theirs = {floor.column: floor for floor in rules.floors}
    kept = [floor for floor in rules.floors if floor.column not in changes]
    others = (
        theirs.get(key, Floor(column=key, value=value, decimals=2)).model_copy(update={"value": value})
        for key, value in changes.items()
        if value is not None
    )
    return (*kept, *others)
