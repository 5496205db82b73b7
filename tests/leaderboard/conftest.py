"""A folder of results to set beside the published tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srbench.results import store, trust
from srbench.results.record import CostRecord, QualityRecord, Record

MakeResult = Callable[..., Record]


@pytest.fixture
def make_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeResult:
    """Write a result of ``model`` into the test's folder ``results`` and return it; made up, so nothing doubts it."""
    monkeypatch.setattr(trust, "doubts", lambda _record, _known: ())

    def make(model: str = "imdn", psnr: float | None = 32.2101, ssim: float = 0.89479, **changes: Any) -> Record:
        origin = changes.pop("origin", "released")
        per_image = changes.pop("per_image", [psnr] * 5)
        macs = changes.pop("macs", 46_598_720_000)
        params = changes.pop("params", 715_176)
        made: dict[str, Any] = {
            "model": {"name": model, "title": model, "paper": "imdn2019", "year": 2019, "source_sha256": "0" * 64},
            "scale": 4,
            "machine": "m1",
            "versions": {"torch": "2"},
            "command": "srbench run",
            "created": "2026-01-01T00:00:00Z",
        }
        counts = {"macs:ntire-hooks": macs, "activations:ntire-hooks": 1, "convs:ntire-hooks": 46}
        cost = CostRecord.model_validate({**made, "input_size": [256, 256], "values": {"params": params, **counts}})
        store.write(tmp_path / "results", cost)
        if origin == "none":
            return cost
        data: dict[str, Any] = {
            **made,
            "weights": {"name": f"{model}.{origin}", "origin": origin},
            "dataset": {"name": "set5", "lr": "imresize", "images": 5, "sha256": "1" * 64},
            "protocol": {"id": "y-matlab@1"},
            "images": [
                {"image": f"img_{i}", "values": {"psnr": p, "ssim": ssim}, "identical": p is None, "lr_size": [64, 64]}
                for i, p in enumerate(per_image)
            ],
            "values": {"psnr": psnr, "ssim": ssim},
            **changes,
        }
        record = QualityRecord.model_validate(data)
        store.write(tmp_path / "results", record)
        return record

    return make
