"""Where figures would stand among a year's published ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from srbench.challenge.printed import read_printed
from srbench.challenge.rows import add_means
from srbench.challenge.tables import column_named
from srbench.errors import SrbenchError
from srbench.rules import Rules
from srbench.rules.ranking import Place, Reason, Row, below, published_baseline, rank

ID = "yours"


@dataclass(frozen=True)
class Stand:
    """One track: rank among how many, the rows just before and behind, or why there is none."""

    track: str
    title: str
    rank: int | None
    among: int
    score: Place | None
    before: str = ""
    behind: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """Stands in every track, and what the comparison rests on."""

    stands: tuple[Stand, ...]
    notes: tuple[str, ...]


def predict(rules: Rules, values: Mapping[str, Decimal], title: str = "your figures") -> Prediction:
    """Rank ``values`` (by column key, in the columns' units) among the printed rows of ``rules``.

    Years whose table is not kept here have the published baseline alone: then there is a score and no rank.

    Only entries that meet the rules' floors are compared with. Usual names of columns (``flops``) are taken.

    Raises:
        SrbenchError: no values, or a column that the rules do not have.
    """
    if not values:
        raise SrbenchError("no figures were given; give them as runtime=30.5, params=0.29 and so on.")
    given = by_column(rules, values)
    add_means(given, rules)
    own = Row(ID, title, given)
    listed = [one.row for one in read_printed(rules)] if rules.printed is not None else []
    printed = [row for row in listed if row.reference or not any(below(row, floor) for floor in rules.floors)]
    baseline = next((row for row in printed if row.reference and row.title == rules.baseline.row), None)
    floors = tuple(floor for floor in rules.floors if floor.column in given)
    found = rank(rules, [*printed, own], baseline or published_baseline(rules), floors)
    notes = [
        f"the floor on {f.column} is not applied: no value was given" for f in rules.floors if f.column not in given
    ]
    if len(printed) < len(listed):
        many = f"{len(listed) - len(printed)} published entries"
        notes.append(f"{many} are below the floors and not compared with")
    if not rules.tracks:
        notes.append(f"the tracks of {rules.id} are not known, so nothing is scored or ranked")
    elif not printed:
        notes.append(
            "no table of entries of this year is kept here: scores are against the published baseline, no ranks"
        )
    refused = next((reasons for row, reasons in found.unranked if row.id == ID), ())
    stands = []
    for standing in found.standings:
        index = next((i for i, place in enumerate(standing.places) if place.row.id == ID), None)
        if refused or index is None or standing.places[index].rank is None:
            reasons = refused or (standing.places[index].reasons if index is not None else ())
            stands.append(Stand(standing.track.id, standing.track.title, None, len(printed), None, reasons=reasons))
            continue
        place = standing.places[index]
        ranked = [one for one in standing.places if one.rank is not None]
        at = ranked.index(place)
        stands.append(Stand(
            standing.track.id, standing.track.title, place.rank if printed else None, len(ranked), place,
            ranked[at - 1].row.title if at else "", ranked[at + 1].row.title if at + 1 < len(ranked) else "",
        ))  # fmt: skip
    return Prediction(tuple(stands), tuple(notes))


def by_column(rules: Rules, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Values by column key, also where a usual name was given.

    Raises:
        SrbenchError: a name that means no column, or two that mean one.
    """
    found: dict[str, Decimal] = {}
    for name, value in values.items():
        column = column_named(name, rules)
        if column is None:
            raise SrbenchError(
                f"{rules.id} has no column '{name}'; it has {', '.join(column.key for column in rules.columns)}."
            )
        if column.key in found:
            raise SrbenchError(f"{column.key} is given twice, once as '{name}'; give it once.")
        found[column.key] = value
    return found
