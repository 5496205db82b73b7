"""PAN: pixel attention; released weights at x2, x3, x4."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released

from srbench.cost.count import count
from srbench.models.networks import build_network


def test_pan() -> None:
    check_network("pan", {2: 261_403, 3: 261_403, 4: 272_419})


def test_cost_is_that_of_the_aim_2020_table() -> None:
    result = count(build_network("pan", 4), (256, 256))
    assert round(result["ntire-hooks"].macs / 1e9, 4) == 32.1908
    assert round(result["fvcore"].macs / 1e9, 4) == 32.0922
    assert (round(result["macs"].activations / 1e6, 4), result["macs"].num_conv) == (270.5326, 121)


@pytest.mark.usefixtures("mirror")
def test_released_weights_reach_their_figures() -> None:
    check_released("pan", 32.135, 0.8948)
