"""CFSR, and its edge branches."""

from __future__ import annotations

import pytest
from zoo_checks import check_fusing, check_network, check_released

from srbench.models.cfsr2024 import CFSR


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("cfsr", {2: 291_324, 3: 297_819, 4: 306_912}),
    ],
)
def test_cfsr(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("cfsr", 4, 32.326, 0.8964),
    ],
)
def test_cfsr_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_fusing_changes_nothing() -> None:
    check_fusing(CFSR(2, depths=(1, 2), train_form=True), CFSR(2, depths=(1, 2)))
