"""DRCN: one convolution applied sixteen times."""

from __future__ import annotations

from zoo_checks import check_network

from srbench.cost.count import count
from srbench.models.networks import build_network


def test_drcn() -> None:
    check_network("drcn", dict.fromkeys((2, 3, 4), 1_774_096), arithmetic_size=(3, 4))


def test_every_recursion_is_counted() -> None:
    calls = count(build_network("drcn", 2), (8, 8), 1, ("macs",), scale=2, pre_upsampled=True)["macs"].num_conv
    assert calls == 2 + 16 + 16 * 2
