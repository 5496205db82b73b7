"""Ranks, sums of ranks and ties of challenge tables (rules of NTIRE 2022)."""

from __future__ import annotations

from dataclasses import dataclass

from srbench.leaderboard.audit.finding import Checks, Finding, Verdict, listed
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.ranking import competition_ranks
from srbench.leaderboard.schema import Paper

Row = dict[str, PrintedCell]

# rank column -> the column it ranks, lowest first
RANKS = {
    "runtime_rank": "runtime",
    "params_rank": "params",
    "macs_rank": "macs",
    "activations_rank": "activations",
    "memory_rank": "memory",
    "sub1_rank": "sub1_score",
    "sub2_rank": "sub2_score",
    "main_rank": "runtime",
}
# score column -> the ranks that it adds up
SUMS = {
    "sub1_score": ("params_rank", "macs_rank"),
    "sub2_score": ("runtime_rank", "params_rank", "macs_rank", "activations_rank", "memory_rank"),
}


@dataclass(frozen=True)
class Recomputed:
    """A rank column recomputed: rows by index with (lowest rank possible, highest rank possible)."""

    column: str
    possible: dict[int, tuple[int, int]]


def check(cells: tuple[PrintedCell, ...], _papers: tuple[Paper, ...] = ()) -> Checks:
    """Recompute every rank from the printed column, every sum from the printed ranks.

    Ties in printed digits leave a range of ranks open; a printed rank outside of it is a
    contradiction, ties told apart are named as decided by digits that are not printed.
    """
    result = Checks()
    tables: dict[tuple[str, str], dict[int, Row]] = {}
    for c in cells:
        rows = tables.setdefault((c.paper, c.table), {})
        rows.setdefault(c.cell.row_index, {}).setdefault(c.cell.metric, c)
    for (paper, table), rows in tables.items():
        ranked = {i: row for i, row in rows.items() if "main_rank" in row}
        if not ranked:
            continue
        for column, of in RANKS.items():
            result.checked += len(ranked)
            result.findings.extend(_check_ranks(f"{paper} {table}", ranked, column, of))
        for column, parts in SUMS.items():
            result.checked += len(ranked)
            result.findings.extend(_check_sums(f"{paper} {table}", ranked, column, parts))
    return result


def recompute(rows: dict[int, Row], of: str) -> dict[int, tuple[int, int]]:
    """(best, worst) rank that the printed digits of ``of`` allow, by row index."""
    indices = list(rows)
    values = [rows[i][of].value.number for i in indices]
    ranks = competition_ranks(values)
    return {i: (rank, rank + values.count(v) - 1) for i, rank, v in zip(indices, ranks, values, strict=True)}


def _check_ranks(where: str, rows: dict[int, Row], column: str, of: str) -> list[Finding]:
    possible = recompute(rows, of)
    wrong: list[int] = []
    ties: dict[int, list[int]] = {}
    for index, (low, high) in possible.items():
        if not low <= rows[index][column].value.number <= high:
            wrong.append(index)
        if high > low:
            ties.setdefault(low, []).append(index)
    findings = []
    if wrong:
        parts = [
            f"{rows[i][column].cell.row} is printed {rows[i][column].cell.value}, {rows[i][of].cell.value} gives "
            f"{_spelled(possible[i])}" for i in wrong
        ]  # fmt: skip
        involved = tuple(c for i in wrong for c in (rows[i][column], rows[i][of]))
        findings.append(Finding("ranks", "contradiction", f"{where}, {column}: {listed(parts)}.", involved))
    findings.extend(_ties(where, rows, column, of, list(ties.values())))
    return findings


def _spelled(allowed: tuple[int, int]) -> str:
    low, high = allowed
    return str(low) if low == high else f"{low} to {high}"


def _ties(where: str, rows: dict[int, Row], column: str, of: str, groups: list[list[int]]) -> list[Finding]:
    """One finding per kind: ties that share a rank, ties told apart."""
    shared = [g for g in groups if len({rows[i][column].cell.value for i in g}) == 1]
    apart = [g for g in groups if g not in shared]
    findings = []
    exact = of.endswith("_score")  # sums of ranks have no hidden digits
    told_apart: tuple[Verdict, str] = (
        ("contradiction", "equal sums of ranks have no hidden digits; other ties of this table share their rank")
        if exact
        else ("explained", "the digits that decide are not printed")
    )
    sharing: tuple[Verdict, str] = (
        "explained",
        "ties share the better rank, the next ranks are skipped (competition ranking)",
    )
    for kind, (verdict, why) in ((shared, sharing), (apart, told_apart)):
        if not kind:
            continue
        parts = [
            f"{_names(rows, g, column)} with {rows[g[0]][of].cell.value} are ranked {_ranks(rows, g, column)}"
            for g in kind
        ]
        cells = tuple(c for g in kind for i in g for c in (rows[i][of], rows[i][column]))
        noun = "tie" if len(kind) == 1 else "ties"
        text = f"{where}, {column}: {len(kind)} {noun} of {of}: {listed(parts, 4)}."
        findings.append(Finding("ranks", verdict, text, cells, why, {"ties": len(kind)}))
    return findings


def _names(rows: dict[int, Row], group: list[int], column: str) -> str:
    return listed([rows[i][column].cell.row for i in group])


def _ranks(rows: dict[int, Row], group: list[int], column: str) -> str:
    return listed(list(dict.fromkeys(rows[i][column].cell.value for i in group)))


def _check_sums(where: str, rows: dict[int, Row], column: str, parts: tuple[str, ...]) -> list[Finding]:
    findings = []
    for row in rows.values():
        total = sum(row[p].value.number for p in parts)
        if total != row[column].value.number:
            summands = " + ".join(row[p].cell.value for p in parts)
            printed = row[column].cell
            text = f"{where}, {printed.row}: {column} is printed {printed.value}, {summands} is {total:.0f}."
            cells = (row[column], *(row[p] for p in parts))
            findings.append(Finding("ranks", "contradiction", text, cells, "", {"sum": total}))
    return findings
