"""VapSR and VapSR-S."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("vapsr", {2: 329_236, 3: 336_811, 4: 342_220}),
        ("vapsr-s", {4: 154_956}),
    ],
)
def test_vapsr(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("vapsr", 4, 32.4, 0.8974),
        ("vapsr-s", 4, 32.166, 0.8947),
    ],
)
def test_vapsr_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")
