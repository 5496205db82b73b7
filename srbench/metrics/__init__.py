"""PSNR and SSIM under named, versioned protocols; no torch."""

from __future__ import annotations

from srbench.metrics.protocols import (
    PROTOCOLS,
    Protocol,
    Score,
    SsimParameters,
    get_protocol,
    protocol_names,
    register_protocol,
    score,
)
from srbench.metrics.psnr import psnr
from srbench.metrics.ssim import ssim

__all__ = [
    "PROTOCOLS",
    "Protocol",
    "Score",
    "SsimParameters",
    "get_protocol",
    "protocol_names",
    "psnr",
    "register_protocol",
    "score",
    "ssim",
]
