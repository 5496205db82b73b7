"""SRMDNF: the degradation as extra input channels."""

from __future__ import annotations

import numpy as np
import torch
from zoo_checks import check_network

from srbench.models.networks import build_network
from srbench.models.srmd2018 import bicubic_kernel, degradation_code, gaussian_kernel


def test_srmdnf() -> None:
    check_network("srmdnf", {2: 1_510_540, 3: 1_527_835, 4: 1_552_048})


def test_code_keeps_nearly_all_of_the_bicubic_kernel() -> None:
    for scale in (2, 3, 4):
        kernel = bicubic_kernel(scale)
        assert np.isclose(kernel.sum(), 1)
        assert np.isclose(gaussian_kernel(1, 2, 0.3).sum(), 1)
        assert 0.95 < np.linalg.norm(degradation_code(scale)) / np.linalg.norm(kernel) <= 1


def test_degradation_maps_reach_the_output() -> None:
    network, x = build_network("srmdnf", 2), torch.rand(1, 3, 6, 5)
    before = network(x)
    network.code.zero_()
    assert not torch.allclose(before, network(x))
