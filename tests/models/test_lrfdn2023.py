"""LRFDN."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network, check_released

from srbench.models.lrfdn2023 import LRFDB


def test_lrfdn() -> None:
    check_network("lrfdn", {4: 198_032})


@pytest.mark.usefixtures("mirror")
def test_lrfdn_reaches_its_figures() -> None:
    check_released("lrfdn", 31.989, 0.8921)


def test_the_width_halves_and_every_channel_has_a_weight() -> None:
    block = LRFDB(64, 16)
    assert [layer.out_channels for layer in (*block.distill, block.last)] == [32, 16, 8, 8]
    x = torch.randn(1, 64, 16, 16)
    before = block(x)
    block.channel_weight.data[0, 5] = 0
    after = block(x)
    assert torch.equal(after[:, 5], torch.zeros(1, 16, 16))
    assert torch.equal(after[:, :5], before[:, :5])
