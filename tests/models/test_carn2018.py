"""CARN for all scales or one, and CARN-M."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network, check_released

from srbench import open_model
from srbench.cost.count import count
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("carn", dict.fromkeys((2, 3, 4), 1_591_939)),
        ("carn-single", {2: 964_163, 3: 1_148_803, 4: 1_111_875}),
        ("carn-m", dict.fromkeys((2, 3, 4), 414_811)),
    ],
)
def test_carn(name: str, params: dict[int, int]) -> None:
    check_network(name, params, arithmetic_size=(9, 11))


def test_upsamplers_of_other_scales_cost_nothing() -> None:
    costs = {count(build_network(name, 4), (64, 64), 3, ("fvcore",))["fvcore"].macs for name in ("carn", "carn-single")}
    assert len(costs) == 1


def test_shared_blocks_are_called_three_times() -> None:
    assert count(build_network("carn-m", 2), (8, 8))["macs"].num_conv == 2 + 1 + 3 * (3 * 3 + 3) + 3 + 1 + 1


@pytest.mark.usefixtures("mirror")
def test_released_weights_reach_their_figures() -> None:
    check_released("carn-m", 31.885, 0.8910)


@pytest.mark.usefixtures("mirror")
def test_one_released_file_serves_every_scale() -> None:
    models = [open_model("carn-m", scale, weights="released") for scale in (2, 3, 4)]
    assert len({model.weights.sha256 for model in models}) == 1
    states = [model.network.state_dict() for model in models if model.network is not None]
    assert all(torch.equal(state["head.weight"], states[0]["head.weight"]) for state in states)
