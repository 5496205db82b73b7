"""A made-up comparison for the page of ``srbench compare``."""

from __future__ import annotations

import numpy as np

from srbench.evaluation import compare as visual
from srbench.evaluation import compare_source as visual_source
from srbench.evaluation.compare_crop import Crop
from srbench.results.record import WeightsRef


def comparison(title: str = "made/gradient") -> visual.Comparison:
    """HR with a gradient; "models" that are brighter or darker by a constant."""
    from srbench.metrics import get_protocol

    y, x = np.mgrid[0:96, 0:128]
    hr = np.dstack([x + 60, y + 60, np.full_like(x, 90)]).astype(np.uint8)
    protocol, crop = get_protocol("y-matlab"), Crop(40, 24, 32, 32)
    ones = [
        visual.Shown(
            name=name, title=title, paper="p2020", year=2020, weights=WeightsRef(name=name, origin="released"),
            source_sha256="0" * 64, sr=(hr.astype(int) + shift).astype(np.uint8), reference=hr,
        )
        for name, title, shift in (("bicubic", "Bicubic", 20), ("imdn", "IMDN", 5), ("arfdn", "ARFDN", -9))
    ]  # fmt: skip
    return visual.Comparison(
        source=visual_source.Source(title, 4, hr[::4, ::4], hr, "imresize of HR"),
        scale=4,
        protocol=protocol,
        crop=crop,
        crop_found_between=("IMDN", "ARFDN"),
        shown=tuple(visual._scored(one, crop, 4, protocol) for one in ones),
        left_out=(),
        failed=(),
        versions={},
        command="srbench compare",
        created="2026-01-02T03:04:05+00:00",
    )
