"""MATLAB's imresize: bytes that MATLAB itself wrote, and what must hold for every image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from srbench.errors import SrbenchError
from srbench.imaging import imresize, modcrop, read_image
from srbench.imaging.imresize import axis_weights

sides = st.integers(1, 24)
factors = st.one_of(st.sampled_from([1 / 4, 1 / 3, 1 / 2, 2.0, 3.0, 4.0]), st.floats(0.15, 5.0))
float_images = st.tuples(sides, sides).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-1000, 1000, width=32))
)


def matlab_folder(assets: Path) -> Path:
    return next((assets / "raw.githubusercontent.com" / "Zheng222" / "IMDN").glob("*/Test_Datasets"))


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("name", ["baby", "bird", "butterfly", "head", "woman"])
def test_every_byte_is_matlabs(assets: Path, name: str, scale: int) -> None:
    folder = matlab_folder(assets)
    hr = modcrop(read_image(folder / "Set5" / f"{name}.bmp"), scale)
    lr = read_image(folder / "Set5_LR" / f"x{scale}" / f"{name}x{scale}.bmp")
    np.testing.assert_array_equal(imresize(hr, 1 / scale), lr)


def test_without_rounding_between_the_passes_it_would_not_be_matlabs(assets: Path) -> None:
    folder = matlab_folder(assets)
    hr = modcrop(read_image(folder / "Set5" / "bird.bmp"), 4)
    lr = read_image(folder / "Set5_LR" / "x4" / "birdx4.bmp")
    rounded_once = np.clip(np.floor(imresize(hr.astype(np.float64), 0.25) + 0.5), 0, 255)
    assert 0.05 < np.mean(rounded_once != lr) < 0.25


@given(n_in=st.integers(1, 60), n_out=st.integers(1, 60))
def test_weights_of_every_output_pixel_sum_to_one(n_in: int, n_out: int) -> None:
    weights, indices = axis_weights(n_in, n_out, n_out / n_in)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    assert indices.min() >= 0
    assert indices.max() < n_in


@given(value=st.integers(0, 255), height=sides, width=sides, factor=factors)
def test_a_constant_image_stays_constant(value: int, height: int, width: int, factor: float) -> None:
    out = imresize(np.full((height, width, 3), value, dtype=np.uint8), factor)
    assert out.dtype == np.uint8
    assert (out == value).all()


@settings(max_examples=60, deadline=None)
@given(image=float_images, height=sides, width=sides)
def test_flipping_before_or_after_is_the_same(image: np.ndarray, height: int, width: int) -> None:
    resized = imresize(image, (height, width))
    for axis in (0, 1):
        np.testing.assert_allclose(
            imresize(np.flip(image, axis), (height, width)), np.flip(resized, axis), rtol=0, atol=1e-8
        )


@settings(max_examples=60, deadline=None)
@given(image=float_images, factor=factors)
def test_a_factor_gives_the_size_rounded_up(image: np.ndarray, factor: float) -> None:
    height, width = image.shape
    assert imresize(image, factor).shape == (int(np.ceil(factor * height)), int(np.ceil(factor * width)))


def test_factor_one_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    np.testing.assert_array_equal(imresize(image, 1), image)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_enlarging_keeps_a_plane_away_from_the_borders(scale: int) -> None:
    """Keys' kernel reproduces polynomials of the first degree."""
    y, x = np.mgrid[0:12, 0:10].astype(np.float64)
    out = imresize(2.0 * x - y, float(scale))
    v, u = ((np.arange(n * scale) + 0.5) / scale - 0.5 for n in (12, 10))
    expected = 2.0 * u[None, :] - v[:, None]
    inner = (slice(2 * scale, -2 * scale), slice(2 * scale, -2 * scale))
    np.testing.assert_allclose(out[inner], expected[inner], atol=1e-9)


def test_floats_keep_their_type_and_are_neither_rounded_nor_clipped() -> None:
    edge = np.repeat([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], 6, axis=0)
    out = imresize(edge.astype(np.float32), 2)
    assert out.dtype == np.float32
    assert out.min() < 0 < 1 < out.max()


def test_an_image_of_one_pixel_can_be_enlarged() -> None:
    assert (imresize(np.full((1, 1), 9, dtype=np.uint8), (5, 7)) == 9).all()


@pytest.mark.parametrize(
    ("image", "factor", "message"),
    [
        (np.zeros((4, 4), dtype=np.int32), 2, "uint8, float32 or float64 image, got int32"),
        (np.zeros((0, 4), dtype=np.uint8), 2, "non-empty HxW"),
        (np.zeros(4, dtype=np.uint8), 2, "non-empty HxW"),
        (np.zeros((4, 4), dtype=np.uint8), 0, "positive factor"),
        (np.zeros((4, 4), dtype=np.uint8), float("nan"), "positive factor"),
        (np.zeros((4, 4), dtype=np.uint8), (4, 0), "two positive integers"),
        (np.zeros((4, 4), dtype=np.uint8), (4, 4, 3), "two positive integers"),
    ],
)
def test_what_cannot_be_resized_is_said(image: np.ndarray, factor: float, message: str) -> None:
    with pytest.raises(SrbenchError, match=message):
        imresize(image, factor)


def test_rounding_once_differs_from_rounding_after_each_pass_by_one_here_and_there() -> None:
    image = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    each, once = imresize(image, 0.25), imresize(image, 0.25, round_once=True)
    exact = np.clip(np.floor(imresize(image.astype(np.float64), 0.25) + 0.5), 0, 255)
    assert once.dtype == np.uint8
    assert np.array_equal(once, exact)
    difference = np.abs(once.astype(int) - each)
    assert difference.max() == 1
    assert 0 < difference.mean() < 0.5
