"""Bicubic on RGB: MATLAB's and PyTorch's; the papers' row is in tests/evaluation/test_plane.py."""

from __future__ import annotations

from statistics import mean

import numpy as np
import pytest

from srbench.datasets.registry import open_dataset
from srbench.imaging import imresize
from srbench.metrics import score
from srbench.models.opening import open_model


def test_on_rgb_it_is_imresize() -> None:
    lr = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    model = open_model("bicubic", 3)
    assert model.network is None
    assert model.weights.name == "not needed"
    assert np.array_equal(model(lr), imresize(lr, 3))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_pytorchs_bicubic_is_pytorchs(scale: int) -> None:
    import torch

    lr = np.random.default_rng(0).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    x = torch.from_numpy(lr).permute(2, 0, 1)[None].double()
    y = torch.nn.functional.interpolate(x, scale_factor=scale, mode="bicubic").clamp(0, 255).round()
    ours = open_model("bicubic-torch", scale)(lr)
    difference = np.abs(ours - y[0].permute(1, 2, 0).numpy())
    assert difference.max() <= 1  # ties may round either way
    assert difference.mean() < 0.02


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(("scale", "logged"), [(2, 33.9542), (3, 30.6109), (4, 28.5997)])
def test_pytorchs_bicubic_is_the_row_of_etds_logs(scale: int, logged: float) -> None:
    model = open_model("bicubic-torch", scale)
    pairs = (image.load() for image in open_dataset("set5@mod12", scale, lr="double").images)
    assert mean(score(model(lr), hr, scale).psnr for lr, hr in pairs) == pytest.approx(logged, abs=1e-4)
