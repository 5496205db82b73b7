"""Images, cases 16 to 32: refused by their header before anything is decoded, or scored with a diagnosis."""

from __future__ import annotations

import io
import math
import resource
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from srbench.challenge.score.measure import measure
from srbench.imaging import imresize
from srbench.metrics import score as score_image

from .builders import (
    SIZE,
    chunk,
    folder_of,
    good,
    hr_image,
    inserted,
    plan,
    png,
    references,
    said,
    score,
    sr_image,
    with_header,
    zipped,
)

H, W = SIZE
SR = sr_image(0)
GOOD = png(SR)


@pytest.fixture(scope="module")
def hr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return references(tmp_path_factory.mktemp("refs") / "hr")


def saved(mode: str, kind: str = "PNG", **options: Any) -> bytes:
    """The first image in another mode or format."""
    stream = io.BytesIO()
    Image.fromarray(SR).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def rgba(alpha: int) -> bytes:
    return png(np.dstack([SR, np.full((H, W), alpha, np.uint8)]))


def grey16() -> bytes:
    return png(SR[..., 0].astype(np.uint16) * 257)


def rgb16() -> bytes:
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).astype(">u2").tobytes() for row in SR)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 16, 2, 0, 0, 0))
    return GOOD[:8] + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def animated() -> bytes:
    stream = io.BytesIO()
    frames = [Image.fromarray(SR), Image.fromarray(255 - SR)]
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def wrong_checksum() -> bytes:
    data = bytearray(GOOD)
    data[GOOD.index(b"IDAT") + 20] ^= 1
    return bytes(data)


def short_data() -> bytes:
    """Sound chunks whose pixels end too early."""
    header = GOOD[:33]
    return header + chunk(b"IDAT", zlib.compress(bytes(W * 3 + 1) * 3)) + chunk(b"IEND", b"")


def text_bomb(kind: bytes, head: bytes) -> bytes:
    return inserted(GOOD, chunk(kind, head + zlib.compress(bytes(60 << 20), 9)))


INVALID: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "16 LR size": (lambda: png(SR[::4, ::4]), ("0801: wrong size; got 16x14, want 64x56", "x4 LR image")),
    "16 a pixel more": (lambda: png(sr_image(0, (H + 1, W))), ("got 64x57, want 64x56",)),
    "16 a pixel less": (lambda: png(SR[:, :-1]), ("got 63x56, want 64x56",)),
    "16 transposed": (lambda: png(SR.transpose(1, 0, 2)), ("transposed",)),
    "17 12x12": (lambda: png(SR[:12, :12]), ("got 12x12",)),
    "17 1x1": (lambda: png(SR[:1, :1]), ("got 1x1",)),
    "18 grey": (lambda: saved("L"), ("wrong colour type; got grey, want RGB",)),
    "18 one bit": (lambda: saved("1"), ("wrong bit depth; got 1 bits",)),
    "18 palette": (lambda: saved("P"), ("got palette",)),
    "18 grey with alpha": (lambda: saved("LA"), ("got grey with alpha",)),
    "18 transparent": (lambda: rgba(254), ("transparent pixels",)),
    "19 16-bit RGB": (rgb16, ("wrong bit depth; got 16 bits, want 8 bits",)),
    "19 16-bit grey": (grey16, ("got 16 bits",)),
    "20 JPEG": (lambda: saved("RGB", "JPEG"), ("not a PNG file; got JPEG",)),
    "20 WebP": (lambda: saved("RGB", "WEBP"), ("got WebP",)),
    "20 BMP": (lambda: saved("RGB", "BMP"), ("got BMP",)),
    "20 TIFF": (lambda: saved("RGB", "TIFF"), ("got TIFF",)),
    "26 cut short": (lambda: GOOD[:-200], ("cut short",)),
    "26 checksum": (wrong_checksum, ("a checksum is wrong",)),
    "26 no end": (lambda: GOOD[:-12], ("cut short",)),
    "26 garbage behind": (lambda: GOOD + b"garbage", ("data behind its end", "7 bytes")),
    "26 empty": (lambda: b"", ("the file is empty",)),
    "26 header only": (lambda: GOOD[:33], ("cut short",)),
    "26 signature only": (lambda: GOOD[:8], ("cut short or damaged",)),
    "26 too few rows": (short_data, ("damaged or cut short",)),
    "27 20000x9000": (lambda: with_header(20000, 9000), ("got 20000x9000",)),
    "27 12000x8000": (lambda: with_header(12000, 8000), ("got 12000x8000",)),
    "27 65535x65535": (lambda: with_header(65535, 65535), ("got 65535x65535",)),
    "27 2147483647x1": (lambda: with_header(2**31 - 1, 1), ("got 2147483647x1",)),
    "27 0x10": (lambda: with_header(0, 10), ("got 0x10",)),
    "29 animated": (animated, ("animated",)),
    "30 FITS": (lambda: b"SIMPLE  =" + bytes(3000), ("not a PNG file; got FITS",)),
    "30 PSD": (lambda: b"8BPS" + bytes(3000), ("got PSD",)),
    "30 EPS": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", ("got EPS",)),
    "31 pickled array": (lambda: b"\x93NUMPY\1\0" + bytes(200), ("got NumPy",)),
}  # fmt: skip


@pytest.mark.parametrize("case", INVALID)
def test_invalid_images(case: str, hr: Path, tmp_path: Path) -> None:
    make, wanted = INVALID[case]
    data = make()
    path = zipped(tmp_path / "a.zip", {**good(), "0801x4.png": data, "0803x4.png": b"not an image"})
    begin = time.process_time()
    scored = score(path, hr)
    assert time.process_time() - begin < 1
    assert (scored.verdict.outcome, scored.verdict.exit_code) == ("invalid", 3)
    for text in (*wanted, "0801: ", "0803: not a PNG file"):
        assert text in said(scored)
    assert len(scored.verdict.problems) == 2
    assert scored.images == {}


def exif() -> bytes:
    stream = io.BytesIO()
    about = Image.Exif()
    about[0x0112] = 6
    Image.fromarray(SR).save(stream, "PNG", exif=about)
    return stream.getvalue()


SAME_PIXELS: dict[str, tuple[Callable[[], bytes], str]] = {
    "18 opaque alpha": (lambda: rgba(255), "opaque alpha"),
    "28 zTXt bomb": (lambda: text_bomb(b"zTXt", b"k\0\0"), "ignored zTXt"),
    "28 iTXt bomb": (lambda: text_bomb(b"iTXt", b"k\0\1\0\0\0"), "ignored iTXt"),
    "28 iCCP bomb": (lambda: text_bomb(b"iCCP", b"k\0\0"), "ignored iCCP"),
    "29 gamma": (lambda: inserted(GOOD, chunk(b"gAMA", struct.pack(">I", 100000))), "ignored gAMA"),
    "29 transparent colour": (lambda: inserted(GOOD, chunk(b"tRNS", bytes(SR[0, 0].astype(">u2")))), "ignored tRNS"),
    "29 orientation": (exif, "ignored eXIf"),
}


@pytest.mark.parametrize("case", SAME_PIXELS)
def test_what_changes_no_pixel_is_ignored(case: str, hr: Path, tmp_path: Path) -> None:
    make, note = SAME_PIXELS[case]
    plain = score(zipped(tmp_path / "a.zip", good()), hr)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scored = score(zipped(tmp_path / "b.zip", {**good(), "0801x4.png": make()}), hr)
    assert scored.images == plain.images
    assert note in said(scored)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10  # KiB; the maker takes 60 MiB


def test_28_many_chunks_are_stopped(hr: Path, tmp_path: Path) -> None:
    many = inserted(GOOD, *[chunk(b"tEXt", b"a\0b")] * 100_000)
    scored = score(zipped(tmp_path / "a.zip", {**good(), "0801x4.png": many}), hr)
    assert scored.verdict.outcome == "stopped"
    assert "0801: has too many chunks" in said(scored)


def test_29_interlaced_images_are_decoded(hr: Path, tmp_path: Path) -> None:
    """Adam7 of an 8x8 image's worth of passes, written by hand, since Pillow writes none."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(b"\0" + np.ascontiguousarray(row).tobytes() for y, x, dy, dx in passes for row in SR[y::dy, x::dx])
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 1))
    data = GOOD[:8] + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    plain = score(zipped(tmp_path / "a.zip", good()), hr)
    assert score(zipped(tmp_path / "b.zip", {**good(), "0801x4.png": data}), hr).images == plain.images


def test_16_references_are_cropped_to_multiples_of_the_scale(tmp_path: Path) -> None:
    odd = folder_of(tmp_path / "hr", {"a.png": png(hr_image(0, (H + 3, W + 1)))})
    cropped = hr_image(0, (H + 3, W + 1))[:H, :W]
    scored = score(folder_of(tmp_path / "sr", {"a.png": png(SR)}), odd)
    assert scored.images["a"].values["psnr"] == score_image(SR, cropped, 4, "rgb-ntire@1").psnr
    whole = folder_of(tmp_path / "whole", {"a.png": png(sr_image(0, (H + 3, W + 1)))})
    assert "got 65x59, want 64x56" in said(score(whole, odd))


def test_17_references_too_small_to_be_measured(tmp_path: Path) -> None:
    small = folder_of(tmp_path / "hr", {"a.png": png(hr_image(0, (16, 16)))})
    scored = score(folder_of(tmp_path / "sr", {"a.png": png(sr_image(0, (16, 16)))}), small)
    assert scored.verdict.outcome == "invalid"
    assert "too small to be measured; got 16x16, want at least 19x19" in said(scored)


def all_images(change: Callable[[Any], Any]) -> dict[str, bytes]:
    return {**good(), **{f"080{n + 1}x4.png": png(np.ascontiguousarray(change(sr_image(n)))) for n in range(4)}}


def wrongly_paired() -> dict[str, bytes]:
    return {**good(), **{f"080{n + 1}x4.png": png(sr_image((n + 1) % 4)) for n in range(4)}}


def luma(image: Any) -> Any:
    grey = np.asarray(Image.fromarray(image).convert("L"))
    return np.repeat(grey[..., None], 3, axis=2)


DIAGNOSES: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "21 channels": (lambda: all_images(lambda i: i[..., ::-1]), "channels look swapped: PSNR"),
    "22 range": (lambda: all_images(lambda i: np.round(i / 255).astype(np.uint8)), "0..1 written as uint8"),
    "22 inverted": (lambda: all_images(lambda i: 255 - i), "colours look inverted"),
    "22 shifted": (lambda: all_images(lambda i: np.roll(i, 1, 1)), "shifted by (0, 1) pixels"),
    "22 paired wrongly": (wrongly_paired, "0801: looks like reference 0802, not like its own; so do 3 more"),
    "luma only": (lambda: all_images(luma), "only luma is given"),
    "brightness": (lambda: all_images(lambda i: (i * 0.9).astype(np.uint8)), "the image looks too dark: PSNR"),
}


@pytest.mark.parametrize("case", DIAGNOSES)
def test_21_22_bad_scores_are_explained_and_not_changed(case: str, hr: Path, tmp_path: Path) -> None:
    make, text = DIAGNOSES[case]
    files = make()
    scored = score(zipped(tmp_path / "a.zip", files), hr)
    assert scored.verdict.outcome == "valid"
    assert text in said(scored)
    first = np.asarray(Image.open(io.BytesIO(files["0801x4.png"])))
    assert scored.images["0801"].values["psnr"] == score_image(first, hr_image(0), 4, "rgb-ntire@1").psnr


def smooth(number: int, shift: int = 0) -> Any:
    """An image of (64, 80) whose waves are so wide that a shift by one pixel costs little."""
    y, x = np.mgrid[0:64, 0:80]
    wave = 120 + 60 * np.sin((x - shift) / 12 + number) + 20 * np.cos(y / 9)
    return np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("shift", [0, 1])
def test_what_makes_all_images_a_little_better_is_said(shift: int, tmp_path: Path) -> None:
    hr = folder_of(tmp_path / "hr", {f"{n}.png": png(smooth(n)) for n in range(3)})
    noise = [np.random.default_rng(n).normal(0, 8, (64, 80, 3)) for n in range(3)]
    sr = [np.clip(smooth(n, shift) + noise[n], 0, 255).astype(np.uint8) for n in range(3)]
    scored = score(folder_of(tmp_path / "sr", {f"{n}x4.png": png(sr[n]) for n in range(3)}), hr)
    notes = [note for note in scored.verdict.notes if note.kind == "diagnosis: shifted"]
    assert len(notes) == shift
    if notes:
        assert "shifted by (0, 1) pixels (down, right): without that each of 3 looked at is better" in notes[0].text


def test_good_images_get_no_diagnosis(hr: Path, tmp_path: Path) -> None:
    scored = score(zipped(tmp_path / "a.zip", good()), hr)
    assert not [note for note in scored.verdict.notes if note.kind.startswith("diagnosis")]


def test_23_lossy_images_are_scored(hr: Path, tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.fromarray(SR).save(stream, "JPEG", quality=60)
    files = {**good(), "0801x4.png": png(np.asarray(Image.open(stream)))}
    scored = score(zipped(tmp_path / "a.zip", files), hr)
    assert scored.verdict.outcome == "valid"
    assert math.isfinite(scored.images["0801"].values["psnr"])


def test_24_images_equal_to_their_reference(hr: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {**good(), "0801x4.png": png(hr_image(0))})
    scored = score(path, hr)
    assert scored.images["0801"].identical
    assert scored.published(plan())["psnr"] == 999.0
    assert "suspicious: equals reference: 0801" in said(scored)
    failed = score(path, hr, plan(equal_to_reference="fail"))
    assert failed.verdict.outcome == "invalid"
    assert "0801: equals the reference" in said(failed)


def test_25_bicubic_is_scored_as_bicubic(hr: Path, tmp_path: Path) -> None:
    up = [imresize(imresize(hr_image(n), 1 / 4), 4) for n in range(4)]
    scored = score(zipped(tmp_path / "a.zip", {f"080{n + 1}.png": png(i) for n, i in enumerate(up)}), hr)
    for number, image in enumerate(up):
        wanted = score_image(image, hr_image(number), 4, "rgb-ntire@1").psnr
        assert scored.images[f"080{number + 1}"].values["psnr"] == pytest.approx(wanted, abs=1e-9)


REFERENCES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda folder: (folder / "0802.png").unlink(), "1 references are missing, the first is 0802"),
    "RGBA is no problem": (lambda folder: (folder / "0802.png").write_bytes(rgba(9)), "transparent"),
    "16 bits": (lambda folder: (folder / "0802.png").write_bytes(rgb16()), "16 bits"),
    "text": (lambda folder: (folder / "0802.png").write_bytes(b"x"), "not a PNG"),
    "empty": (lambda folder: [file.unlink() for file in folder.iterdir()], "references are missing"),
}


@pytest.mark.parametrize("case", REFERENCES)
def test_32_wrong_references_are_the_organisers_error(case: str, tmp_path: Path) -> None:
    folder = references(tmp_path / "hr")
    spoil, text = REFERENCES[case]
    spoil(folder)
    scored = score(zipped(tmp_path / "a.zip", good()), folder, plan(stems=("0801", "0802", "0803", "0804")))
    assert (scored.verdict.outcome, scored.verdict.exit_code) == ("organiser error", 1)
    assert "reference data" in said(scored)
    assert text in said(scored)


@pytest.mark.parametrize("protocol", ["rgb-ntire@1", "y-matlab@1", "y-rounded@1"])
def test_scores_agree_with_srbenchs_protocols(protocol: str) -> None:
    from srbench.challenge.planning import measure_of
    from srbench.metrics.protocols import get_protocol

    how = measure_of(get_protocol(protocol), 4)
    for size in ((56, 64), (20, 300), (150, 23), (600, 400)):
        sr, hr = sr_image(3, size), hr_image(3, size)
        found, wanted = measure(sr, hr, how), score_image(sr, hr, 4, protocol)
        exact = protocol == "rgb-ntire@1"
        assert found.values["psnr"] == (wanted.psnr if exact else pytest.approx(wanted.psnr, abs=1e-6))
        assert found.values["ssim"] == pytest.approx(wanted.ssim, abs=2e-6)


def test_ssim_agrees_with_plain_float64_arithmetic() -> None:
    sr, hr = sr_image(2), hr_image(2)
    how = plan().measure
    window = np.outer(how.window, how.window)
    found = []
    for channel in range(3):
        x, y = (i[4:-4, 4:-4, channel].astype(float) for i in (sr, hr))
        views = [np.lib.stride_tricks.sliding_window_view(v, window.shape) for v in (x, y, x * x, y * y, x * y)]
        mx, my, xx, yy, xy = ((view * window).sum((-1, -2)) for view in views)
        top = (2 * mx * my + how.c1) * (2 * (xy - mx * my) + how.c2)
        found.append((top / ((mx**2 + my**2 + how.c1) * (xx - mx**2 + yy - my**2 + how.c2))).mean())
    assert measure(sr, hr, how).values["ssim"] == pytest.approx(np.mean(found), abs=1e-6)


def test_evaluate_gives_the_scorers_digits() -> None:
    from srbench.challenge.planning import as_scored
    from srbench.metrics.protocols import get_protocol

    sr, hr = sr_image(1, (300, 400)), hr_image(1, (300, 400))
    found = measure(sr, hr, plan().measure)
    values = as_scored(sr, hr, 4, get_protocol("rgb-ntire@1"), ("psnr", "ssim"))
    assert values == found.values
