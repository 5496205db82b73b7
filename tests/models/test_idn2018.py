"""IDN: four distillation blocks and a 17x17 transposed convolution."""

from __future__ import annotations

from zoo_checks import check_network


def test_idn() -> None:
    check_network("idn", dict.fromkeys((2, 3, 4), 552_769))
