"""ETDS in both forms, and the plain network it compares with."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_fusing, check_network, check_released

from srbench.cost.params import deployed
from srbench.models.etds2023 import DualStream
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("etds-t", {2: 13_944, 3: 16_920, 4: 21_360}),
        ("etds-s", {2: 41_512, 3: 46_792, 4: 54_112}),
        ("etds-m", {2: 60_008, 3: 65_288, 4: 72_608}),
        ("etds-l", {2: 152_184, 3: 159_768, 4: 169_968}),
        ("etds-t-train", {2: 12_110, 3: 14_300, 4: 17_366}),
        ("plain-m6c32", {4: 70_256}),
    ],
)
def test_etds(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("etds-t", 4, 30.887, 0.8732),
        ("etds-s", 4, 31.209, 0.88),
        ("etds-m", 4, 31.423, 0.8837),
        ("etds-l", 4, 31.706, 0.8883),
        ("etds-t", 3, 33.141, 0.9156),
        ("etds-m", 2, 37.556, 0.9588),
        ("plain-m6c32", 4, 31.342, 0.8824),
    ],
)
def test_etds_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_fusing_changes_nothing(scale: int) -> None:
    check_fusing(build_network("etds-t-train", scale), build_network("etds-t", scale))


def test_a_new_dual_stream_without_features_is_the_nearest_image() -> None:
    network = DualStream(3, 16, 2).eval()
    torch.nn.init.zeros_(network.tail.weight)
    torch.nn.init.zeros_(network.tail.bias)
    x = torch.rand(1, 3, 5, 7)
    torch.testing.assert_close(network(x), torch.nn.functional.interpolate(x, scale_factor=3, mode="nearest"))


def test_the_output_is_clamped_by_convolutions() -> None:
    network = deployed(DualStream(2, 16, 1))
    with torch.no_grad():
        output = network(torch.randn(1, 3, 9, 9) * 9)
    assert float(output.min()) == 0
    assert float(output.max()) == 1
