"""Marks for best and second best against the columns they stand in, grouped by why they are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from srbench.leaderboard import marking
from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed, slug
from srbench.leaderboard.marking import Marked
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import METRICS, Table
from srbench.quantities import PSNR, SSIM

Why = Literal["single", "pair", "tie", "plain"]

WHY_WORDS: dict[Why, str] = {
    "single": "one odd value pushes the others down; without it the marks hold",
    "pair": "the SSIM carries the marks that its PSNR earns, as if the pair were marked as one",
    "tie": "a tie of the printed digits, marked as if hidden digits decided it",
    "plain": "the marks do not follow the column",
}


@dataclass(frozen=True)
class Column:
    """A column with faults, and why."""

    table: Table
    marked: tuple[Marked, ...]
    why: Why
    culprits: tuple[PrintedCell, ...]

    @property
    def faults(self) -> list[Marked]:
        """The cells whose mark is not the one that the column gives."""
        return [m for m in self.marked if m.fault]


def run(material: Material) -> Checks:
    """One finding per table and reason; a column that one odd value upsets is evidence against that value."""
    result = Checks()
    shelves: dict[tuple[str, str, Why], list[Column]] = {}
    ties: list[Column] = []
    for (paper, name), table in material.tables.items():
        if not table.marks:
            continue
        for column in columns(material, paper, name):
            if any(c.cell.mark != "none" for c in column) and METRICS[column[0].cell.metric] is not None:
                result.checked += len(column)
                found = _judge(material, table, column)
                if found:
                    shelf: Why = "plain" if found.why == "pair" else found.why
                    shelves.setdefault((paper, name, shelf), []).append(found)
    for (_, _, why), found_columns in shelves.items():
        if why == "single":
            result.findings.extend(_finding(material, [one]) for one in found_columns)
        elif why == "tie":
            ties.extend(found_columns)
        else:
            result.findings.append(_finding(material, found_columns))
    if ties:
        result.findings.append(_finding(material, ties))
    return result


def columns(material: Material, paper: str, table: str) -> list[list[PrintedCell]]:
    """The columns of a table: one scale, dataset and metric each."""
    found: dict[tuple[int | None, str, str], list[PrintedCell]] = {}
    for c in material.of_table(paper, table):
        found.setdefault((c.cell.scale, c.cell.dataset, c.cell.metric), []).append(c)
    return list(found.values())


def _judge(material: Material, table: Table, column: list[PrintedCell]) -> Column | None:
    marked = tuple(marking.of_column(table, column))
    faults = [m for m in marked if m.fault]
    if not faults:
        return None
    unmarked_best = [m.cell for m in faults if m.fault == "missing" and m.place == "best"]
    rest = [m.cell for m in marked if m.cell not in unmarked_best]
    if all(_tied_with_marked(m, marked) for m in faults):
        return Column(table, marked, "tie", tuple(m.cell for m in faults))
    of_mine = column[0].paper == material.mine  # whose suspects are set right before marks are looked at
    if unmarked_best and not of_mine and not any(m.fault for m in marking.of_column(table, rest)):
        return Column(table, marked, "single", tuple(unmarked_best))
    why: Why = "pair" if _marked_as_pair(material, column) else "plain"
    return Column(table, marked, why, tuple(m.cell for m in faults))


def _tied_with_marked(fault: Marked, column: tuple[Marked, ...]) -> bool:
    """Whether another cell with the same digits carries another mark, so that hidden digits may tell them apart."""
    others = [m for m in column if m is not fault and m.cell.value.number == fault.cell.value.number]
    return any(m.cell.cell.mark not in ("none", fault.cell.cell.mark) for m in others)


def _marked_as_pair(material: Material, column: list[PrintedCell]) -> bool:
    """Whether an SSIM column's marks are exactly those that the PSNR beside it carries."""
    first = column[0]
    if first.cell.metric != SSIM:
        return False
    marks = {c.cell.row_index: c.cell.mark for c in column}
    beside = [
        c for c in material.of_table(first.paper, first.table)
        if c.cell.metric == PSNR and c.cell.dataset == first.cell.dataset and c.cell.row_index in marks
    ]  # fmt: skip
    return bool(beside) and all(c.cell.mark == marks[c.cell.row_index] for c in beside)


def _case(column: Column) -> str:
    first = column.marked[0].cell.cell
    what = " ".join(filter(None, (f"x{first.scale}" if first.scale else "", first.dataset, first.metric)))
    parts = []
    for m in column.faults:
        place = {"best": "best", "second": "second best", None: "neither best nor second"}[m.place]
        how = f"is marked {m.meaning} but is {place}" if m.fault == "wrong" else f"is {place} without a mark"
        parts.append(f"{m.cell.method} {m.cell.cell.value} {how}")
    return f"{what}: {listed(parts)}"


def _finding(material: Material, found: list[Column]) -> Finding:
    first = found[0].marked[0].cell
    why, here = found[0].why, listed(list(dict.fromkeys(material.where(c.marked[0].cell) for c in found)))
    faults = [m for column in found for m in column.faults]
    wrong_best = [m for m in faults if m.fault == "wrong" and m.meaning.startswith("best")]
    as_pair = sum(c.why == "pair" for c in found)
    noun = "column" if len(found) == 1 else "columns"
    culprits = tuple(c for column in found for c in column.culprits)
    names = list(dict.fromkeys(m.cell.method for m in wrong_best))
    verb = "loses" if len(names) == 1 else "lose"
    headline = f"{here}: marks of best and second best are wrong in {len(found)} {noun}"
    ident, cause = slug(first.paper, first.table, "marks"), WHY_WORDS["plain"]
    if as_pair:
        headline += f", in {as_pair} as the PSNR beside them earns them"
        cause = f"in {as_pair} columns {WHY_WORDS['pair']}; in the others {WHY_WORDS['plain']}"
    if why == "tie":
        ident, cause = "marks-ties", WHY_WORDS["tie"]
        headline = f"{here}: ties of printed digits are marked apart in {len(found)} {noun}"
    if why == "single":
        cell = culprits[0]
        ident = slug(cell.paper, cell.table, cell.method, f"x{cell.cell.scale}", cell.cell.dataset, "unmarked")
        headline = f"{here}: {cell.method} {cell.cell.value} is the best of its column, unmarked"
        cause = WHY_WORDS["single"]
    return Finding(
        ident, "marks", "rounding" if why == "tie" else "ranking", "suspicious" if why == "tie" else "contradiction",
        headline, f"{here} marks best and second best in {len(found)} {noun} otherwise than its own digits.",
        f"By the printed digits {len(faults)} marks are wrong or missing.", cause,
        f"{listed(names)} {verb} {len(wrong_best)} marks." if wrong_best and why != "tie" else "", cells=culprits,
        beside=tuple(m.cell for column in found for m in column.marked if m.place and m.cell not in culprits),
        cases=tuple(_case(column) for column in found), weight=len(faults), symptom=why == "single",
        figures={"columns": len(found), "marks": len(faults)},
    )  # fmt: skip


CHECK = Check("marks", "marks", "Marks for best and second best", run)
