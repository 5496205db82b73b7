"""One evaluation cell (model x dataset x protocol) against the plain loop people write, in one run.

Run ``tox -e bench`` (or ``pytest tests/benchmarks/test_evaluation_speed.py --benchmark-enable``); without the benchmark
switch the tests only check that both give the same figures. The plain loop takes the same LR images and the same
network, and scikit-image's Gaussian SSIM; the cell also hashes the data and checks every image.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from srbench import evaluate, open_model
from srbench.datasets.registry import open_dataset
from srbench.imaging import rgb_to_y
from srbench.models.networks import build_network

SCALE = 4
GROUP = "one cell: LRFDN x4 on the embedded images"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """LRFDN with random weights: the time does not depend on them."""
    torch.manual_seed(0)
    file: Path = tmp_path_factory.mktemp("weights") / "lrfdn.pth"
    torch.save(build_network("lrfdn", SCALE).state_dict(), file)
    return open_model("lrfdn", scale=SCALE, weights=str(file))


def plain_loop(network: torch.nn.Module, pairs: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[float, float]]:
    scores = []
    for lr, hr in pairs:
        x = torch.from_numpy(lr).permute(2, 0, 1)[None].float() / 255
        with torch.no_grad():
            y = network(x)[0].permute(1, 2, 0).clamp(0, 1).mul(255).round().byte().numpy()
        a, b = (rgb_to_y(image)[SCALE:-SCALE, SCALE:-SCALE] for image in (y, hr))
        psnr = 10 * np.log10(255**2 / np.mean((a - b) ** 2))
        _, full = structural_similarity(
            a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
        )
        scores.append((float(psnr), float(full[5:-5, 5:-5].mean())))
    return scores


@pytest.mark.benchmark(group=GROUP)
def test_the_cell(benchmark: Any, model: Any) -> None:
    frame = benchmark.pedantic(lambda: evaluate(model, "embedded", scale=SCALE), rounds=5, warmup_rounds=1)
    pairs = [pair.load() for pair in open_dataset("embedded", SCALE).images]
    expected = plain_loop(model.network, pairs)
    assert list(frame["psnr"]) == pytest.approx([psnr for psnr, _ in expected], abs=1e-6)
    assert list(frame["ssim"]) == pytest.approx([ssim for _, ssim in expected], abs=1e-6)


@pytest.mark.benchmark(group=GROUP)
def test_the_plain_loop(benchmark: Any, model: Any) -> None:
    def loop() -> list[tuple[float, float]]:
        return plain_loop(model.network, [pair.load() for pair in open_dataset("embedded", SCALE).images])

    scores = benchmark.pedantic(loop, rounds=5, warmup_rounds=1)
    assert all(np.isfinite(psnr) for psnr, _ in scores)
