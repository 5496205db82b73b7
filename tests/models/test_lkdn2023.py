"""LKDN, and LKDN-S in both forms."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_fusing, check_network, check_released

from srbench import open_model
from srbench.cost.params import deployed
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("lkdn", {2: 303_812, 3: 311_387, 4: 321_992}),
        ("lkdn-s", {4: 129_177}),
        ("lkdn-s-train", {4: 172_449}),
    ],
)
def test_lkdn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("lkdn", 4, 32.39, 0.8979),
        ("lkdn-s", 4, 32.102, 0.8938),
        ("lkdn-s-train", 4, 32.102, 0.8938),
    ],
)
def test_lkdn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_fusing_changes_nothing() -> None:
    check_fusing(build_network("lkdn-s-train", 4), build_network("lkdn-s", 4))


@pytest.mark.usefixtures("mirror")
def test_the_released_training_form_fuses_to_the_released_fused_form() -> None:
    fused = deployed(open_model("lkdn-s-train", 4).network)
    released = open_model("lkdn-s", 4).network.state_dict()
    for key, tensor in fused.state_dict().items():
        torch.testing.assert_close(tensor, released[key], rtol=1e-4, atol=2e-5)
