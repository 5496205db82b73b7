"""Best and second best of a column, ties respected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

Place = Literal["best", "second"]


def best_and_second(values: Sequence[float | None], higher_is_better: bool) -> tuple[Place | None, ...]:
    """For each value "best", "second" or None. Equal values share a place; None and NaN have none.

    The second best is the next distinct value, however many share the best one.

    >>> best_and_second([38.05, 38.05, 38.00, None, 37.9], True)
    ('best', 'best', 'second', None, None)
    """
    known = {v for v in values if v is not None and not math.isnan(v)}
    order = sorted(known, reverse=higher_is_better)
    places: dict[float, Place] = {}
    if order:
        places[order[0]] = "best"
    if len(order) > 1:
        places[order[1]] = "second"
    return tuple(None if v is None or math.isnan(v) else places.get(v) for v in values)


def competition_ranks(values: Sequence[float]) -> tuple[int, ...]:
    """Ranks from 1, lowest first; ties share the better rank and the next one is skipped.

    >>> competition_ranks([3.0, 1.0, 3.0, 9.0])
    (2, 1, 2, 4)
    """
    ordered = sorted(values)
    first: dict[float, int] = {}
    for rank, value in enumerate(ordered, start=1):
        first.setdefault(value, rank)
    return tuple(first[v] for v in values)
