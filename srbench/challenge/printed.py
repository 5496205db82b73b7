"""The organisers' printed ranks beside those that their own rules give from the printed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from srbench.errors import SrbenchError
from srbench.leaderboard.published import cells, paper
from srbench.rules import Rules, Track
from srbench.rules.ranking import Ranking, Row, rank
from srbench.rules.schema import Ties

Kind = Literal["open", "broken"]


@dataclass(frozen=True)
class PrintedRow:
    """One row as printed: its values, and its ranks and scores by track id or column key."""

    row: Row
    ranks: Mapping[str, int]
    scores: Mapping[str, Decimal]


@dataclass(frozen=True)
class Mismatch:
    """A printed rank or score that the printed values do not give.

    ``open``: equal printed digits were told apart by digits that are not printed; ``broken``: no reading of the rules
    gives it. ``because`` says with whom it ties, or what follows.
    """

    kind: Kind
    track: str
    what: Literal["rank", "score"]
    row: Row
    printed: Decimal
    recomputed: Decimal | None
    because: str


@dataclass(frozen=True)
class Reading:
    """One way to read ties, and what it gives."""

    name: str
    ranking: Ranking
    mismatches: tuple[Mismatch, ...]
    printed: int
    """Printed ranks and scores that were compared."""


def read_printed(rules: Rules) -> tuple[PrintedRow, ...]:
    """The rows of the organisers' table as printed.

    Raises:
        SrbenchError: the rules have no printed table.
    """
    if rules.printed is None:
        raise SrbenchError(f"no printed table of {rules.id} is kept here; give a table of values or results.")
    printed = rules.printed
    found: dict[int, dict[tuple[str, str], str]] = {}
    names: dict[int, str] = {}
    for one in cells([printed.paper], printed.table):
        names[one.cell.row_index] = one.cell.row
        found.setdefault(one.cell.row_index, {})[one.cell.metric, one.cell.dataset] = one.cell.value
    rows = []
    for index, texts in sorted(found.items()):
        values = {
            key: Decimal(texts[place].replace(",", "")) for key, place in printed.columns.items() if place in texts
        }
        by_metric = {metric: text for (metric, _), text in texts.items()}
        row = Row(f"{index + 1:02d}", names[index], values, names[index] in printed.reference_rows)
        rows.append(PrintedRow(
            row,
            {key: int(by_metric[name]) for key, name in printed.ranks.items() if name in by_metric},
            {key: Decimal(by_metric[name]) for key, name in printed.scores.items() if name in by_metric},
        ))  # fmt: skip
    return tuple(rows)


def readings(rules: Rules, rows: Sequence[PrintedRow] | None = None) -> tuple[Reading, ...]:
    """The printed table under every reading of its ties: in the order of the table, shared, by exact counts.

    Raises:
        SrbenchError: the rules have no printed table.
    """
    given = tuple(rows) if rows is not None else read_printed(rules)
    plain = [one.row for one in given]
    wanted: list[tuple[str, Ties, list[Row]]] = [
        ("ties of digits in the order of the table", "ordinal", plain),
        ("ties of digits share a rank", "competition", plain),
    ]
    exact = with_exact(rules, plain)
    if exact != plain:
        wanted.append(("ties told apart by exact counts", "ordinal", exact))
    found = []
    for name, ties, used in wanted:
        ranking = rank(with_ties(rules, ties), used)
        compared = sum(len(one.ranks.keys() & {t.id for t in rules.tracks}) + len(one.scores) for one in given)
        found.append(Reading(name, ranking, mismatches(ranking, given), compared))
    return tuple(found)


def with_ties(rules: Rules, ties: Ties) -> Rules:
    """The same rules with equal values of a column ranked another way."""
    tracks = tuple(
        track.model_copy(update={"terms": tuple(term.model_copy(update={"ties": ties}) for term in track.terms)})
        for track in rules.tracks
    )
    return rules.model_copy(update={"tracks": tracks})


def with_exact(rules: Rules, rows: Sequence[Row]) -> list[Row]:
    """The rows with the exact counts that the table's description knows, in place of the printed digits."""
    if rules.printed is None:
        return list(rows)
    factors = {"M": 10**6, "K": 10**3, "G": 10**9}
    tables = {table.id: table for table in paper(rules.printed.paper).tables}
    found = []
    for row in rows:
        values = dict(row.values)
        for metric, counts in tables[rules.printed.table].exact.items():
            for key, (printed_as, _) in rules.printed.columns.items():
                if printed_as == metric and row.title in counts:
                    values[key] = Decimal(counts[row.title]) / factors.get(rules.column(key).unit, 1)
        found.append(replace(row, values=values))
    return found


def mismatches(ranking: Ranking, printed: Sequence[PrintedRow]) -> tuple[Mismatch, ...]:
    """Printed ranks and scores of tracks that ``ranking`` does not have, each with its cause."""
    found: list[Mismatch] = []
    by_id = {one.row.id: one for one in printed}
    eligible = {row.id for row in ranking.eligible}
    digits = [one.row for one in printed if one.row.id in eligible]
    for standing in ranking.standings:
        track = standing.track
        listed = [(place, by_id[place.row.id]) for place in standing.places if place.row.id in by_id]
        from_scores = _ranks_of_printed_scores(track, [one for _, one in listed])
        for place, one in listed:
            score, rank_printed = one.scores.get(track.id), one.ranks.get(track.id)
            if score is not None and score != place.score:
                because = _ties_of(one.row, track, digits)
                kind: Kind = "open" if because else "broken"
                found.append(Mismatch(kind, track.id, "score", one.row, score, place.score, because))
            if rank_printed is None or rank_printed == place.rank:
                continue
            open_ = from_scores.get(one.row.id) == rank_printed
            because = "it is the rank of the printed scores" if open_ else _equals(one, track, [o for _, o in listed])
            found.append(Mismatch(
                "open" if open_ else "broken", track.id, "rank", one.row, Decimal(rank_printed),
                None if place.rank is None else Decimal(place.rank), because,
            ))  # fmt: skip
    return tuple(found)


def _ranks_of_printed_scores(track: Track, rows: Sequence[PrintedRow]) -> dict[str, int]:
    scores = [one.scores[track.id] for one in rows if track.id in one.scores]
    return {
        one.row.id: 1 + sum(other < one.scores[track.id] for other in scores) for one in rows if track.id in one.scores
    }


def _ties_of(row: Row, track: Track, rows: Sequence[Row]) -> str:
    """With whom a row ties in the printed digits of the columns that a track ranks."""
    parts = []
    for term in track.terms:
        if term.function != "rank":
            continue
        value = row.values[term.column]
        same = [other.title for other in rows if other.id != row.id and other.values[term.column] == value]
        if same:
            parts.append(f"{term.column} {value} is also that of {', '.join(same)}")
    return "; ".join(parts)


def _equals(one: PrintedRow, track: Track, rows: Sequence[PrintedRow]) -> str:
    score = one.scores.get(track.id)
    same = [o.row.title for o in rows if o is not one and score is not None and o.scores.get(track.id) == score]
    if same:
        return f"its score {score} is also that of {', '.join(same)}, which has another rank"
    return "no reading gives it"
