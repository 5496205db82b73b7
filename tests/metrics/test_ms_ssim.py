"""MS-SSIM: one scale is SSIM, and what the scales see."""

from __future__ import annotations

import numpy as np
import pytest

from srbench.errors import SrbenchError
from srbench.imaging import imresize
from srbench.metrics import score
from srbench.metrics.measure import measure_image
from srbench.metrics.ms_ssim import WEIGHTS, ms_ssim
from srbench.metrics.protocols import get_protocol
from srbench.quantities import get_quantity


def pair(size: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """A smooth image, and it with noise."""
    rng = np.random.default_rng(0)
    hr = imresize(rng.integers(0, 256, (size // 4, size // 4, 3), dtype=np.uint8), (size, size))
    noise = rng.integers(-12, 13, hr.shape)
    return np.clip(hr + noise, 0, 255).astype(np.uint8), hr


@pytest.mark.parametrize("protocol", ["y-matlab", "y-rounded", "rgb-ntire"])
def test_one_scale_is_ssim(protocol: str) -> None:
    sr, hr = pair(64)
    assert ms_ssim(sr, hr, 4, protocol, (1.0,)) == pytest.approx(score(sr, hr, 4, protocol).ssim, abs=2e-6)


def test_the_weights_sum_to_one_and_equal_images_are_one() -> None:
    assert sum(WEIGHTS) == pytest.approx(1, abs=1e-4)
    _, hr = pair()
    assert ms_ssim(hr, hr, 4) == pytest.approx(1)


def test_fine_noise_hurts_ssim_more_than_ms_ssim() -> None:
    sr, hr = pair()
    assert score(sr, hr, 4).ssim < ms_ssim(sr, hr, 4) < 1


def test_scales_multiply() -> None:
    sr, hr = pair(64)
    fine = ms_ssim(sr[..., 0], hr[..., 0], 4, "y-matlab", (1.0, 0.0))
    both = ms_ssim(sr[..., 0], hr[..., 0], 4, "y-matlab", (0.5, 0.5))
    coarse = ms_ssim(sr[..., 0], hr[..., 0], 4, "y-matlab", (0.0, 1.0))
    assert both == pytest.approx((fine * coarse) ** 0.5)


def test_it_is_a_quantity_and_small_images_are_refused_in_a_sentence() -> None:
    sr, hr = pair()
    found = measure_image(sr, hr, 4, get_protocol("y-matlab"), [get_quantity("ms-ssim")])
    assert found == {"ms-ssim": ms_ssim(sr, hr, 4)}
    with pytest.raises(SrbenchError, match="needs at least 176x176 pixels inside the shave, got 56x56"):
        ms_ssim(*pair(64), 4)
