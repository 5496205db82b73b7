"""ECBSR, its training form, and its equivalent transformation."""

from __future__ import annotations

import pytest
from zoo_checks import check_fusing, check_network, check_released

from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ecbsr-m4c16", {2: 11_548, 3: 13_723, 4: 16_768}),
        ("ecbsr-m4c32", {2: 41_516, 3: 45_851, 4: 51_920}),
        ("ecbsr-m6c40", {2: 92_372, 3: 97_787, 4: 105_368}),
        ("ecbsr-et-m4c16", {2: 17_468, 3: 21_020, 4: 26_180}),
        ("ecbsr-et-m4c32", {2: 52_044, 3: 57_900, 4: 65_940}),
        ("ecbsr-et-m6c40", {2: 111_268, 3: 118_276, 4: 127_756}),
        ("ecbsr-m4c16-train", {2: 44_604, 3: 58_689, 4: 92_016}),
    ],
)
def test_ecbsr(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("ecbsr-m4c16", 4, 30.888, 0.8735),
        ("ecbsr-m4c32", 4, 31.254, 0.8809),
        ("ecbsr-m6c40", 4, 31.422, 0.8825),
        ("ecbsr-m6c40", 3, 33.672, 0.9207),
        ("ecbsr-et-m4c16", 4, 30.888, 0.8735),
        ("ecbsr-et-m6c40", 4, 31.422, 0.8825),
    ],
)
def test_ecbsr_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


@pytest.mark.parametrize("scale", [2, 3])
def test_fusing_changes_nothing(scale: int) -> None:
    check_fusing(build_network("ecbsr-m4c16-train", scale), build_network("ecbsr-m4c16", scale))


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "psnr", "ssim"),
    [("ecbsr-m4c16", 30.87, 0.8741), ("ecbsr-m4c32", 31.24, 0.8815), ("ecbsr-m6c40", 31.41, 0.8831)],
)
def test_the_printed_digits_need_the_crop_to_12_and_lr_rounded_once(name: str, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, lr="double", dataset="set5@mod12")
