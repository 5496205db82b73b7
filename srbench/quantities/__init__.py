"""What can be measured: each quantity is an object in one open registry. No torch is imported here."""

from __future__ import annotations

from srbench.quantities.aggregation import MEAN, Aggregation
from srbench.quantities.conventions import CONVENTIONS, DEFAULT_CONVENTION, Convention
from srbench.quantities.quantity import Direction, Needs, NetworkSubject, Quantity
from srbench.quantities.registry import (
    DEFAULT_QUALITY,
    PSNR,
    QUANTITIES,
    SSIM,
    counted_as,
    find_quantity,
    get_quantity,
    image_quantities,
    parse_quantities,
    quantities,
    register_quantity,
)

__all__ = [
    "CONVENTIONS",
    "DEFAULT_CONVENTION",
    "DEFAULT_QUALITY",
    "MEAN",
    "PSNR",
    "QUANTITIES",
    "SSIM",
    "Aggregation",
    "Convention",
    "Direction",
    "Needs",
    "NetworkSubject",
    "Quantity",
    "counted_as",
    "find_quantity",
    "get_quantity",
    "image_quantities",
    "parse_quantities",
    "quantities",
    "register_quantity",
]
