"""SAFMN of NTIRE 2023 and SAFMN++ of NTIRE 2024."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("safmn-ntire", {4: 237_000}),
        ("safmnpp", {4: 211_572}),
    ],
)
def test_safmn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("safmn-ntire", 4, 32.165, 0.8943),
        ("safmnpp", 4, 32.018, 0.8918),
    ],
)
def test_safmn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")
