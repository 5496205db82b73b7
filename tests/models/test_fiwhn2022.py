"""FIWHN: parameters, and the split into quadrants."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network

from srbench.models.fiwhn2022 import FIWHN, PatchTransformer
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("fiwhn", {2: 705_098, 3: 713_768, 4: 725_906}),
    ],
)
def test_fiwhn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@torch.no_grad()
def test_quadrants_tile_the_image_once() -> None:
    network = FIWHN(2).eval()
    network.whole = lambda x: torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")  # type: ignore[method-assign]
    for size in ((23, 30), (420, 431)):
        x = torch.rand(1, 3, *size)
        torch.testing.assert_close(network(x), network.whole(x))


def test_x2_does_not_read_the_attention_inside_its_units() -> None:
    names = {}
    for scale in (2, 4):
        network = build_network("fiwhn", scale)
        network(torch.rand(1, 3, 20, 20)).sum().backward()
        names[scale] = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    assert not names[4]
    assert len(names[2]) == 144
    assert all(".attention." in name or ".input_scale." in name for name in names[2])


def test_attention_stays_within_quarters() -> None:
    torch.manual_seed(0)
    block = PatchTransformer(32)
    tokens = torch.rand(1, 9, 288)
    changed = tokens.clone()
    changed[:, 8] += 1
    difference = (block.attend(tokens) - block.attend(changed)).abs().amax(dim=-1)[0]
    assert (difference[:8] == 0).all()
    assert difference[8] > 0
