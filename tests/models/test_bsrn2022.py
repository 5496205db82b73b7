"""BSRN and BSRN-S."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from zoo_checks import check_network, check_released

from srbench.cost.count import count
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("bsrn", {2: 331_628, 3: 340_283, 4: 352_400}),
        ("bsrn-s", {4: 156_288}),
    ],
)
def test_bsrn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("bsrn", 4, 32.349, 0.8965),
        ("bsrn-s", 4, 32.157, 0.8949),
    ],
)
def test_bsrn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_the_challenge_left_the_pointwise_convolutions_out() -> None:
    """NTIRE 2022 prints 43 convolutions and 65.76M activations of BSRN-S, whose 1x1s are linear layers there."""
    with torch.device("meta"):
        network = build_network("bsrn-s", 4)
        result = count(network, (256, 256), conventions=("ntire-hooks",), scale=4)["ntire-hooks"]
    assert (result.num_conv, round(result.activations / 1e6, 2)) == (121, 209.19)
    convs = [(name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d)]
    wide = {name for name, layer in convs if layer.kernel_size[0] > 1}
    assert len(wide) == 43
    assert round(sum(row.activations for row in result.layers if row.name in wide) / 1e6, 2) == 65.76
