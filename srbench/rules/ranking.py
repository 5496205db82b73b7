"""Floors, scores, ranks and ties of any track, computed from values alone and exactly; no torch.

Scores are decimals of 60 digits with exponents far beyond those of a double, so that ``exp(2 * 400)`` is a number like
any other and equal scores are equal. What is published of a score is its natural logarithm, which is always finite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, DecimalException, localcontext
from typing import Literal

from srbench.errors import SrbenchError
from srbench.rules.schema import Floor, Rules, Term, Ties, Track

_EXACT = Context(prec=60, Emax=999_999_999, Emin=-999_999_999)
_WIDER = Context(prec=80, Emax=999_999_999, Emin=-999_999_999)
"""For what comes in between, so that 60 digits of a sum are right: the baseline's score is exp(2) to the last one."""
_ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}

ReasonKind = Literal["floor", "not measured", "worse than baseline", "reference", "invalid"]


@dataclass(frozen=True)
class Row:
    """An entry's values, by column key and in the columns' units (:attr:`srbench.rules.Column.unit`).

    ``reference`` rows (baselines) are shown and never ranked; ``reasons`` say why an entry cannot be ranked whatever
    its values are.
    """

    id: str
    title: str
    values: Mapping[str, Decimal]
    reference: bool = False
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why a row is not ranked: the column concerned, what it has and what was asked."""

    kind: ReasonKind
    column: str = ""
    found: Decimal | None = None
    limit: Decimal | None = None
    detail: str = ""


@dataclass(frozen=True)
class Place:
    """One row in one track. ``rank`` is None where it is not ranked, ``score`` where it cannot be computed."""

    row: Row
    score: Decimal | None = None
    rank: int | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def log_score(self) -> float | None:
        """Natural logarithm of a positive score; finite whatever the score is."""
        if self.score is None or self.score <= 0:
            return None
        with localcontext(_EXACT):
            return float(self.score.ln())


@dataclass(frozen=True)
class Standing:
    """A track's rows, the ranked ones first, in the order of their ranks."""

    track: Track
    places: tuple[Place, ...]
    notes: tuple[str, ...] = ()

    def rank_of(self, row_id: str) -> int | None:
        """Rank of a row, None where it has none."""
        return next((place.rank for place in self.places if place.row.id == row_id), None)


@dataclass(frozen=True)
class Ranking:
    """All tracks of a challenge; ``unranked`` are the rows that no track ranks, with the reasons."""

    rules: Rules
    baseline: Row
    eligible: tuple[Row, ...]
    unranked: tuple[tuple[Row, tuple[Reason, ...]], ...]
    standings: tuple[Standing, ...]
    notes: tuple[str, ...] = ()

    def standing(self, track: str) -> Standing:
        """The standing of a track; KeyError where there is none."""
        return {one.track.id: one for one in self.standings}[track]


@dataclass
class _Field:
    """What a track is computed from."""

    rules: Rules
    rows: Sequence[Row]
    baseline: Row
    order: Mapping[str, int] = field(default_factory=dict)
    """Place of a row in the main track, for ties that are told apart."""


def rank(
    rules: Rules, rows: Sequence[Row], baseline: Row | None = None, floors: Sequence[Floor] | None = None
) -> Ranking:
    """Rank ``rows`` by ``rules``.

    Args:
        rules: the year's rules.
        rows: entries and reference rows, in the order of the table.
        baseline: the baseline's row, measured together with the entries; default: the published values.
        floors: other floors than the rules' (an audit of what a stricter reading would give).

    Returns:
        Standings of every track; a row that lacks a value that a floor or the main track needs is not ranked.

    Raises:
        SrbenchError: values that no score can be computed from.
    """
    base = baseline or published_baseline(rules)
    wanted = rules.floors if floors is None else tuple(floors)
    measured = {key for row in (*rows, base) for key in row.values}
    applied = [floor for floor in wanted if floor.column in measured]
    notes = tuple(
        f"the floor on {floor.column} is not applied: nobody has a value there"
        for floor in wanted
        if floor.column not in measured
    )
    eligible: list[Row] = []
    unranked: list[tuple[Row, tuple[Reason, ...]]] = []
    for row in rows:
        reasons = row.reasons or tuple(reason for floor in applied for reason in below(row, floor))
        if row.reference:
            reasons = (Reason("reference"),)
        if reasons:
            unranked.append((row, reasons))
        else:
            eligible.append(row)
    try:
        standings = _standings(rules, eligible, base)
    except DecimalException as error:  # a ratio to next to nothing, or a power beyond every number
        raise SrbenchError(
            f"the scores of {rules.id} cannot be computed from these values ({type(error).__name__}): expected "
            "positive values of a like size in every column that is scored; look for one in another unit."
        ) from error
    return Ranking(rules, base, tuple(eligible), tuple(unranked), standings, notes)


def published_baseline(rules: Rules) -> Row:
    """The baseline with its published values."""
    return Row("baseline", rules.baseline.row or rules.baseline.name, dict(rules.baseline.values), reference=True)


def below(row: Row, floor: Floor) -> tuple[Reason, ...]:
    """Why ``row`` is below ``floor``, or nothing. The value is rounded from its shortest decimal form.

    >>> from srbench.rules import get_rules
    >>> floor = get_rules("ntire2026-esr").floors[0]
    >>> below(Row("1", "a", {floor.column: Decimal("26.895")}), floor)
    ()
    >>> below(Row("1", "a", {floor.column: Decimal("26.8949999")}), floor)[0].found
    Decimal('26.89')
    """
    value = row.values.get(floor.column)
    if value is None:
        return (Reason("not measured", floor.column, None, floor.value),)
    found = rounded(value, floor)
    return () if found >= floor.value else (Reason("floor", floor.column, found, floor.value),)


def rounded(value: Decimal, floor: Floor) -> Decimal:
    """``value`` as the floor compares it."""
    if floor.decimals is None or not value.is_finite():
        return value
    return value.quantize(Decimal(1).scaleb(-floor.decimals), _ROUNDING[floor.rounding], _EXACT)


def _standings(rules: Rules, eligible: Sequence[Row], baseline: Row) -> tuple[Standing, ...]:
    main = rules.main_track
    given = {row.id: place for place, row in enumerate(eligible)}
    found: dict[str, Standing] = {}
    if main is not None:
        found[main.id] = _standing(_Field(rules, eligible, baseline, given), main)
        given = {place.row.id: index for index, place in enumerate(found[main.id].places)}
    for track in rules.tracks:
        if track.id not in found:
            found[track.id] = _standing(_Field(rules, eligible, baseline, given), track)
    return tuple(found[track.id] for track in rules.tracks)


def _standing(table: _Field, track: Track) -> Standing:
    """Scores, then ranks among the rows that this track takes."""
    reasons = {row.id: _track_reasons(row, table.baseline, track, table.rules) for row in table.rows}
    taken = [row for row in table.rows if not reasons[row.id]]
    scores = scores_of(_Field(table.rules, taken, table.baseline, table.order), track)
    ordered = sorted(taken, key=lambda row: (_signed(scores[row.id], track), table.order.get(row.id, 0)))
    ranks = _ranks([scores[row.id] for row in ordered], track.ties or "competition")
    places = [Place(row, scores[row.id], place) for row, place in zip(ordered, ranks, strict=True)]
    places += [Place(row, None, None, reasons[row.id]) for row in table.rows if reasons[row.id]]
    tied = len(set(ranks)) < len(ranks)
    notes = ("the rules do not say how ties are ranked; they share the better rank here",) if (
        tied and track.ties is None) else ()  # fmt: skip
    return Standing(track, tuple(places), notes)


def _track_reasons(row: Row, baseline: Row, track: Track, rules: Rules) -> tuple[Reason, ...]:
    reasons = [Reason("not measured", term.column) for term in track.terms if _missing(term, row, baseline)]
    for key in track.no_worse_than_baseline:
        limit, value = baseline.values.get(key), row.values.get(key)
        if limit is None or value is None:
            reasons.append(Reason("not measured", key, value, limit))
        elif (value > limit) if rules.column(key).direction == "lower" else (value < limit):
            reasons.append(Reason("worse than baseline", key, value, limit))
    return tuple(reasons)


def _missing(term: Term, row: Row, baseline: Row) -> bool:
    if term.column not in row.values:
        return True
    return term.function in ("ratio", "exp-ratio") and not baseline.values.get(term.column)


def scores_of(table: _Field, track: Track) -> dict[str, Decimal]:
    """Score of every row of ``table`` by id: the sum of the track's terms."""
    totals = {row.id: Decimal(0) for row in table.rows}
    with localcontext(_WIDER):
        for term in track.terms:
            values = _term(term, table)
            totals = {key: totals[key] + term.weight * values[key] for key in totals}
    return {key: _EXACT.plus(total) for key, total in totals.items()}


def score(rules: Rules, track: Track, row: Row, baseline: Row) -> Decimal:
    """Score of one row against a baseline, for tracks without ranks.

    >>> from srbench.rules import get_rules
    >>> rules = get_rules("ntire2026-esr")
    >>> base = published_baseline(rules)
    >>> score(rules, rules.track("main"), base, base) == Decimal(2).exp(_EXACT)
    True
    """
    return scores_of(_Field(rules, (row,), baseline), track)[row.id]


def _term(term: Term, table: _Field) -> dict[str, Decimal]:
    values = {row.id: row.values[term.column] for row in table.rows}
    if term.function == "value":
        return values
    if term.function == "rank":
        return {key: Decimal(place) for key, place in column_ranks(table, term).items()}
    if not values:
        return {}
    base = table.baseline.values[term.column]
    if term.function == "ratio":
        return {key: value / base for key, value in values.items()}
    return {key: _WIDER.exp(term.factor * value / base) for key, value in values.items()}


def column_ranks(table: _Field, term: Term) -> dict[str, int]:
    """Rank of every row in a column, best first; equal values as the term says."""
    higher = table.rules.column(term.column).direction == "higher"
    ordered = sorted(
        table.rows,
        key=lambda row: (-row.values[term.column] if higher else row.values[term.column], table.order.get(row.id, 0)),
    )
    ranks = _ranks([row.values[term.column] for row in ordered], term.ties)
    return {row.id: place for row, place in zip(ordered, ranks, strict=True)}


def _ranks(ordered: Sequence[Decimal], ties: Ties) -> list[int]:
    """Ranks of values that stand in order.

    >>> values = [Decimal(v) for v in (1, 1, 2)]
    >>> [_ranks(values, ties) for ties in ("competition", "dense", "ordinal")]
    [[1, 1, 3], [1, 1, 2], [1, 2, 3]]
    """
    ranks: list[int] = []
    for index, value in enumerate(ordered):
        same = index > 0 and value == ordered[index - 1]
        if ties == "ordinal" or not same:
            ranks.append(ranks[-1] + 1 if ties == "dense" and ranks else index + 1)
        else:
            ranks.append(ranks[-1])
    return ranks


def _signed(value: Decimal, track: Track) -> Decimal:
    return -value if track.order == "higher" else value
