"""SPAN in both forms, and SPAN-tiny."""

from __future__ import annotations

import pytest
from zoo_checks import check_fusing, check_network, check_released

from srbench.models.span2024 import SPAN


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("span", {4: 150_688}),
        ("span-tiny", {4: 130_828}),
    ],
)
def test_span(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("span", 4, 31.739, 0.8897),
        ("span-tiny", 4, 31.739, 0.889),
    ],
)
def test_span_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_fusing_changes_nothing() -> None:
    check_fusing(SPAN(2, 8, 2, train_form=True), SPAN(2, 8, 2))
