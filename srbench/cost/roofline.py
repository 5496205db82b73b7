"""How many MAC/s this machine reaches at best, measured; the share a model reaches of it is its roofline column."""

from __future__ import annotations

from typing import Any

import torch

from srbench.cost.backends import PRECISIONS
from srbench.cost.clock import time_once

_MATRIX = {"cpu": 2048, "cuda": 8192}
_CONV = {"cpu": (64, 256), "cuda": (256, 512)}


def machine_peak(
    threads: int | None = None, device: str = "cpu", precision: str = "fp32", repeats: int = 3
) -> dict[str, Any]:
    """Best of ``repeats`` runs of a square matrix product and of a 3x3 convolution.

    Returns:
        ``matmul_macs_per_s``, ``conv_macs_per_s``, ``macs_per_s`` (the larger), ``threads``, ``device``, ``precision``.
    """
    if threads:
        torch.set_num_threads(threads)
    kind = "cuda" if device.startswith("cuda") else "cpu"
    dtype = PRECISIONS[precision]
    n = _MATRIX[kind]
    a = torch.rand(n, n, device=device).to(dtype)
    channels, edge = _CONV[kind]
    x = torch.rand(1, channels, edge, edge, device=device).to(dtype)
    weight = torch.rand(channels, channels, 3, 3, device=device).to(dtype)
    with torch.inference_mode():
        matmul_ms = min(time_once(lambda: a @ a, device) for _ in range(repeats + 1))
        conv_ms = min(time_once(lambda: torch.conv2d(x, weight, padding=1), device) for _ in range(repeats + 1))
    matmul = n**3 / matmul_ms * 1000
    conv = channels * channels * 9 * edge * edge / conv_ms * 1000
    return {
        "matmul_macs_per_s": matmul,
        "conv_macs_per_s": conv,
        "macs_per_s": max(matmul, conv),
        "threads": torch.get_num_threads(),
        "device": device,
        "precision": precision,
    }
