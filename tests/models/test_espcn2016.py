"""ESPCN on colours."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("espcn-rgb", {2: 26_796, 3: 31_131, 4: 37_200}),
    ],
)
def test_espcn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("espcn-rgb", 4, 30.684, 0.8683),
        ("espcn-rgb", 2, 36.849, 0.9555),
    ],
)
def test_espcn_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")
