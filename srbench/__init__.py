"""srbench: exact, comparable numbers for image super-resolution models.

The names below are imported on first use, so that ``import srbench`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srbench.datasets.registry import open_dataset
    from srbench.evaluation.api import evaluate
    from srbench.imaging.imresize import imresize
    from srbench.metrics import psnr, ssim
    from srbench.metrics.measure import score
    from srbench.models import open_model
    from srbench.report.frames import audit, load_results, profile
    from srbench.report.handin.api import plot, table
    from srbench.report.handin.comparing import compare
    from srbench.report.one_model import costs

    __version__: str

_HOMES = {
    "audit": "srbench.report.frames",
    "compare": "srbench.report.handin.comparing",
    "costs": "srbench.report.one_model",
    "evaluate": "srbench.evaluation.api",
    "imresize": "srbench.imaging.imresize",
    "load_results": "srbench.report.frames",
    "open_model": "srbench.models",
    "open_dataset": "srbench.datasets.registry",
    "profile": "srbench.report.frames",
    "plot": "srbench.report.handin.api",
    "psnr": "srbench.metrics",
    "score": "srbench.metrics.measure",
    "ssim": "srbench.metrics",
    "table": "srbench.report.handin.api",
}

__all__ = [
    "__version__", "audit", "compare", "costs", "evaluate", "imresize", "load_results", "open_dataset", "open_model",
    "plot", "profile", "psnr", "score", "ssim", "table",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("srbench")
    if name not in _HOMES:
        raise AttributeError(f"module 'srbench' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
