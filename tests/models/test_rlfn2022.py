"""RLFN, RLFN-S and the NTIRE 2022 winner."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("rlfn", {2: 526_856, 4: 543_740}),
        ("rlfn-s", {2: 454_620, 4: 470_208}),
        ("rlfn-ntire", {4: 317_218}),
    ],
)
def test_rlfn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("rlfn", 4, 32.238, 0.8953),
        ("rlfn-s", 4, 32.24, 0.8954),
        ("rlfn-ntire", 4, 32.097, 0.8939),
        ("rlfn", 2, 38.066, 0.9607),
    ],
)
def test_rlfn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")
