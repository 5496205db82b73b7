"""FSRCNN: d = 56, s = 12, m = 4."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released

from srbench.models.networks import build_network


def test_fsrcnn() -> None:
    check_network("fsrcnn", dict.fromkeys((2, 3, 4), 12_809))


def test_weights_alone_are_the_12k_that_aidn_prints_at_x4() -> None:
    assert sum(p.numel() for p in build_network("fsrcnn", 4).parameters() if p.dim() > 1) == 12_464


def test_fsrcnn_on_colours() -> None:
    check_network("fsrcnn-rgb", {2: 24_683, 3: 24_683, 4: 24_683})


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(("scale", "psnr", "ssim"), [(3, 33.011, 0.9142), (4, 30.780, 0.8716)])
def test_fsrcnn_on_colours_reaches_its_figures(scale: int, psnr: float, ssim: float) -> None:
    check_released("fsrcnn-rgb", psnr, ssim, scale=scale, lr="imresize")
