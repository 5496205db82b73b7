"""BSRN and BSRN-S."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released


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
