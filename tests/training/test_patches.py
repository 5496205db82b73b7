"""Patches depend on (seed, step) alone, and LR and HR patches belong together."""

from __future__ import annotations

import numpy as np
import pytest

from srbench.errors import SrbenchError
from srbench.training.patches import TrainingPairs, draw_batch, pixels_digest


def synthetic_pairs(scale: int = 4) -> TrainingPairs:
    """Two images whose LR pixels say where they are, and whose HR is the LR repeated."""
    rng = np.random.default_rng(0)
    lr = tuple(rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((20, 30), (25, 18)))
    hr = tuple(image.repeat(scale, 0).repeat(scale, 1) for image in lr)
    return TrainingPairs("synthetic", scale, ("a", "b"), lr, hr, pixels_digest(hr))


def test_the_same_step_draws_the_same_batch_and_another_step_another() -> None:
    pairs = synthetic_pairs()
    draw = {s: draw_batch(pairs, seed=7, step=s, batch=4, lr_patch=8, augment=("hflip", "rot90")) for s in (3, 4)}
    again = draw_batch(pairs, seed=7, step=3, batch=4, lr_patch=8, augment=("hflip", "rot90"))
    np.testing.assert_array_equal(draw[3][0], again[0])
    assert not np.array_equal(draw[3][0], draw[4][0])


@pytest.mark.parametrize("step", range(6))
def test_lr_and_hr_patches_show_the_same_place_in_the_same_orientation(step: int) -> None:
    low, high = draw_batch(
        synthetic_pairs(), seed=1, step=step, batch=5, lr_patch=6, augment=("hflip", "vflip", "rot90")
    )
    assert low.shape == (5, 6, 6, 3)
    np.testing.assert_array_equal(low.repeat(4, 1).repeat(4, 2), high)


def test_a_patch_larger_than_every_image_is_refused() -> None:
    with pytest.raises(SrbenchError, match="LR patch of 64"):
        draw_batch(synthetic_pairs(), seed=0, step=0, batch=1, lr_patch=64, augment=())
