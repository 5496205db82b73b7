"""Reading and writing images: the same pixels, or a clear refusal."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srbench.errors import SrbenchError
from srbench.imaging import read_image, write_image
from srbench.imaging.io import MAX_PIXELS


def picture(height: int = 6, width: int = 8) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, bit_depth: int, colour_type: int, raw: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(raw)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".PNG"])
def test_lossless_formats_return_the_same_pixels(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / "new" / f"image{suffix}"
    write_image(file, picture())
    np.testing.assert_array_equal(read_image(file), picture())
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_jpeg_can_be_written_and_read(tmp_path: Path) -> None:
    smooth = np.full((16, 16, 3), 90, dtype=np.uint8)
    write_image(tmp_path / "a.jpg", smooth)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - 90).max() <= 2


@pytest.mark.parametrize("mode", ["L", "1", "P"])
def test_grey_and_palette_become_three_channels(tmp_path: Path, mode: str) -> None:
    grey = np.tile(np.array([0, 255], dtype=np.uint8), (4, 4))
    Image.fromarray(grey).convert(mode).save(tmp_path / "g.png")
    np.testing.assert_array_equal(read_image(tmp_path / "g.png"), np.stack([grey] * 3, axis=-1))


def test_an_opaque_alpha_channel_is_dropped_with_a_warning(tmp_path: Path) -> None:
    Image.fromarray(picture()).convert("RGBA").save(tmp_path / "a.png")
    with pytest.warns(UserWarning, match="opaque alpha channel"):
        np.testing.assert_array_equal(read_image(tmp_path / "a.png"), picture())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(read_image(tmp_path / "a.png"), picture(), "it is told of once")


def test_transparent_pixels_are_refused(tmp_path: Path) -> None:
    image = Image.fromarray(picture()).convert("RGBA")
    image.putpixel((0, 0), (1, 2, 3, 0))
    image.save(tmp_path / "a.png")
    with pytest.raises(SrbenchError, match="transparent pixels"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3)])
def test_16_bit_png_is_refused_in_grey_and_in_colour(tmp_path: Path, colour_type: int, channels: int) -> None:
    row = b"\x00" + bytes(2 * channels * 4)
    (tmp_path / "deep.png").write_bytes(png(4, 3, 16, colour_type, row * 3))
    with pytest.raises(SrbenchError, match="more than 8 bits"):
        read_image(tmp_path / "deep.png")


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int32])
def test_deep_tiff_is_refused(tmp_path: Path, dtype: type) -> None:
    Image.fromarray(np.zeros((4, 4), dtype=dtype)).save(tmp_path / "deep.tif")
    with pytest.raises(SrbenchError, match="more than 8 bits"):
        read_image(tmp_path / "deep.tif")


def test_cmyk_is_refused(tmp_path: Path) -> None:
    Image.fromarray(picture()).convert("CMYK").save(tmp_path / "print.jpg")
    with pytest.raises(SrbenchError, match="colour mode CMYK"):
        read_image(tmp_path / "print.jpg")


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_a_small_file_that_claims_to_be_huge_is_not_decoded(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(png(side, side, 8, 2, b""))
    with pytest.raises(SrbenchError, match=f"limit of {MAX_PIXELS:,} pixels"):
        read_image(tmp_path / "bomb.png")


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".jpg", ".tif"])
def test_a_truncated_file_is_named(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"cut{suffix}"
    write_image(file, picture(64, 64))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(SrbenchError, match=r"cut.*(cannot be read|not a PNG)"):
        read_image(file)


def test_other_formats_text_folders_and_missing_files_are_named(tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / "a.gif")
    (tmp_path / "text.png").write_text("not an image")
    for name, message in (("a.gif", "is not a PNG"), ("text.png", "is not a PNG"), ("no.png", "does not exist")):
        with pytest.raises(SrbenchError, match=message):
            read_image(tmp_path / name)
    with pytest.raises(SrbenchError, match="is a folder; expected a file with an image"):
        read_image(tmp_path)


@pytest.mark.parametrize(
    ("name", "image", "message"),
    [
        ("a.webp", picture(), "name ending in"),
        ("a.png", picture().astype(np.float32), "expected uint8"),
        ("a.png", np.zeros((4, 4, 4), dtype=np.uint8), "expected uint8 HxWx3"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, image: np.ndarray, message: str) -> None:
    with pytest.raises(SrbenchError, match=message):
        write_image(tmp_path / name, image)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_one_channel_can_be_kept_grey_one_with_equal_channels_is_colour(tmp_path: Path) -> None:
    grey = np.arange(16, dtype=np.uint8).reshape(4, 4)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "colour.png")
    np.testing.assert_array_equal(read_image(tmp_path / "grey.png", keep_grey=True), grey)
    assert read_image(tmp_path / "colour.png", keep_grey=True).shape == (4, 4, 3)
