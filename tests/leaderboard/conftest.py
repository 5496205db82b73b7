"""A folder of results to set beside the published tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srbench.results import store
from srbench.results.record import CellRecord

MakeResult = Callable[..., CellRecord]


@pytest.fixture
def make_result(tmp_path: Path) -> MakeResult:
    """Write a result of ``model`` into the test's folder ``results`` and return it."""

    def make(model: str = "imdn", psnr: float | None = 32.2101, ssim: float = 0.89479, **changes: Any) -> CellRecord:
        origin = changes.pop("origin", "released")
        per_image = changes.pop("per_image", [psnr] * 5)
        macs = changes.pop("macs", 46_598_720_000)
        data: dict[str, Any] = {
            "schema": "srbench.cell/1",
            "model": {"name": model, "title": model, "paper": "imdn2019", "year": 2019, "source_sha256": "0" * 64},
            "weights": {"name": f"{model}.{origin}", "origin": origin},
            "scale": 4,
            "dataset": {"name": "set5", "lr": "imresize", "images": 5, "sha256": "1" * 64},
            "protocol": {"id": "y-matlab@1"},
            "images": [
                {"image": f"img_{i}", "psnr": p, "ssim": ssim, "identical": p is None, "lr_size": [64, 64]}
                for i, p in enumerate(per_image)
            ],
            "quality": None if origin == "none" else {"psnr": psnr, "ssim": ssim},
            "quality_missing": "no weights were given" if origin == "none" else None,
            "cost": {
                "params": changes.pop("params", 715_176),
                "counts": [
                    {
                        "convention": "ntire-hooks",
                        "input_size": [256, 256],
                        "macs": macs,
                        "activations": 1,
                        "num_conv": 46,
                    }
                ],
            },
            "machine": "m1",
            "versions": {"torch": "2"},
            "command": "srbench run",
            "created": "2026-01-01T00:00:00Z",
            **changes,
        }
        record = CellRecord.model_validate(data)
        store.write(tmp_path / "results", record)
        return record

    return make
