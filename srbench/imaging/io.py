"""Read and write 8-bit PNG, BMP, JPEG and TIFF as RGB; everything that would change a number is refused."""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from srbench.errors import SrbenchError, SrbenchWarning

IMAGE_SUFFIXES = (".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff")
_FORMATS = ("PNG", "BMP", "JPEG", "TIFF")
_WRITERS = {".png": "PNG", ".bmp": "BMP", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
_GREY_MODES = ("1", "L")
_EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
MAX_PIXELS = 80_000_000
"""Larger images are refused before they are decoded (a small file can claim any size)."""


_said: set[Path] = set()
"""Images whose alpha channel was told of; they are decoded again for every model."""


def _more_than_8_bits(image: Image.Image) -> bool:
    """Whether the stored samples are wider than 8 bits, also where Pillow would narrow them silently."""
    if image.mode.startswith(("I", "F")):
        return True
    raw_modes = [
        str(part)
        for tile in getattr(image, "tile", ())
        for part in (tile[3] if isinstance(tile[3], tuple) else (tile[3],))
    ]
    return any(";16" in mode or ";32" in mode for mode in raw_modes)


def _drop_alpha(image: Image.Image, path: Path) -> Image.Image:
    """Drop a fully opaque alpha channel with a warning; refuse one that hides anything."""
    rgba = image.convert("RGBA")
    lowest = rgba.getchannel("A").getextrema()[0]
    if lowest != 255:
        raise SrbenchError(
            f"'{path}' has transparent pixels; flatten it to RGB first, since their colour is undefined."
        )
    if path not in _said:
        _said.add(path)
        warnings.warn(f"'{path}' has an opaque alpha channel, which was dropped.", SrbenchWarning, stacklevel=3)
    return rgba.convert("RGB")


def _decode(image: Image.Image, path: Path, keep_grey: bool) -> npt.NDArray[np.uint8]:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise SrbenchError(
            f"'{path}' claims {width}x{height}, more than the limit of {MAX_PIXELS:,} pixels; crop it first."
        )
    if _more_than_8_bits(image):
        raise SrbenchError(f"'{path}' has more than 8 bits per channel; convert it to 8 bits first.")
    if image.mode not in _EIGHT_BIT_MODES:
        raise SrbenchError(f"'{path}' has colour mode {image.mode}; expected grey or RGB with 8 bits per channel.")
    if keep_grey and image.mode in _GREY_MODES and "transparency" not in image.info:
        return np.array(image.convert("L"), dtype=np.uint8)
    has_alpha = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
    rgb = _drop_alpha(image, path) if has_alpha else image.convert("RGB")
    return np.array(rgb, dtype=np.uint8)


def read_image(path: str | Path, *, keep_grey: bool = False) -> npt.NDArray[np.uint8]:
    """Read an 8-bit PNG, BMP, JPEG or TIFF as uint8 HxWx3 RGB; grey becomes three equal channels.

    With ``keep_grey`` a file with a single channel is uint8 HxW, as MATLAB's imread has it.
    Pixels are returned as stored: no colour profile, gamma or EXIF rotation is applied.
    A fully opaque alpha channel is dropped with a warning, one for each file.

    Raises:
        SrbenchError: missing, unreadable or truncated file, another format, 16 bits, CMYK, transparent pixels, or more
            than ``MAX_PIXELS`` pixels.
    """
    file = Path(path)
    try:
        _require_file(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(file, formats=_FORMATS)
        with image:
            return _decode(image, file, keep_grey)
    except FileNotFoundError:
        raise SrbenchError(f"image '{file}' does not exist; check the path.") from None
    except Image.DecompressionBombError:
        raise SrbenchError(f"'{file}' claims more than the limit of {MAX_PIXELS:,} pixels; crop it first.") from None
    except UnidentifiedImageError:
        raise SrbenchError(f"'{file}' is not a PNG, BMP, JPEG or TIFF image; convert it first.") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise SrbenchError(
            f"'{file}' cannot be read as an image ({error}); it may be damaged or incomplete."
        ) from error


def _require_file(file: Path) -> None:
    """Refuse what is there and no file: a pipe would be waited for, for ever."""
    mode = file.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise SrbenchError(f"'{file}' is {kind}; expected a file with an image.")


def write_image(path: str | Path, image: npt.NDArray[Any]) -> None:
    """Write a uint8 HxWx3 (or grey HxW) image; the format follows the suffix; the file appears whole or not at all.

    JPEG is written at quality 95 without chroma subsampling, and is lossy all the same.

    Raises:
        SrbenchError: unknown suffix, wrong type or shape, or the file cannot be written.
    """
    file = Path(path)
    writer = _WRITERS.get(file.suffix.lower())
    if writer is None:
        raise SrbenchError(f"cannot write '{file}': expected a name ending in {', '.join(IMAGE_SUFFIXES)}.")
    if image.dtype != np.uint8 or not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)) or not image.size:
        raise SrbenchError(f"cannot write '{file}': expected uint8 HxWx3 or HxW, got {image.dtype} {image.shape}.")
    options: dict[str, Any] = {"quality": 95, "subsampling": 0} if writer == "JPEG" else {}
    temporary = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "wb") as stream:
            Image.fromarray(np.ascontiguousarray(image)).save(stream, format=writer, **options)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except OSError as error:
        raise SrbenchError(f"cannot write '{file}': {error}.") from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
