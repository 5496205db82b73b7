"""Finished results to store, and a file of the first schema."""

from __future__ import annotations

from typing import Any

import pytest

from srbench.results.record import CostRecord, QualityRecord

MADE: dict[str, Any] = {
    "model": {"name": "imdn", "title": "IMDN", "paper": "imdn2019", "year": 2019, "source_sha256": "a" * 64},
    "scale": 4,
    "machine": "m1",
    "versions": {"torch": "2", "numpy": "1"},
    "command": "srbench run --models imdn",
    "created": "2026-01-01T00:00:00Z",
}


@pytest.fixture
def record() -> QualityRecord:
    return QualityRecord.model_validate(
        {
            **MADE,
            "schema": "srbench.quality/2",
            "weights": {"name": "imdn.released", "origin": "released", "sha256": "b" * 64},
            "dataset": {"name": "set5", "lr": "imresize", "images": 1, "sha256": "c" * 64},
            "protocol": {"id": "y-matlab@1", "shave": "scale"},
            "images": [{"image": "bäby", "values": {"psnr": 33.5, "ssim": 0.9}, "lr_size": [128, 128]}],
            "values": {"psnr": 33.5, "ssim": 0.9},
        }
    )


@pytest.fixture
def cost() -> CostRecord:
    values = {"params": 715_176, "macs": 46_544_000_000, "macs:fvcore": 46_544_000_000}
    return CostRecord.model_validate({**MADE, "input_size": [256, 256], "values": values})


@pytest.fixture
def first_schema() -> dict[str, Any]:
    """A cell as version 0.1 wrote it, made by a command that named three models."""
    counts = [
        {"convention": name, "input_size": size, "macs": macs, "activations": 7, "num_conv": 46}
        for size, macs in (([256, 256], 1000), ([184, 320], 900))
        for name in ("macs", "fvcore")
    ]
    summary = {"median_ms": 11.0, "iqr_ms": 1.0, "min_ms": 10.0, "mean_ms": 11.0}
    return {
        "schema": "srbench.cell/1",
        **MADE,
        "command": "srbench run --results x --models imdn,rfdn,edsr --scale 2,4 --datasets set5,set14",
        "weights": {"name": "imdn.released", "origin": "released", "sha256": "b" * 64},
        "dataset": {"name": "set5", "lr": "imresize", "images": 1, "sha256": "c" * 64},
        "protocol": {"id": "y-matlab@1", "shave": "scale"},
        "images": [{"image": "baby", "psnr": None, "ssim": 1.0, "identical": True, "lr_size": [128, 128]}],
        "quality": {"psnr": None, "ssim": 1.0, "identical_images": 1},
        "cost": {
            "params": 715_176,
            "counts": counts,
            "runtime": {**summary, "input_size": [256, 256], "samples_ms": [10, 12], "warmup": 2, "device": "cpu",
                        "threads": 2},
            "memory": {"input_size": [256, 256], "weights_bytes": 1, "activations_bytes": 2, "total_bytes": 3,
                       "method": "tracker-fake"},
        },
        "substitutions": [
            "imdn x4 uses srbench's own bundled weights, not its authors', because none were released.",
            "something that no version says today",
        ],
    }  # fmt: skip
