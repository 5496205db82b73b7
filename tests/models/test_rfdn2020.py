"""RFDN, RFDN-L, E-RFDN and the ablations of Tables 1 and 2."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network, check_released

from srbench.models.blocks import SRB
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("rfdn", {2: 534_036, 3: 540_531, 4: 549_624}),
        ("rfdn-l", {2: 625_962, 3: 632_997, 4: 642_846}),
        ("e-rfdn", {4: 433_448}),
        ("rfdn-t1-base", {4: 652_146}),
        ("rfdn-t1-srb", {4: 652_146}),
        ("rfdn-t1-fdc", {4: 636_546}),
        ("rfdn-t1-rfdb", {4: 636_546}),
        ("rfdn-rate-0.25", {4: 523_434}),
        ("rfdn-rate-0.5", {4: 544_386}),
        ("rfdn-rate-0.75", {4: 565_338}),
    ],
)
def test_rfdn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
def test_e_rfdn_reaches_its_figures() -> None:
    check_released("e-rfdn", 32.161, 0.8946)


def test_srb_adds_its_input_before_the_activation() -> None:
    x = torch.randn(1, 4, 5, 5)
    block = SRB(4)
    torch.nn.init.zeros_(block.conv.weight)
    torch.nn.init.zeros_(block.conv.bias)
    torch.testing.assert_close(block(x), torch.where(x > 0, x, 0.05 * x))


def test_only_the_distillations_follow_the_rate() -> None:
    block = build_network("rfdn-rate-0.75", 4).blocks[0]
    assert [layer.out_channels for layer in block.distill] == [36, 36, 36]
    assert block.last.out_channels == 24


def test_ablations_differ_in_what_they_say() -> None:
    residuals = {
        name: [module.residual for module in build_network(f"rfdn-t1-{name}", 4).blocks[0].refine]
        for name in ("base", "srb", "fdc", "rfdb")
    }
    assert residuals == {"base": [False] * 3, "srb": [True] * 3, "fdc": [False] * 3, "rfdb": [True] * 3}
