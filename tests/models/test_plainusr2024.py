"""PlainUSR in both forms."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_fusing, check_network, check_released

from srbench.models.plainusr2024 import PlainUSR, soft_pool


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("plainusr", {2: 311_364, 4: 333_108}),
        ("plainusr-u", {2: 13_628, 4: 19_820}),
        ("plainusr-t", {2: 48_724, 4: 60_100}),
        ("plainusr-s", {2: 57_236, 4: 68_612}),
        ("plainusr-m", {2: 148_932, 4: 165_492}),
        ("plainusr-l", {2: 707_076, 4: 734_004}),
    ],
)
def test_plainusr(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("plainusr", 4, 32.016, 0.8922),
        ("plainusr-u", 4, 30.769, 0.8698),
        ("plainusr-t", 4, 31.201, 0.8786),
        ("plainusr-s", 4, 31.561, 0.8855),
        ("plainusr-m", 4, 31.791, 0.8889),
        ("plainusr-l", 4, 32.257, 0.8956),
        ("plainusr-m", 2, 37.785, 0.9597),
    ],
)
def test_plainusr_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


@pytest.mark.parametrize(("widths", "num_convs"), [((8, 4), 2), ((12, 8, 4), 2), ((12, 8, 4), 3)])
def test_fusing_changes_nothing(widths: tuple[int, ...], num_convs: int) -> None:
    forms = (PlainUSR(2, widths, 4, num_convs, train_form=train_form) for train_form in (True, False))
    check_fusing(*forms)


def test_soft_pooling_is_a_weighted_mean() -> None:
    x = torch.rand(1, 2, 13, 16)
    pooled = soft_pool(x)
    window = x[0, 1, 3:10, 6:13]
    torch.testing.assert_close(pooled[0, 1, 1, 2], (window * window.exp()).sum() / window.exp().sum())
