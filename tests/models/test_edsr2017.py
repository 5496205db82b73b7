"""EDSR and its baseline."""

from __future__ import annotations

import torch
from torch import nn
from zoo_checks import check_network

from srbench.models.edsr2017 import MEAN
from srbench.models.networks import build_network


def test_edsr_baseline() -> None:
    check_network("edsr-baseline", {2: 1_369_859, 3: 1_554_499, 4: 1_517_571}, arithmetic_size=(7, 9))


def test_edsr() -> None:
    check_network("edsr", {2: 40_729_603, 3: 43_680_003, 4: 43_089_923}, arithmetic_size=(3, 4))


def test_the_mean_is_put_back() -> None:
    network = build_network("edsr-baseline", 2)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    mean = 255 * torch.tensor(MEAN).reshape(1, 3, 1, 1)
    torch.testing.assert_close(network(torch.rand(1, 3, 4, 4)), mean.expand(1, 3, 8, 8))
