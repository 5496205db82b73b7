"""A challenge as a page: a tab per track, printed beside recomputed ranks, Pareto front, a card per entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from srbench.challenge.entries import Flag
from srbench.challenge.gaps import Gap
from srbench.challenge.printed import PrintedRow, Reading, read_printed
from srbench.challenge.printed import readings as all_readings
from srbench.challenge.standing import Outcome, outcome_of_rows
from srbench.challenge.tables import with_baseline
from srbench.report.challenge_table import Line, TrackTable, track_tables, value_text
from srbench.report.scatter import Point, scatter_svg
from srbench.report.scatter_frame import pareto
from srbench.report.templating import page
from srbench.rules import Column, Rules, get_rules
from srbench.rules.ranking import Row


@dataclass(frozen=True)
class Card:
    """One entry: all that is known of it. ``anchor`` is what participants link to."""

    anchor: str
    row: Row
    ranks: tuple[tuple[str, str, str, str], ...]
    """(track, rank, score, printed rank) each."""
    values: tuple[tuple[str, str], ...]
    why: str
    flags: tuple[Flag, ...]
    gap: Gap | None = None


def of_printed(challenge: str, nav: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """The page of a challenge's own printed table, and its counts in words.

    Raises:
        SrbenchError: unknown rules, or a year whose table is not kept here.
    """
    rules = get_rules(challenge)
    printed = read_printed(rules)
    rows, baseline = with_baseline([one.row for one in printed], None, rules)
    outcome = outcome_of_rows(rows, rules, baseline)
    ranked, others = len(outcome.ranking.eligible), len(outcome.ranking.unranked)
    return html(outcome, printed, all_readings(rules), nav), f"{ranked} ranked, {others} not"


def html(
    outcome: Outcome,
    printed: Sequence[PrintedRow] = (),
    readings: Sequence[Reading] = (),
    nav: Sequence[tuple[str, str]] = (),
) -> str:
    """The self-contained page of an outcome; ``printed`` and ``readings`` are of the organisers' own table."""
    rules = outcome.ranking.rules
    tables = track_tables(outcome)
    by_id = {one.row.id: one for one in printed}
    anchors = _anchors([line.row for table in tables[:1] for line in table.lines])
    return page(
        "challenge.html.j2", title=rules.title, rules=rules, outcome=outcome, tables=tables, anchors=anchors,
        printed_rank=_printed_rank(by_id), readings=readings, plot=_plot(outcome, anchors),
        cards=_cards(outcome, tables, by_id, anchors), gaps=_gaps(rules),
        nav=nav, sortable=_sortable,
    )  # fmt: skip


def _sortable(text: str) -> str:
    """A number that sorts, out of a cell's text; "" where it is none."""
    bare = str(text).replace(",", "").replace("*", "").strip()
    try:
        return f"{float(bare):.9g}"
    except ValueError:
        return ""


def _printed_rank(by_id: dict[str, PrintedRow]) -> dict[str, dict[str, str]]:
    """Printed ranks as text by row id and track."""
    return {key: {track: str(rank) for track, rank in one.ranks.items()} for key, one in by_id.items()}


def _anchors(rows: Sequence[Row]) -> dict[str, str]:
    """Anchor of every row; rows of one name are told apart by their ids."""
    found: dict[str, str] = {}
    for row in rows:
        slug = re.sub(r"[^a-z0-9]+", "-", row.title.lower()).strip("-") or "entry"
        found[row.id] = f"entry-{slug}" if f"entry-{slug}" not in found.values() else f"entry-{slug}-{row.id}"
    return found


def _cards(
    outcome: Outcome, tables: Sequence[TrackTable], by_id: dict[str, PrintedRow], anchors: dict[str, str]
) -> list[Card]:
    rules = outcome.ranking.rules
    by_track: list[tuple[TrackTable, dict[str, Line]]] = [
        (table, {line.row.id: line for line in table.lines}) for table in tables
    ]
    by_gap = {gap.row.id: gap for gap in outcome.gaps}
    cards = []
    for line in tables[0].lines if tables else ():
        row = line.row
        ranks = []
        for table, lines in by_track:
            own = lines[row.id]
            printed = by_id[row.id].ranks.get(table.track.id) if row.id in by_id else None
            ranks.append((table.track.title, own.rank, own.score, "" if printed is None else str(printed)))
        values = tuple(
            (column.title, value_text(row.values[column.key], column))
            for column in rules.columns
            if column.key in row.values
        )
        cards.append(
            Card(anchors[row.id], row, tuple(ranks), values, line.why, outcome.flags_of(row.id), by_gap.get(row.id))
        )
    return cards


def _plot(outcome: Outcome, anchors: dict[str, str]) -> str:
    """Quality over runtime of the ranked rows and the baselines, with the Pareto front."""
    rules = outcome.ranking.rules
    quality, cost = _axes(rules)
    if quality is None or cost is None:
        return ""
    points = []
    best = _front(outcome, quality, cost)
    baselines = (row for row, _ in outcome.ranking.unranked if row.reference)
    for row in (*outcome.ranking.eligible, *baselines):
        x, y = row.values.get(cost.key), row.values.get(quality.key)
        if x is None or y is None or x <= 0:
            continue
        kind = "user" if row.reference else "released"
        tip = f"{row.title}: {quality.title} {value_text(y, quality)}, {cost.title} {value_text(x, cost)}"
        points.append(
            Point(
                row.id,
                anchors.get(row.id, ""),
                row.title if row.id in best or row.reference else "",
                float(x),
                float(y),
                kind,
                tip,
            )
        )
    return scatter_svg(points, cost.title, quality.title, f"{quality.title} over {cost.title}")


def _front(outcome: Outcome, quality: Column, cost: Column) -> set[str]:
    """Ids of the rows on the Pareto front of the ranked ones; they have their names in the drawing."""
    places = {
        row.id: (float(row.values[cost.key]), float(row.values[quality.key]))
        for row in outcome.ranking.eligible
        if cost.key in row.values and quality.key in row.values
    }
    best = pareto(list(places.values()))
    return {key for key, place in places.items() if place in best}


def _axes(rules: Rules) -> tuple[Column | None, Column | None]:
    quality = [column for column in rules.columns if column.direction == "higher"]
    costs = [column for column in rules.columns if column.quantity == "runtime" and not column.dataset]
    return (quality[-1] if quality else None), (costs[0] if costs else None)


def _gaps(rules: Rules) -> list[tuple[str, str, str]]:
    """Pieces of the rules that are not simply stated: path, how known, note."""
    return [(path, mark.status, mark.note) for path, mark in rules.marks.items() if mark.status != "stated"]
