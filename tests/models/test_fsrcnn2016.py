"""FSRCNN: d = 56, s = 12, m = 4."""

from __future__ import annotations

from zoo_checks import check_network

from srbench.models.networks import build_network


def test_fsrcnn() -> None:
    check_network("fsrcnn", dict.fromkeys((2, 3, 4), 12_809))


def test_weights_alone_are_the_12k_that_aidn_prints_at_x4() -> None:
    assert sum(p.numel() for p in build_network("fsrcnn", 4).parameters() if p.dim() > 1) == 12_464
