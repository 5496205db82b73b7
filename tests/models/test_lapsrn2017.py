"""LapSRN: the published setting and the 5-convolution variant of two papers' counts."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network

from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("lapsrn", {2: 406_672, 3: 812_768, 4: 812_768}),
        ("lapsrn-5conv", {2: 251_473, 3: 502_306, 4: 502_306}),
    ],
)
def test_lapsrn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


def test_image_branch_starts_as_bilinear_upsampling() -> None:
    level = build_network("lapsrn", 2).levels[0]
    x = torch.rand(1, 1, 6, 7)
    bilinear = torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    inside = (..., slice(2, -2), slice(2, -2))
    torch.testing.assert_close(level.image_up(x)[inside], bilinear[inside])
