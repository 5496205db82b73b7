"""ABPN and its equivalent transformation."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("abpn-m4c28", {2: 33_464, 3: 42_539, 4: 62_048}),
        ("abpn-m6c40", {2: 93_400, 3: 104_095, 4: 125_872}),
        ("abpn-et-m4c28", {2: 44_408, 3: 54_958, 4: 77_780}),
        ("abpn-et-m6c40", {2: 114_288, 3: 126_350, 4: 151_548}),
    ],
)
def test_abpn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("abpn-m4c28", 4, 31.335, 0.8827),
        ("abpn-m6c40", 4, 31.632, 0.887),
        ("abpn-m4c28", 3, 33.531, 0.9197),
        ("abpn-et-m4c28", 4, 31.335, 0.8827),
        ("abpn-et-m6c40", 4, 31.632, 0.887),
    ],
)
def test_abpn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")
