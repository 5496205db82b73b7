"""Tables of one paper that print the same cell and mark it differently."""

from __future__ import annotations

from itertools import combinations

from srbench.leaderboard import marking
from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed, slug
from srbench.leaderboard.audit.marks import columns
from srbench.leaderboard.marking import Marked
from srbench.leaderboard.published import PrintedCell

Key = tuple[str, int | None, str, str, str]


def run(material: Material) -> Checks:
    """Cells with the same digits whose place is the same in both tables and whose mark is not."""
    result = Checks()
    for paper in material.papers:
        marked = [t for t in paper.tables if t.marks]
        for one, other in combinations(marked, 2):
            a, b = (_places(material, paper.key, t.id) for t in (one, other))
            shared = [key for key in a if key in b]
            result.checked += 2 * len(shared)
            differ = [(a[k], b[k]) for k in shared if bool(a[k].meaning) != bool(b[k].meaning)]
            same_place = [(x, y) for x, y in differ if x.place == y.place]
            if differ:
                result.findings.append(_finding(material, differ, same_place))
    return result


def _places(material: Material, paper: str, table: str) -> dict[Key, Marked]:
    described = material.tables[paper, table]
    found: dict[Key, Marked] = {}
    for column in columns(material, paper, table):
        for m in marking.of_column(described, column):
            found[_key(m.cell)] = m
    return found


def _key(c: PrintedCell) -> Key:
    return c.method, c.cell.scale, c.cell.dataset, c.cell.metric, c.cell.value


def _finding(material: Material, differ: list[tuple[Marked, Marked]], same: list[tuple[Marked, Marked]]) -> Finding:
    first, second = differ[0]
    tables = f"{first.cell.table.upper()} and {second.cell.table.upper()}"
    name = material.name_of(first.cell.paper)
    cases = tuple(
        f"{x.cell.method} x{x.cell.cell.scale} {x.cell.cell.dataset} {x.cell.cell.metric} {x.cell.cell.value}: "
        "marked in "
        f"{(x if x.meaning else y).cell.table.upper()}, not in {(y if x.meaning else x).cell.table.upper()}; its place "
        + (f"is the same in both ({x.place or 'none'})" if (x, y) in same else "differs, as the tables have other rows")
        for x, y in differ
    )
    return Finding(
        slug(first.cell.paper, first.cell.table, second.cell.table, "marks-differ"), "marks", "ranking",
        "contradiction" if same else "explained",
        f"{name}: {tables} print the same {len(differ)} cells and mark them differently",
        f"{name} {tables} share {len(differ)} cells that are marked in one table and not in the other.",
        f"In {len(same)} of them the cell has the same place in both tables.",
        "marks were set by hand, table by table",
        f"{listed(list(dict.fromkeys(x.cell.method for x, _ in same)), 4)} cannot be best or second in one and not "
        "in the "
        "other." if same else "",
        cells=tuple(c.cell for pair in differ for c in pair), cases=cases, weight=len(same),
        figures={"cells": len(differ), "same place": len(same)},
    )  # fmt: skip


CHECK = Check("marks-across-tables", "marks", "One cell marked differently by two tables of a paper", run)
