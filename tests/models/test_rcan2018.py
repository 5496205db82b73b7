"""RCAN: ten groups of twenty channel-attention blocks."""

from __future__ import annotations

from zoo_checks import check_network


def test_rcan() -> None:
    check_network("rcan", {2: 15_444_643, 3: 15_629_283, 4: 15_592_355}, arithmetic_size=(3, 4))
