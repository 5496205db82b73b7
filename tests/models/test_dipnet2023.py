"""DIPNet: RLFN without biases, pruned."""

from __future__ import annotations

import pytest
from zoo_checks import check_network, check_released

from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("dipnet", {4: 243_252}),
    ],
)
def test_dipnet(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("dipnet", 4, 31.805, 0.8898),
    ],
)
def test_dipnet_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_only_the_attention_has_biases() -> None:
    names = [name for name, _ in build_network("dipnet", 4).named_parameters() if name.endswith(".bias")]
    assert names
    assert all(".attention." in name for name in names)
