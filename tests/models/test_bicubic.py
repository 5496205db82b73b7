"""Bicubic on RGB, and the papers' bicubic row."""

from __future__ import annotations

from statistics import mean

import numpy as np
import pytest

from srbench.datasets.registry import open_dataset
from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_y
from srbench.metrics import score
from srbench.models.bicubic import image_of_luma
from srbench.models.opening import open_model


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(("scale", "printed"), [(2, "33.66/0.9299"), (3, "30.39/0.8682"), (4, "28.42/0.8104")])
def test_the_papers_row_of_set5(scale: int, printed: str) -> None:
    model = open_model("bicubic-paper", scale)
    scores = [score(*model.from_hr(image.load()[1]), scale) for image in open_dataset("set5", scale).images]
    assert f"{mean(s.psnr for s in scores):.2f}/{mean(s.ssim for s in scores):.4f}" == printed


def test_on_rgb_it_is_imresize() -> None:
    lr = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    model = open_model("bicubic", 3)
    assert model.network is None
    assert model.weights.name == "not needed"
    assert np.array_equal(model(lr), imresize(lr, 3))


def test_every_whole_luma_has_a_nearly_grey_colour() -> None:
    wanted = np.arange(16.0, 236.0)[None]
    image = image_of_luma(wanted)
    assert np.abs(rgb_to_y(image) - wanted).max() < 0.005
    assert np.ptp(image.astype(int), axis=2).max() <= 8


def test_what_takes_hr_says_so() -> None:
    model = open_model("bicubic-paper", 4)
    with pytest.raises(SrbenchError, match=r"call \.from_hr\(hr\)"):
        model(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(SrbenchError, match="multiples of 4 first"):
        model.from_hr(np.zeros((9, 8, 3), np.uint8))


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
