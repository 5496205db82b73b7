"""A challenge's table as cells of text, and as CSV, LaTeX and the organisers' JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from srbench.challenge.standing import Outcome, reason_text
from srbench.challenge.tables import organisers_name
from srbench.printable import spreadsheet_cell, whole_pairs
from srbench.report.latex import escape
from srbench.rules import Column, Rules, Track
from srbench.rules.ranking import Place, Row, Standing

MISSING = "–"
LARGEST_SHOWN = Decimal(10) ** 7
"""Scores from here on are shown by their logarithm."""


@dataclass(frozen=True)
class Line:
    """A row of a track's table: rank, score and values as text; ``reasons`` say why it has no rank."""

    row: Row
    rank: str
    score: str
    cells: tuple[str, ...]
    reasons: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """All reasons in one cell."""
        return "; ".join(self.reasons)


@dataclass(frozen=True)
class TrackTable:
    """One track: heading, its columns and lines, ranked ones first."""

    track: Track
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


def value_text(value: Decimal | None, column: Column) -> str:
    """A value with the column's decimals.

    >>> from srbench.rules import get_rules
    >>> value_text(Decimal("0.150688"), get_rules("ntire2026-esr").column("params"))
    '0.151'
    """
    return MISSING if value is None else f"{value:.{column.digits}f}"


def score_text(place: Place) -> str:
    """A score to four decimals; whole ones as such; large ones as e to a power."""
    score = place.score
    if score is None:
        return MISSING
    size = score.copy_abs()  # abs() would round, and refuse what lies beyond every usual exponent
    if size < LARGEST_SHOWN and score == score.to_integral_value():
        return str(int(score))
    if size < LARGEST_SHOWN:
        return f"{score:.4f}"
    log = place.log_score
    return f"e^{log:.3f}" if log is not None else f"{score:.4e}"


def shown_columns(rules: Rules) -> tuple[Column, ...]:
    """Columns that the challenge's own table shows."""
    return tuple(column for column in rules.columns if column.shown)


def track_tables(outcome: Outcome) -> tuple[TrackTable, ...]:
    """A table per track, the main track first."""
    ranking = outcome.ranking
    ordered = sorted(ranking.standings, key=lambda one: not one.track.main)
    return tuple(_track_table(outcome, standing) for standing in ordered)


def _track_table(outcome: Outcome, standing: Standing) -> TrackTable:
    rules = outcome.ranking.rules
    columns = shown_columns(rules)
    lines = [
        Line(
            place.row, MISSING if place.rank is None else str(place.rank), score_text(place),
            _cells(place.row, columns),
            tuple(reason_text(reason, rules) for reason in place.reasons),
        )
        for place in standing.places
    ]  # fmt: skip
    for row, reasons in outcome.ranking.unranked:
        texts = tuple(dict.fromkeys(reason_text(reason, rules) for reason in reasons))
        lines.append(Line(row, MISSING, MISSING, _cells(row, columns), texts))
    return TrackTable(standing.track, columns, tuple(lines), standing.notes)


def _cells(row: Row, columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(value_text(row.values.get(column.key), column) for column in columns)


def overview(outcome: Outcome) -> tuple[list[str], list[list[str]]]:
    """One table of everything: ranks and scores of all tracks beside the values; header and rows."""
    rules = outcome.ranking.rules
    tables = track_tables(outcome)
    if not tables:
        raise_no_tracks(rules)
    header = ["ID", "Entry"]
    for table in tables:
        header += [f"{table.track.id} rank"] + ([f"{table.track.id} score"] if _has_score(table.track) else [])
    unsteady = {key: steady.short for key, steady in outcome.unsteady}
    header += [column.title for column in tables[0].columns]
    header += [*(["Unsteady runtime"] if unsteady else []), "Not ranked because"]
    by_track = [{line.row.id: line for line in table.lines} for table in tables]
    rows = []
    for line in tables[0].lines:
        cells = [line.row.id, line.row.title]
        for table, found in zip(tables, by_track, strict=True):
            own = found[line.row.id]
            cells += [own.rank] + ([own.score] if _has_score(table.track) else [])
        whys = dict.fromkeys(reason for found in by_track for reason in found[line.row.id].reasons)
        marks = [unsteady.get(line.row.id, "")] if unsteady else []
        rows.append([*cells, *line.cells, *marks, "; ".join(whys)])
    return header, rows


def raise_no_tracks(rules: Rules) -> None:
    """Refuse rules without a ranking.

    Raises:
        SrbenchError: always.
    """
    from srbench.errors import SrbenchError

    raise SrbenchError(f"how {rules.id} ranked its entries is unknown; there is no table to make.")


def _has_score(track: Track) -> bool:
    return not (len(track.terms) == 1 and track.terms[0].function == "value")


def as_csv(outcome: Outcome) -> str:
    """All tracks in one CSV; no cell is one that a spreadsheet would evaluate."""
    header, rows = overview(outcome)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [[spreadsheet_cell(cell) for cell in line] for line in (header, *rows)]
    )
    return text.getvalue()


def as_latex(outcome: Outcome) -> str:
    """The table for the challenge's report (package booktabs): ranks, scores and values; then the unranked rows."""
    header, rows = overview(outcome)
    rules = outcome.ranking.rules
    keep = [index for index, name in enumerate(header) if name not in ("ID", "Not ranked because")]
    lines = [
        r"\begin{table*}", r"\centering", rf"\caption{{{escape(rules.title)}}}", rf"\label{{tab:{rules.id}}}",
        r"\resizebox{\linewidth}{!}{%", rf"\begin{{tabular}}{{l{'r' * (len(keep) - 1)}}}", r"\toprule",
        " & ".join(escape(header[index]) for index in keep) + r" \\", r"\midrule",
    ]  # fmt: skip
    ranked = [row for row in rows if row[2] != MISSING]
    others = [row for row in rows if row[2] == MISSING]
    for place, part in enumerate((ranked, others)):
        if place and part:
            lines += [r"\midrule", rf"\multicolumn{{{len(keep)}}}{{l}}{{\emph{{Not ranked}}}} \\"]
        for row in part:
            why = f"  % {spreadsheet_cell(row[-1])}" if row[-1] else ""
            lines.append(" & ".join(escape(spreadsheet_cell(row[index])) for index in keep) + rf" \\{why}")
    lines += [r"\bottomrule", r"\end{tabular}}"]
    notes = [escape(spreadsheet_cell(note)) for note in outcome.notes]
    if notes:
        lines.append(rf"\par\smallskip{{\footnotesize Notes: {'; '.join(notes)}.}}")
    lines.append(r"\end{table*}")
    return "\n".join(lines) + "\n"


def organisers_json(outcome: Outcome) -> str:
    """The values as the organisers' ``results.json`` names them, by ``NN_Name``; finite numbers only."""
    ranking = outcome.ranking
    rows = [*ranking.eligible, *(row for row, _ in ranking.unranked)]
    data: dict[str, dict[str, float]] = {}
    for row in rows:
        named = {
            name: float(row.values[column.key])
            for column in ranking.rules.columns
            if (name := organisers_name(column)) and column.key in row.values
        }
        title = row.title if row.title.startswith(row.id) else f"{row.id}_{row.title}"
        data[title] = named
    return whole_pairs(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)) + "\n"


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Everything for machines: ranks, logarithms of scores, reasons, changes. All numbers are finite."""
    ranking = outcome.ranking
    rules = ranking.rules
    return {
        "schema": "srbench.challenge.ranking/1",
        "rules": rules.id,
        "notes": list(outcome.notes),
        "timing": outcome.policy,
        "unsteady": {
            key: {"fastest_ms": one.fastest, "slowest_ms": one.slowest, "unsound": one.unsound, "passes": one.passes}
            for key, one in outcome.unsteady
        },
        "isolation": outcome.isolation.model_dump() if outcome.isolation else None,
        "labels": dict(outcome.labels),
        "baseline": ranking.baseline.title,
        "tracks": {
            standing.track.id: [
                {
                    "id": place.row.id, "title": place.row.title, "rank": place.rank, "log_score": place.log_score,
                    "reasons": [reason_text(reason, rules) for reason in place.reasons],
                }
                for place in standing.places
            ]
            for standing in ranking.standings
        },
        "unranked": [
            {"id": row.id, "title": row.title, "reasons": [reason_text(reason, rules) for reason in reasons]}
            for row, reasons in ranking.unranked
        ],
        "values": {
            row.id: {key: float(value) for key, value in row.values.items()}
            for row in (*ranking.eligible, *(row for row, _ in ranking.unranked))
        },
        "changes": [
            {"policy": c.policy, "track": c.track, "id": c.row.id, "title": c.row.title, "rank": c.before,
             "then": c.after}
            for c in outcome.changes
        ],
        "winners": [{"policy": p, "track": t, "winner": w} for p, t, w in outcome.winners],
        "flags": {key: [flag.model_dump() for flag in flags] for key, flags in outcome.flags if flags},
    }  # fmt: skip
