"""Images as data URIs, for pages that need no other file."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from srbench.report.visual_files import png_bytes


def data_uri(image: NDArray[Any], colours: NDArray[np.uint8] | None = None) -> str:
    """The exact pixels of a uint8 image as a data URI: lossless WebP, or PNG for an HxW image with a palette."""
    if colours is not None:
        return _uri("png", png_bytes(image, colours))
    held = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(image)).convert("RGB").save(held, format="WEBP", lossless=True, exact=True)
    return _uri("webp", held.getvalue())


def lossy_uri(image: NDArray[np.uint8]) -> str:
    """An image to look at, not to measure: WebP of quality 85."""
    held = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(image)).convert("RGB").save(held, format="WEBP", quality=85)
    return _uri("webp", held.getvalue())


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
