"""The other files of a comparison: crops and error maps as PNG with exact pixels, and the JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.evaluation.compare import Comparison
from srbench.evaluation.compare_json import as_json
from srbench.imaging import write_image
from srbench.report.visual_error import colourise, error_limit, palette
from srbench.writing import write_text


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
            _write_bytes(files[-1], png_bytes(colourise(error, limit), palette()))
    return files


def png_bytes(image: NDArray[np.uint8], colours: NDArray[np.uint8]) -> bytes:
    """An HxW image of indices into ``colours`` (up to 256x3) as PNG."""
    picture = PIL.Image.fromarray(np.ascontiguousarray(image))
    picture.putpalette(colours.tobytes())
    held = io.BytesIO()
    picture.save(held, format="PNG", optimize=True)
    return held.getvalue()


def _write_bytes(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.part")
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise SrbenchError(f"cannot write '{path}': {error.strerror}; give another --out.") from error


def write_json(comparison: Comparison, path: Path) -> Path:
    """The figures with their provenance; see :func:`srbench.evaluation.compare_json.as_json`.

    Raises:
        SrbenchError: the file cannot be written.
    """
    write_text(path, json.dumps(as_json(comparison), indent=1, ensure_ascii=False) + "\n")
    return path
