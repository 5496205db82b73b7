"""A finished cell to store."""

from __future__ import annotations

import pytest

from srbench.results.record import CellRecord


@pytest.fixture
def record() -> CellRecord:
    return CellRecord.model_validate(
        {
            "schema": "srbench.cell/1",
            "model": {"name": "imdn", "title": "IMDN", "paper": "imdn2019", "year": 2019, "source_sha256": "a" * 64},
            "weights": {"name": "imdn.released", "origin": "released", "sha256": "b" * 64},
            "scale": 4,
            "dataset": {"name": "set5", "lr": "imresize", "images": 1, "sha256": "c" * 64},
            "protocol": {"id": "y-matlab@1", "shave": "scale"},
            "images": [{"image": "bäby", "psnr": 33.5, "ssim": 0.9, "lr_size": [128, 128]}],
            "quality": {"psnr": 33.5, "ssim": 0.9},
            "machine": "m1",
            "versions": {"torch": "2", "numpy": "1"},
            "command": "srbench run",
            "created": "2026-01-01T00:00:00Z",
        }
    )
