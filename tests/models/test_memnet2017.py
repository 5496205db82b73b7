"""MemNet: six memory blocks of six recursions."""

from __future__ import annotations

from zoo_checks import check_network

from srbench.cost.count import count
from srbench.models.networks import build_network


def test_memnet() -> None:
    check_network("memnet", dict.fromkeys((2, 3, 4), 678_209), arithmetic_size=(5, 6))


def test_weights_alone_are_676992() -> None:
    assert sum(p.numel() for p in build_network("memnet", 4).parameters() if p.dim() > 1) == 676_992


def test_every_recursion_is_counted() -> None:
    calls = count(build_network("memnet", 2), (8, 8), 1, ("macs",), scale=2, pre_upsampled=True)["macs"].num_conv
    assert calls == 2 + 6 * (6 * 2 + 1)
