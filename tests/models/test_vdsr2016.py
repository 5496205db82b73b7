"""VDSR: twenty convolutions and a global residual."""

from __future__ import annotations

import torch
from torch import nn
from zoo_checks import check_network

from srbench.models.networks import build_network


def test_vdsr() -> None:
    check_network("vdsr", dict.fromkeys((2, 3, 4), 665_921), arithmetic_size=(9, 11))


def test_weights_alone_are_664704() -> None:
    assert sum(p.numel() for p in build_network("vdsr", 4).parameters() if p.dim() > 1) == 664_704


def test_it_predicts_a_residual() -> None:
    network = build_network("vdsr", 2)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    x = torch.rand(1, 1, 8, 8)
    assert torch.equal(network(x), x)
