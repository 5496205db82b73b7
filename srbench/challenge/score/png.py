"""PNG files read with distrust: the header first, then pixels as they are stored, through no other decoder.

The chunks are walked and their checksums verified before anything is decoded. Pillow then sees a file made of IHDR,
IDAT and IEND alone, so no text, profile, gamma, transparency, orientation or animation of a stranger is ever read.
Source: the PNG specification, third edition (W3C), chapters 5, 11 and 13.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from srbench.challenge.score.plan import Limits

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WRONG_SIZE = "wrong size"
"""How :func:`check_header` calls an image of another size than wanted."""
_KINDS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGBA"}
_OTHERS = (
    (b"\xff\xd8\xff", "JPEG"), (b"RIFF", "WebP"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"),
    (b"GIF8", "GIF"), (b"SIMPLE", "FITS"), (b"8BPS", "PSD"), (b"%!PS", "EPS"), (b"\x93NUMPY", "NumPy"),
    (b"PK\x03\x04", "zip"), (b"\x1f\x8b", "gzip"),
)  # fmt: skip
_KEPT = (b"IHDR", b"IDAT", b"IEND")


class PngError(Exception):
    """A file that is refused: ``what`` is wrong, ``expected``, ``found``, how to ``mend``; was it a ``limit``."""

    def __init__(self, what: str, expected: str = "", found: str = "", mend: str = "", limit: bool = False) -> None:
        super().__init__(what)
        self.what, self.expected, self.found, self.mend, self.limit = what, expected, found, mend, limit


@dataclass(frozen=True)
class Header:
    """IHDR: size [px], bits per sample, colour type (2 is RGB, 6 RGBA), interlaced or not."""

    width: int
    height: int
    bits: int
    colour: int
    interlaced: bool

    @property
    def kind(self) -> str:
        """Colour type in words."""
        return _KINDS.get(self.colour, f"unknown colour type {self.colour}")

    @property
    def size(self) -> str:
        """Width x height in words."""
        return f"{self.width}x{self.height}"


def read_header(start: bytes) -> Header:
    """IHDR from the first 33 bytes of a file.

    Raises:
        PngError: another format, or a header that is cut short or damaged.
    """
    if not start:
        raise PngError("the file is empty", mend="write the image again")
    if start[:8] != SIGNATURE:
        found = next((name for magic, name in _OTHERS if start.startswith(magic)), "something else")
        raise PngError("not a PNG file", "PNG", found, "save it as PNG, renaming is not enough")
    if len(start) < 33 or start[8:16] != b"\0\0\0\rIHDR":
        raise PngError("the PNG header is cut short or damaged", mend="write the image again")
    if zlib.crc32(start[12:29]) != struct.unpack(">I", start[29:33])[0]:
        raise PngError("the PNG header has a wrong checksum", mend="write the image again")
    width, height, bits, colour, _, _, interlace = struct.unpack(">IIBBBBB", start[16:29])
    return Header(width, height, bits, colour, bool(interlace))


def check_header(header: Header, width: int, height: int) -> None:
    """Refuse anything but 8-bit RGB (or RGBA, whose alpha is looked at later) of the wanted size.

    Raises:
        PngError: says what was expected and found.
    """
    if (header.width, header.height) != (width, height):
        raise PngError(WRONG_SIZE, f"{width}x{height}", header.size, _size_advice(header, width, height))
    if header.bits != 8:
        raise PngError("wrong bit depth", "8 bits per sample", f"{header.bits} bits", "convert it to 8-bit RGB")
    if header.colour not in (2, 6):
        raise PngError("wrong colour type", "RGB", header.kind, "save it as 8-bit RGB, also where it looks grey")


def _size_advice(header: Header, width: int, height: int) -> str:
    if (header.width, header.height) == (height, width):
        return "the image is transposed"
    for scale in (2, 3, 4, 8):
        if (header.width * scale, header.height * scale) == (width, height):
            return f"this has the size of the x{scale} LR image; send the SR image"
    return "send the network's whole output, neither padded nor cropped"


def read_pixels(data: bytes, header: Header, limits: Limits) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Decode a whole file as uint8 HxWx3, and what was ignored in it.

    Raises:
        PngError: damaged, cut short, animated, transparent, or with anything behind its end.
    """
    plain, ignored = _plain_file(data, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(plain), formats=("PNG",)) as image:
                pixels = np.asarray(image)
        if header.interlaced or not pixels[-1].any():  # rows that are not there are left at zero
            _check_whole(plain, pixels)
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error, struct.error) as error:
        raise PngError("the image data are damaged or cut short", found=str(error), mend="write it again") from error
    except Image.DecompressionBombError as error:
        raise PngError("the image is too large to be decoded", found=header.size, limit=True) from error
    return _without_alpha(pixels, ignored)


def _check_whole(plain: bytes, pixels: npt.NDArray[Any]) -> None:
    """Whether the packed data hold as many bytes as the image has; interlacing only adds to them."""
    data, position = bytearray(), 33
    while plain[position + 4 : position + 8] == b"IDAT":
        (length,) = struct.unpack_from(">I", plain, position)
        data += plain[position + 8 : position + 8 + length]
        position += 12 + length
    wanted = pixels.nbytes + pixels.shape[0]
    if len(zlib.decompressobj().decompress(bytes(data), wanted)) < wanted:
        raise PngError("the image data are damaged or cut short", f"{wanted} bytes", "fewer", "write it again")


def _without_alpha(pixels: npt.NDArray[Any], ignored: tuple[str, ...]) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    if pixels.ndim != 3 or pixels.dtype != np.uint8 or pixels.shape[2] not in (3, 4):
        raise PngError("decodes to no 8-bit RGB image", "HxWx3 of 8 bits", f"{pixels.dtype} {pixels.shape}")
    if pixels.shape[2] == 4:
        if int(pixels[..., 3].min()) != 255:
            raise PngError("has transparent pixels", "RGB", "RGBA with alpha below 255", "flatten it to RGB")
        pixels, ignored = pixels[..., :3], (*ignored, "an opaque alpha channel")
    return np.ascontiguousarray(pixels), ignored


def _plain_file(data: bytes, limits: Limits) -> tuple[bytes, tuple[str, ...]]:
    """The file with nothing but header, pixels and end; and the names of the chunks left out."""
    view, position, chunks, others = memoryview(data), 8, 0, 0
    kept: list[memoryview] = [view[:8]]
    ignored: dict[str, None] = {}
    kind = b""
    while kind != b"IEND":
        if position + 12 > len(data):
            raise PngError("the file is cut short", mend="write or upload it again")
        length, kind = struct.unpack_from(">I4s", view, position)
        end = position + 12 + length
        if end > len(data):
            raise PngError("the file is cut short", mend="write or upload it again")
        chunks, others = chunks + 1, others + (kind not in _KEPT)
        if chunks > limits.chunks or others > limits.ancillary_chunks:
            raise PngError("has too many chunks", f"at most {limits.chunks}", mend="write it again", limit=True)
        if zlib.crc32(view[position + 4 : end - 4]) != struct.unpack_from(">I", view, end - 4)[0]:
            raise PngError("a checksum is wrong", found=f"in chunk {kind!r}", mend="write or upload it again")
        if kind in (b"acTL", b"fcTL", b"fdAT"):
            raise PngError("is animated", "one image", "an APNG", "save a single frame")
        if kind in _KEPT:
            kept.append(view[position:end])
        else:
            ignored[kind.decode("latin-1")] = None
        position = end
    if position != len(data):
        raise PngError(
            "has data behind its end", "nothing after IEND", f"{len(data) - position} bytes", "write it again"
        )
    return b"".join(kept), tuple(ignored)
