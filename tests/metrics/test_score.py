"""PSNR and SSIM: what they are for known images, what holds for all, and what is refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from srbench.errors import SrbenchError
from srbench.imaging import rgb_to_y, shave
from srbench.metrics import SsimParameters, get_protocol, psnr, score, ssim
from srbench.metrics.parameters import Protocol
from srbench.metrics.workers import run_on_cores

PROTOCOLS = ["y-matlab", "y-rounded", "rgb-ntire"]


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 80 * np.sin(x / (4 + c) + y / (7 - c)) + rng.normal(0, 8, (height, width)) for c in range(3)]
    return np.stack(waves, axis=-1).clip(0, 255).astype(np.uint8)


def noisy(image: np.ndarray, sigma: float, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return (image + noise).round().clip(0, 255).astype(np.uint8)


def ssim_by_skimage(x: np.ndarray, y: np.ndarray) -> float:
    _, full_map = structural_similarity(
        x, y, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255.0, full=True
    )
    return float(full_map[5:-5, 5:-5].mean())


# The window alone, sizes around those of blocks and tiles (16 and 688 columns, 128 rows), and enough for two threads.
@pytest.mark.parametrize("size", [(11, 11), (12, 27), (138, 698), (139, 699), (266, 40), (420, 1400)])
@pytest.mark.parametrize("sigma", [1, 25])
def test_agrees_with_float64_formulas(size: tuple[int, int], sigma: float) -> None:
    hr = photo(size[0] + 8, size[1] + 8)
    sr = noisy(hr, sigma)
    x, y = (shave(rgb_to_y(image), 4) for image in (sr, hr))
    found = score(sr, hr, 4)
    assert found.psnr == pytest.approx(10 * math.log10(255**2 / np.mean((x - y) ** 2)), abs=1e-6)
    assert found.ssim == pytest.approx(ssim_by_skimage(x, y), abs=1e-6)
    assert (found.psnr, found.ssim) == pytest.approx((psnr(sr, hr, 4), ssim(sr, hr, 4)), abs=1e-6)


@pytest.mark.parametrize("level", [0, 255])
def test_dark_and_bright_flat_images_lose_no_digits(level: int) -> None:
    hr = np.full((200, 300, 3), level, dtype=np.uint8)
    sr = noisy(hr, 6)
    x, y = (shave(rgb_to_y(image), 4) for image in (sr, hr))
    assert score(sr, hr, 4).ssim == pytest.approx(ssim_by_skimage(x, y), abs=1e-6)
    one_level = np.full_like(hr, level + 1 if level == 0 else level - 1)
    assert score(one_level, hr, 4).psnr == pytest.approx(20 * math.log10(255 / (219 / 255)), abs=1e-6)


def test_rgb_measures_the_mean_of_three_channels() -> None:
    hr, sr = photo(60, 70), noisy(photo(60, 70), 10)
    x, y = (shave(image, 4).astype(np.float64) for image in (sr, hr))
    found = score(sr, hr, 4, "rgb-ntire")
    assert found.psnr == pytest.approx(10 * math.log10(255**2 / np.mean((x - y) ** 2)), abs=1e-6)
    assert found.ssim == pytest.approx(np.mean([ssim_by_skimage(x[..., c], y[..., c]) for c in range(3)]), abs=1e-6)


def test_rounded_luma_is_measured_after_rounding_half_up() -> None:
    hr, sr = photo(60, 70), noisy(photo(60, 70), 10)
    x, y = (np.floor(shave(rgb_to_y(image), 3) + 0.5) for image in (sr, hr))
    found = score(sr, hr, 3, "y-rounded@1")
    assert found.psnr == pytest.approx(10 * math.log10(255**2 / np.mean((x - y) ** 2)), abs=1e-6)
    assert found.ssim == pytest.approx(ssim_by_skimage(x, y), abs=1e-6)


def test_a_uniform_window_with_sample_covariance_is_scikit_images_default() -> None:
    hr, sr = photo(60, 70), noisy(photo(60, 70), 10)
    window = SsimParameters(window="uniform", size=7, sigma=None, sample_covariance=True)
    x, y = (rgb_to_y(image) for image in (sr, hr))
    expected = structural_similarity(x, y, data_range=255.0)
    assert ssim(sr, hr, 4, Protocol(name="uniform", shave=0, ssim=window)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("shape", [(40, 50, 3), (40, 50), (300, 800, 3)])
def test_identical_images_are_perfect_and_null_safe(protocol: str, shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    found = score(image, image, 4, protocol)
    assert (found.psnr, found.ssim, found.identical) == (math.inf, 1.0, True)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["psnr"] is None


def test_a_difference_that_is_shaved_does_not_count() -> None:
    hr = photo(40, 40)
    sr = hr.copy()
    sr[:4] ^= 255
    assert score(sr, hr, 4).identical
    assert not score(sr, hr, 3).identical


def test_a_single_level_in_one_pixel_is_seen_exactly() -> None:
    hr = photo(100, 100)
    sr = hr.copy()
    sr[50, 50, 2] ^= 1
    expected = 10 * math.log10(255**2 * 92 * 92 / (24.966 / 255) ** 2)
    assert score(sr, hr, 4).psnr == pytest.approx(expected, abs=1e-9)
    assert score(sr, hr, 4).ssim == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_grey_counts_as_three_equal_channels(protocol: str) -> None:
    hr, sr = photo(40, 50)[..., 0], noisy(photo(40, 50), 9)[..., 0]
    colour = score(np.stack([sr] * 3, axis=-1), np.stack([hr] * 3, axis=-1), 2, protocol)
    grey = score(sr, hr, 2, protocol)
    assert (grey.psnr, grey.ssim) == pytest.approx((colour.psnr, colour.ssim), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), sigma=st.floats(0.5, 60), protocol=st.sampled_from(PROTOCOLS))
def test_order_and_orientation_do_not_matter(seed: int, sigma: float, protocol: str) -> None:
    hr = photo(30, 45, seed)
    sr = noisy(hr, sigma, seed + 1)
    found = score(sr, hr, 4, protocol)
    assert -1.0 <= found.ssim <= 1.0
    turned = score(np.ascontiguousarray(np.rot90(sr)), np.rot90(hr), 4, protocol)
    for other in (score(hr, sr, 4, protocol), turned):
        assert (other.psnr, other.ssim) == pytest.approx((found.psnr, found.ssim), abs=1e-5)


def test_threads_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    hr = photo(500, 900)
    sr = noisy(hr, 5)
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr("srbench.metrics.workers.cores", lambda cores=cores: cores)
        found.append(score(sr, hr, 4))
    assert found[0] == found[1] == found[2]


def test_an_error_in_one_thread_reaches_the_caller() -> None:
    def work(item: int) -> int:
        if item == 7:
            raise ValueError("seven")
        return item

    assert run_on_cores(work, range(7)) == list(range(7))
    with pytest.raises(ValueError, match="seven"):
        run_on_cores(work, range(20))


def test_a_forked_child_can_score_too() -> None:
    code = (
        "import os, numpy as np; from srbench.metrics import ssim\n"
        "a = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)\n"
        "before = ssim(a, a ^ 3)\n"
        "child = os.fork()\n"
        "if not child: os._exit(0 if ssim(a, a ^ 3) == before else 9)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("sr", "hr", "message"),
    [
        (photo(40, 40).astype(np.float32), photo(40, 40), "SR must be a uint8 array .* got float32"),
        (photo(40, 40), photo(40, 40).tolist(), "HR must be a uint8 array .* got list"),
        (photo(40, 40), photo(40, 44), "differ in shape, 40x40x3 and 40x44x3"),
        (photo(40, 40)[..., 0], photo(40, 40), "differ in shape, 40x40 and 40x40x3"),
        (photo(40, 40)[..., :2], photo(40, 40)[..., :2], "shape HxWx3 or HxW, got 40x40x2"),
        (photo(18, 40), photo(18, 40), "18x40 pixels is too small: .* at least 19x19"),
    ],
)
def test_what_cannot_be_compared_is_said(sr: np.ndarray, hr: np.ndarray, message: str) -> None:
    with pytest.raises(SrbenchError, match=message):
        score(sr, hr, 4)


def test_psnr_needs_no_window() -> None:
    hr = photo(10, 10)
    assert psnr(hr ^ 1, hr, 4, "rgb-ntire") == pytest.approx(48.1308, abs=1e-4)
    with pytest.raises(SrbenchError, match="too small"):
        psnr(photo(8, 8), photo(8, 8), 4)


def test_score_carries_its_protocol() -> None:
    found = score(photo(30, 30), photo(30, 30, 5), 2, "y-rounded")
    assert found.protocol == get_protocol("y-rounded@1")
    assert found.protocol_id == "y-rounded@1"
