"""Printed values: from the digits of a paper to a number, its unit and its rounding step."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

_NUMBER = re.compile(r"^(?P<digits>\d[\d,]*(?:\.\d+)?)\s*(?P<suffix>[KMG]?)$")
_SUFFIX = {"": Decimal(1), "K": Decimal(10) ** 3, "M": Decimal(10) ** 6, "G": Decimal(10) ** 9}

# unit of a column as papers write it -> (canonical unit, factor)
UNITS: dict[str, tuple[str, Decimal]] = {
    "": ("", Decimal(1)),
    "K": ("", Decimal(10) ** 3),
    "M": ("", Decimal(10) ** 6),
    "G": ("", Decimal(10) ** 9),
    "dB": ("dB", Decimal(1)),
    "s": ("ms", Decimal(1000)),
    "ms": ("ms", Decimal(1)),
    "MiB": ("MiB", Decimal(1)),
}

ROUNDINGS = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "cut off": ROUND_DOWN, "rounded up": ROUND_CEILING}


@dataclass(frozen=True)
class Value:
    """A printed number in canonical units (counts, dB, ms, MiB).

    ``quantum`` is what one step of the last printed digit is worth; ``text`` what is printed.
    Both are NaN for cells without a number ("-", a tick, a team's name).
    """

    text: str
    number: float
    quantum: float
    unit: str

    @property
    def is_number(self) -> bool:
        """Whether the cell holds a number."""
        return not math.isnan(self.number)


def parse_value(text: str, unit: str = "") -> Value:
    """Read a printed value; ``unit`` is its column's (a key of :data:`UNITS`).

    A suffix K, M or G on the digits takes the place of the column's factor, except in columns of
    memory and time, where it repeats the unit.

    >>> parse_value("1,774K").number, parse_value("1,774K").quantum
    (1774000.0, 1000.0)
    >>> parse_value("0.00295", "s").number
    2.95
    >>> parse_value("-").is_number
    False
    """
    canonical, factor = UNITS[unit]
    match = _NUMBER.match(text.strip())
    if match is None:
        return Value(text, math.nan, math.nan, canonical)
    digits = Decimal(match["digits"].replace(",", ""))
    if match["suffix"] and not canonical:
        factor = _SUFFIX[match["suffix"]]
    step = Decimal(1).scaleb(int(digits.as_tuple().exponent))
    return Value(text, float(digits * factor), float(step * factor), canonical)


def within_rounding(measured: float, printed: float, quantum: float) -> bool:
    """Whether ``measured`` rounds to ``printed`` (half a step of the last digit, either way at a tie).

    >>> within_rounding(31.8649, 31.86, 0.01), within_rounding(31.8651, 31.86, 0.01)
    (True, False)
    """
    return abs(Decimal(repr(measured)) - Decimal(repr(printed))) <= Decimal(repr(quantum)) / 2


def rounding_that_gives(measured: float, printed: float, quantum: float) -> str | None:
    """Name the way of rounding under which ``measured`` is printed as ``printed``.

    >>> rounding_that_gives(1_554_499, 1_555_000, 1000)
    'rounded twice'
    >>> rounding_that_gives(893_936, 893_000, 1000)
    'cut off'
    """
    steps = Decimal(repr(measured)) / Decimal(repr(quantum))
    target = (Decimal(repr(printed)) / Decimal(repr(quantum))).to_integral_value()
    for name, mode in ROUNDINGS.items():
        if steps.to_integral_value(rounding=mode) == target:
            return "rounded twice" if name == "rounded up" and _twice(steps) == target else name
    return None


def _twice(steps: Decimal) -> Decimal:
    """Half up to one digit more, then half up again."""
    once = (steps * 10).to_integral_value(rounding=ROUND_HALF_UP) / 10
    return once.to_integral_value(rounding=ROUND_HALF_UP)
