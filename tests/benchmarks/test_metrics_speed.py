"""PSNR-Y + SSIM-Y of one 2040x1356 pair: ours, five filter2D calls, and scikit-image, side by side in one run.

Run ``tox -e bench`` (or ``pytest tests/benchmarks/test_metrics_speed.py --benchmark-enable``); without the benchmark
switch the tests only check that the three agree. Ours starts from uint8 RGB and includes the luma and PSNR;
scikit-image is given the finished luma.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity
from skimage.transform import resize

from srbench.imaging import imresize, rgb_to_y, shave
from srbench.metrics import Score, score

SCALE = 4


def load_reference() -> ModuleType:
    pytest.importorskip("cv2", reason="the filter2D reference needs opencv-python-headless (extra 'dev')")
    spec = importlib.util.spec_from_file_location("reference", Path(__file__).with_name("reference_filter2d.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    """A photograph of 2040x1356 (width x height) and its bicubic reconstruction at x4."""
    hr = (resize(data.astronaut(), (1356, 2040), order=3) * 255).round().clip(0, 255).astype(np.uint8)
    hr ^= np.random.default_rng(0).integers(0, 8, hr.shape, dtype=np.uint8)  # grain, so that SR differs everywhere
    return imresize(imresize(hr, 1 / SCALE), SCALE), hr


@pytest.fixture(scope="module")
def ours(pair: tuple[np.ndarray, np.ndarray]) -> Score:
    return score(*pair, SCALE)


@pytest.mark.benchmark(group="psnr+ssim 2040x1356")
def test_ours(benchmark: Any, pair: tuple[np.ndarray, np.ndarray]) -> None:
    found = benchmark.pedantic(score, args=(*pair, SCALE), rounds=15, warmup_rounds=2)
    assert 20 < found.psnr < 40


@pytest.mark.benchmark(group="psnr+ssim 2040x1356")
def test_filter2d(benchmark: Any, pair: tuple[np.ndarray, np.ndarray], ours: Score) -> None:
    reference = load_reference()
    psnr, ssim = benchmark.pedantic(reference.psnr_ssim_y, args=(*pair, SCALE), rounds=5, warmup_rounds=1)
    assert ours.psnr == pytest.approx(psnr, abs=1e-6)
    assert ours.ssim == pytest.approx(ssim, abs=1e-6)


@pytest.mark.benchmark(group="psnr+ssim 2040x1356")
def test_skimage(benchmark: Any, pair: tuple[np.ndarray, np.ndarray], ours: Score) -> None:
    planes = [shave(rgb_to_y(image), SCALE) for image in pair]
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255.0}
    benchmark.pedantic(structural_similarity, args=planes, kwargs=options, rounds=5, warmup_rounds=1)
    _, full_map = structural_similarity(*planes, **options, full=True)
    valid = full_map[5:-5, 5:-5]  # ours is the valid region of the window
    assert ours.ssim == pytest.approx(valid.mean(), abs=1e-6)
