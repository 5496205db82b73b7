"""The other files of a comparison: crops and error maps as PNG with exact pixels, and the JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from srbench.imaging import write_image
from srbench.report.visual import Comparison, as_json
from srbench.report.visual_error import colourise, error_limit, palette
from srbench.results.store import write_text


def write_crops(comparison: Comparison, folder: Path) -> list[Path]:
    """``crops/NAME.png`` of HR, LR and every model, one image pixel per pixel; ``errors/NAME.png`` on one scale.

    LR's crop has every pixel repeated to the size of HR. Returns the paths.

    Raises:
        SrbenchError: a file cannot be written.
    """
    crop = comparison.crop
    images = {"lr": comparison.enlarged_lr}
    if comparison.source.hr is not None:
        images["hr"] = comparison.source.hr
    images.update({one.name: one.sr for one in comparison.shown})
    files = []
    for name, image in images.items():
        files.append(folder / "crops" / f"{name}.png")
        write_image(files[-1], np.ascontiguousarray(crop.of(image)))
    if comparison.has_hr:
        maps = {one.name: one.error() for one in comparison.shown}
        limit = error_limit(maps)
        for name, error in maps.items():
            files.append(folder / "errors" / f"{name}.png")
            write_image(files[-1], palette()[colourise(error, limit)])
    return files


def write_json(comparison: Comparison, path: Path) -> Path:
    """The figures with their provenance; see :func:`srbench.report.visual.as_json`.

    Raises:
        SrbenchError: the file cannot be written.
    """
    write_text(path, json.dumps(as_json(comparison), indent=1, ensure_ascii=False) + "\n")
    return path
