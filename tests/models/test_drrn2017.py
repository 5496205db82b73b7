"""DRRN: B1U9 and B1U25 share parameters, not cost."""

from __future__ import annotations

import pytest
from zoo_checks import check_network

from srbench.cost.count import count
from srbench.models.networks import build_network


@pytest.mark.parametrize("name", ["drrn", "drrn-b1u25"])
def test_drrn(name: str) -> None:
    check_network(name, dict.fromkeys((2, 3, 4), 297_601), arithmetic_size=(5, 6))


@pytest.mark.parametrize(("name", "units"), [("drrn", 9), ("drrn-b1u25", 25)])
def test_every_recursion_is_counted(name: str, units: int) -> None:
    result = count(build_network(name, 2), (8, 8), 1, ("macs",), scale=2, pre_upsampled=True)["macs"]
    assert result.num_conv == 2 + 2 * units
    assert result.macs == 16 * 16 * (2 * units * 9 * 128 * 128 + 2 * 9 * 128)
