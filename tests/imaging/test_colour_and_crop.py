"""Luma in studio range, and the two crops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.imaging import modcrop, rgb_to_y, rgb_to_ycbcr, shave, ycbcr_to_rgb


@pytest.mark.parametrize(
    ("rgb", "y"),
    [((0, 0, 0), 16.0), ((255, 255, 255), 235.0), ((255, 0, 0), 81.481), ((0, 255, 0), 144.553), ((0, 0, 255), 40.966)],
)
def test_luma_of_pure_colours(rgb: tuple[int, int, int], y: float) -> None:
    assert rgb_to_y(np.array([[rgb]], dtype=np.uint8))[0, 0] == pytest.approx(y, abs=1e-12)


def test_grey_counts_as_three_equal_channels() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_allclose(rgb_to_y(grey), rgb_to_y(np.stack([grey] * 3, axis=-1)), atol=1e-10)


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=20))
def test_ycbcr_and_back_is_the_same_image(pixels: list[tuple[int, int, int]]) -> None:
    image = np.array([pixels], dtype=np.uint8)
    np.testing.assert_array_equal(ycbcr_to_rgb(rgb_to_ycbcr(image)), image)
    np.testing.assert_allclose(rgb_to_ycbcr(image)[..., 0], rgb_to_y(image), atol=1e-10)


def test_luma_of_another_shape_is_refused() -> None:
    with pytest.raises(SrbenchError, match="HxWx3, got 4x4x2"):
        rgb_to_y(np.zeros((4, 4, 2), dtype=np.uint8))


@given(height=st.integers(1, 30), width=st.integers(1, 30), scale=st.integers(1, 4))
def test_modcrop_leaves_the_largest_multiple_at_the_top_left(height: int, width: int, scale: int) -> None:
    image = np.arange(height * width).reshape(height, width)
    if scale > min(height, width):
        with pytest.raises(SrbenchError, match="modcrop"):
            modcrop(image, scale)
        return
    out = modcrop(image, scale)
    assert out.shape == (height // scale * scale, width // scale * scale)
    assert out[0, 0] == image[0, 0]


def test_shave_takes_the_same_off_every_side() -> None:
    image = np.arange(30).reshape(5, 6)
    np.testing.assert_array_equal(shave(image, 2), [[14, 15]])
    assert shave(image, 0).shape == image.shape
    with pytest.raises(SrbenchError, match="cannot shave 3 pixels"):
        shave(image, 3)
