"""MSRResNet, the challenges' baseline."""

from __future__ import annotations

from zoo_checks import check_network

from srbench.cost.count import count
from srbench.models.networks import build_network


def test_srresnet() -> None:
    check_network("srresnet", {2: 1_369_859, 3: 1_554_499, 4: 1_517_571}, arithmetic_size=(7, 9))


def test_cost_is_that_of_the_aim_2020_table() -> None:
    result = count(build_network("srresnet", 4), (256, 256), 3, ("ntire-hooks",))["ntire-hooks"]
    assert round(result.macs / 1e9, 2) == 166.36
    assert round(result.activations / 1e6, 2) == 292.55
