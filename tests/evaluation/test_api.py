"""``srbench.evaluate``: a frame with one row per image that carries what it was made with."""

from __future__ import annotations

from pathlib import Path

import pytest

from srbench.datasets import open_dataset
from srbench.errors import SrbenchError
from srbench.evaluation.api import evaluate
from srbench.models import open_model


def test_one_row_per_image_and_attrs_that_name_everything(images: Path) -> None:
    frame = evaluate("bicubic", images, scale=2, protocol="rgb-ntire")
    assert list(frame["image"]) == ["a", "b"]
    assert frame["psnr"].between(15, 50).all()
    assert frame["ssim"].between(0.5, 1).all()
    assert frame["lr_height"].tolist() == [24, 24]
    assert frame.attrs["protocol"]["id"] == "rgb-ntire@1"
    assert frame.attrs["weights"]["name"] == "not needed"
    assert frame.attrs["scale"] == 2
    assert len(frame.attrs["dataset"]["sha256"]) == 64


def test_the_figure_of_a_table_is_the_mean_of_the_column(mirror: str) -> None:
    frame = evaluate("arfdn", open_dataset("set5", 4, lr="files"), scale=4, weights="released")
    assert frame["psnr"].mean() == pytest.approx(32.122, abs=0.002)
    assert frame["ssim"].mean() == pytest.approx(0.8937, abs=0.0001)
    assert frame.attrs["weights"]["name"] == "arfdn.released"


def test_a_loaded_model_brings_its_own_scale(images: Path) -> None:
    model = open_model("bicubic", scale=3)
    frame = evaluate(model, open_dataset(images, 3, limit=1))
    assert frame.attrs["scale"] == 3
    assert frame["lr_width"].tolist() == [20]
    assert frame.equals(evaluate("bicubic", open_dataset(images, 3, limit=1), scale=3))


def test_random_weights_are_never_scored(images: Path) -> None:
    with pytest.raises(SrbenchError, match="random ones are never scored"):
        evaluate("imdn", images, weights="none")
    with pytest.raises(SrbenchError, match="random ones are never scored"):
        evaluate(open_model("imdn", weights="none"), images)
