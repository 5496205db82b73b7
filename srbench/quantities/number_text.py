"""How values are written: one way for each kind of number, everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable

MISSING = "–"


def fixed_text(value: float | None, digits: int) -> str:
    """A number with a fixed count of decimals; ``inf``, and an en dash for none.

    >>> fixed_text(32.2104, 2), fixed_text(math.inf, 2), fixed_text(None, 4)
    ('32.21', 'inf', '–')
    """
    if value is None:
        return MISSING
    return "inf" if math.isinf(value) else f"{value:.{digits}f}"


def count_text(value: float | None, _digits: int = 0) -> str:
    """A count as the papers print parameters: thousands (K), millions from 10M on.

    >>> count_text(715176), count_text(8129), count_text(43089923), count_text(0)
    ('715K', '8K', '43.1M', '–')
    """
    if not value:
        return MISSING
    if value >= 10_000_000:
        return f"{value / 1e6:.1f}M"
    return f"{value / 1e3:.0f}K" if value >= 1000 else f"{value:.0f}"


def giga_text(value: float | None, _digits: int = 1) -> str:
    """A large count in G with one decimal (two significant digits below 1 G).

    >>> giga_text(40_908_000_000), giga_text(230_400_000), giga_text(None)
    ('40.9G', '0.23G', '–')
    """
    if not value:
        return MISSING
    return f"{value / 1e9:.1f}G" if value >= 1e9 else f"{value / 1e9:.2g}G"


def mega_text(value: float | None, _digits: int = 1) -> str:
    """A count in M with one decimal (two significant digits below 1 M).

    >>> mega_text(154_141_000), mega_text(230_400)
    ('154.1M', '0.23M')
    """
    if not value:
        return MISSING
    return f"{value / 1e6:.1f}M" if value >= 1e6 else f"{value / 1e6:.2g}M"


def mebibyte_text(value: float | None, digits: int = 1) -> str:
    """Bytes as MiB.

    >>> mebibyte_text(339_289_760)
    '323.6'
    """
    return MISSING if value is None else f"{value / 2**20:.{digits}f}"


def whole_text(value: float | None, _digits: int = 0) -> str:
    """A whole number.

    >>> whole_text(43.0)
    '43'
    """
    return MISSING if value is None else f"{value:.0f}"


STYLES: dict[str, Callable[[float | None, int], str]] = {
    "fixed": fixed_text,
    "count": count_text,
    "giga": giga_text,
    "mega": mega_text,
    "mebibytes": mebibyte_text,
    "whole": whole_text,
}
