"""Marks for best and second best: what the authors print, what the column earns, and where they part.

One rule for audit and report. Equal digits share a place; the second best is the next distinct value. Where several
rows share the best value, a mark for second best is a matter of taste and never a fault. A column of two values has no
second best, one of a single value no best. Rows that the paper leaves out of its marks take no part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.ranking import Place, best_and_second
from srbench.leaderboard.schema import METRICS, Table

Fault = Literal["wrong", "missing", ""]


@dataclass(frozen=True)
class Marked:
    """A cell of a column with the place its number earns; ``shared`` says that several cells have the best number."""

    cell: PrintedCell
    place: Place | None
    meaning: str
    fault: Fault
    shared: bool


def meaning_of(cell: PrintedCell, table: Table) -> str:
    """What the authors' mark of a cell means: "best", "second", "best or second", or "" for no mark."""
    return "" if cell.cell.mark == "none" else table.marks.get(cell.cell.mark, "")


def takes_part(cell: PrintedCell, table: Table) -> bool:
    """Whether a cell is ranked in its column."""
    return cell.cell.row not in table.unmarked_rows and METRICS[cell.cell.metric] is not None


def of_column(table: Table, column: Sequence[PrintedCell]) -> list[Marked]:
    """The cells of one column (one scale, dataset and metric) that take part, with their places and faults."""
    cells = [c for c in column if takes_part(c, table)]
    if not cells:
        return []
    places = places_of([c.value.number for c in cells], bool(METRICS[cells[0].cell.metric]))
    shared = places.count("best") > 1
    return [
        Marked(c, place, meaning_of(c, table), _fault(table, meaning_of(c, table), place, shared), shared)
        for c, place in zip(cells, places, strict=True)
    ]


def places_of(values: Sequence[float | None], higher_is_better: bool) -> tuple[Place | None, ...]:
    """Best and second best of a column; None and NaN have no place, and two values no second best.

    >>> places_of([32.1, 32.0], True), places_of([32.1, None], True)
    (('best', None), (None, None))
    """
    known = sum(value is not None and not math.isnan(value) for value in values)
    if known < 2:
        return (None,) * len(values)
    found = best_and_second(values, higher_is_better)
    return tuple(None if known == 2 and place == "second" else place for place in found)


def words(marked: Marked) -> str:
    """What is wrong with a mark; empty where nothing is: ``bold (best) in print, computed second``."""
    if marked.fault == "missing":
        return f"not marked in print, computed {marked.place}"
    if marked.fault == "wrong":
        computed = marked.place or "neither best nor second"
        return f"{marked.cell.cell.mark} ({marked.meaning}) in print, computed {computed}"
    return ""


def _fault(table: Table, meaning: str, place: Place | None, shared: bool) -> Fault:
    if not table.marks:
        return ""
    if not meaning:
        marks_second = any("second" in words for words in table.marks.values())
        return "missing" if place == "best" or (place == "second" and not shared and marks_second) else ""
    right = place is not None if meaning == "best or second" else place == meaning
    return "" if right else "wrong"
