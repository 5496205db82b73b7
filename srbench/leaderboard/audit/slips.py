"""Slips of the pen: two digits transposed, or one digit off by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from srbench.leaderboard.published import PrintedCell


def transposed(text: str) -> Iterator[str]:
    """``text`` with two neighbouring digits changed over, a decimal point between them stepped over.

    >>> list(transposed("31.2"))
    ['13.2', '32.1']
    """
    places = [i for i, char in enumerate(text) if char.isdigit()]
    for left, right in itertools.pairwise(places):
        if text[left] != text[right]:
            yield text[:left] + text[right] + text[left + 1 : right] + text[left] + text[right + 1 :]


def one_digit_off(text: str) -> Iterator[str]:
    """``text`` with one digit, the last left out, one higher or lower: a key beside the right one."""
    places = [i for i, char in enumerate(text) if char.isdigit()]
    for place in places[:-1]:
        for step in (-1, 1):
            digit = int(text[place]) + step
            if 0 <= digit <= 9:
                yield f"{text[:place]}{digit}{text[place + 1 :]}"


def slip(cell: PrintedCell, fits: Callable[[float], bool]) -> str:
    """The digits that one slip of the pen turned into those of ``cell``, if they fit; transposed ones come first.

    ``fits`` gets a number in the cell's canonical unit. Empty when no single slip helps, or the cell has no number.
    """
    own = _number(cell.cell.value)
    if not own or not cell.value.is_number:
        return ""
    factor = cell.value.number / own
    for repaired in (*transposed(cell.cell.value), *one_digit_off(cell.cell.value)):
        number = _number(repaired)
        if number is not None and fits(number * factor):
            return repaired
    return ""


def is_transposed(text: str, repaired: str) -> bool:
    """Whether the two differ by the order of their digits alone."""
    return sorted(text) == sorted(repaired)


def _number(text: str) -> float | None:
    try:
        return float(text.strip().rstrip("KMG").replace(",", ""))
    except ValueError:
        return None
