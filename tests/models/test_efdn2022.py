"""EFDN in both forms."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_fusing, check_network, check_released

from srbench.cost.params import deployed
from srbench.models.efdn2022 import EFDB, EFDN


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("efdn", {2: 260_604, 4: 276_192}),
    ],
)
def test_efdn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("efdn", 4, 32.076, 0.8931),
        ("efdn", 2, 37.938, 0.9602),
    ],
)
def test_efdn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_fusing_changes_nothing() -> None:
    torch.manual_seed(0)
    check_fusing(EFDB(8, 4, train_form=True), EFDB(8, 4, train_form=False), channels=8)


def test_the_whole_network_fuses_to_the_released_form() -> None:
    fused = deployed(EFDN(2, train_form=True))
    wanted = {key: tensor.shape for key, tensor in EFDN(2).state_dict().items()}
    assert {key: tensor.shape for key, tensor in fused.state_dict().items()} == wanted
