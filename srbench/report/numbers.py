"""How figures are written: the digits of the papers, one way everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from srbench.quantities.number_text import MISSING


def giga_text(value: float, unit: float = 1e9) -> str:
    """A count in G (or in another ``unit``) with two decimals; two significant digits below 0.1.

    >>> giga_text(40_908_000_000), giga_text(5_200_000), giga_text(26_500_000, 1e6)
    ('40.91', '0.0052', '26.50')
    """
    scaled = value / unit
    return f"{scaled:,.2f}" if scaled >= 0.1 or not scaled else f"{scaled:.2g}"


def column_style(values: Iterable[float | None], unit: float) -> Callable[[float | None], str]:
    """How a column writes its counts, in ``unit``: all with as many decimals as its smallest one needs, at most two.

    >>> text = column_style([40_908_000_000, 2_900_000_000, None], 1e9)
    >>> text(40_908_000_000), text(2_900_000_000), text(None)
    ('40.9', '2.9', '–')
    """
    scaled = [value / unit for value in values if value]
    least = min(scaled, default=1.0)
    digits = 0 if least >= 100 else 1 if least >= 1 else 2

    def text(value: float | None) -> str:
        if not value:
            return MISSING
        return f"{value / unit:,.{digits}f}" if value / unit >= 0.1**digits / 2 else f"{value / unit:.1g}"

    return text


def plain_number(value: float, suffix: bool = True) -> str:
    """A number for an axis: no powers of ten, no trailing zeros; thousands as K, M, G unless ``suffix`` is false.

    >>> plain_number(500000.0), plain_number(2e6), plain_number(0.5), plain_number(3000.0, suffix=False)
    ('500K', '2M', '0.5', '3,000')
    """
    if not suffix:
        return f"{value:,.10g}"
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= unit:
            return f"{value / unit:.6g}{letter}"
    return f"{value:.6g}"


_TENTHS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
_FINE = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0)


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Ticks for a logarithmic axis from ``low`` to ``high``: 1-2-5 steps, or finer where the range is short.

    >>> log_ticks(90, 1100)
    (100.0, 200.0, 500.0, 1000.0)
    """
    for steps in ((1.0, 10.0), (1.0, 2.0, 5.0), _TENTHS, _FINE):
        ticks = _steps_between(low, high, steps)
        if len(ticks) >= 4 or (len(ticks) == 3 and len(steps) == 3):
            return ticks
    return ticks if len(ticks) >= 2 else linear_ticks(low, high)


def _steps_between(low: float, high: float, steps: tuple[float, ...]) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high))
    every = {round(step * 10.0**power, 12) for power in range(first, last + 1) for step in steps}
    return tuple(sorted(tick for tick in every if low <= tick <= high))


def linear_ticks(low: float, high: float, about: int = 6) -> tuple[float, ...]:
    """Round ticks for a linear axis from ``low`` to ``high``, ``about`` of them.

    >>> linear_ticks(31.93, 32.27)
    (31.95, 32.0, 32.05, 32.1, 32.15, 32.2, 32.25)
    """
    raw = (high - low) / about
    if raw <= 0:
        return (low,)
    power = 10.0 ** math.floor(math.log10(raw))
    step = min((factor * power for factor in (1.0, 2.0, 5.0, 10.0)), key=lambda size: abs(size - raw))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(index * step, 10) for index in range(first, last + 1))
