"""Bounds on quantities as people write them: ``--max-macs 20G``, ``--min-psnr 31.9``, ``--max-memory 512``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from srbench.errors import SrbenchError
from srbench.quantities import Quantity, get_quantity

_DECIMAL = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_BINARY = {"k": 2.0**10, "m": 2.0**20, "g": 2.0**30, "t": 2.0**40}


@dataclass(frozen=True)
class Bound:
    """A limit of a quantity, as stored: at ``most`` so much, or at least."""

    quantity: Quantity
    limit: float
    most: bool

    def holds(self, value: float) -> bool:
        """Whether a stored value keeps the limit, as it is printed: 31.898 dB is printed as 31.90."""
        shown = self.quantity.rounded(value)
        return shown <= self.limit if self.most else shown >= self.limit

    @property
    def text(self) -> str:
        """The limit in words.

        >>> parse_bound("max-macs", "20G").text
        'MACs at most 20.0G'
        """
        unit = f" {self.quantity.unit}" if self.quantity.unit else ""
        return f"{self.quantity.title} at {'most' if self.most else 'least'} {self.quantity.text(self.limit)}{unit}"


def parse_bound(name: str, text: str) -> Bound:
    """``max-QUANTITY`` or ``min-QUANTITY`` and an amount.

    Raises:
        SrbenchError: neither of the two, an unknown quantity, or no amount.

    >>> bound = parse_bound("min-psnr", "31.9")
    >>> bound.quantity.name, bound.limit, bound.most
    ('psnr', 31.9, False)
    """
    side, _, asked = name.partition("-")
    if side not in ("max", "min") or not asked:
        raise SrbenchError(f"'--{name}' is no bound; expected --max-QUANTITY or --min-QUANTITY, such as --max-macs.")
    quantity = get_quantity(asked)
    return Bound(quantity, parse_amount(text, quantity), side == "max")


def parse_amount(text: str, quantity: Quantity) -> float:
    """An amount of a quantity, as it is stored: ``20G``, ``715K``, ``31.9``; memory in MiB, or with K, M, G.

    Raises:
        SrbenchError: no finite amount.

    >>> parse_amount("2G", get_quantity("memory")) == 2 * 1024 * 2**20, parse_amount("1.5M", get_quantity("params"))
    (True, 1500000.0)
    """
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([kmgt]?)(?:i?b)?", text.strip().lower())
    if match is None or not math.isfinite(float(match[1])):
        example = "512 or 2G (MiB, GiB)" if quantity.style == "mebibytes" else "20G, 715K or 31.9"
        raise SrbenchError(f"'{text}' is no amount of {quantity.title}; expected for example {example}.")
    number, suffix = float(match[1]), match[2]
    if quantity.style == "mebibytes":
        return number * (_BINARY[suffix] if suffix else quantity.stored_per_unit)
    return number * _DECIMAL[suffix]


def dominated(own: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    """Whether one of ``others`` is at least as good everywhere and better somewhere; smaller is better.

    >>> dominated((2, 2), [(1, 2)]), dominated((1, 2), [(1, 2)]), dominated((1, 3), [(2, 1)])
    (True, False, False)
    """
    return any(
        all(theirs <= mine for theirs, mine in zip(other, own, strict=True)) and tuple(other) != tuple(own)
        for other in others
    )
