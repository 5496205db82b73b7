"""Submissions and references for tests, made of a few small images."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from srbench.challenge.planning import plan_of
from srbench.challenge.score.plan import Plan
from srbench.challenge.score.scoring import Scored, score_submission
from srbench.rules import get_rules

STEMS = ("0801", "0802", "0803", "0804")
SIZE = (56, 64)
README = """runtime per image [s] : 10.43
CPU[1] / GPU[0] : 1
Extra Data [1] / No Extra Data [0] : 0
Other description : a
"""
Pixels = npt.NDArray[Any]


def plan(**changes: Any) -> Plan:
    """The plan of the newest rules, at scale 4."""
    return plan_of(get_rules("ntire2026-esr"), **changes)


def hr_image(number: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A smooth, textured, coloured image of (height, width), different for every number."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    wave = np.stack(
        [
            120 + 90 * np.sin(x / (3 + number) + y / 7),
            110 + 70 * np.cos(y / (4 + number)),
            90 + 60 * np.sin((x - y) / 9),
        ],
        2,
    )
    return np.clip(wave + rng.normal(0, 6, wave.shape), 0, 255).astype(np.uint8)


def sr_image(number: int, size: tuple[int, int] = SIZE) -> Pixels:
    """The image with noise, about 30 dB from it."""
    rng = np.random.default_rng(100 + number)
    return np.clip(hr_image(number, size) + rng.normal(0, 8, (*size, 3)), 0, 255).astype(np.uint8)


def png(image: Pixels, **options: Any) -> bytes:
    """An array as PNG bytes."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG", **options)
    return stream.getvalue()


def references(folder: Path) -> Path:
    """A folder of the four references."""
    folder.mkdir(parents=True)
    for number, stem in enumerate(STEMS):
        (folder / f"{stem}.png").write_bytes(png(hr_image(number)))
    return folder


def good() -> dict[str, bytes]:
    """Files of a valid submission by name."""
    files = {f"{stem}x4.png": png(sr_image(number)) for number, stem in enumerate(STEMS)}
    return {**files, "readme.txt": README.encode()}


def zipped(path: Path, files: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> Path:
    """Write a zip; a list may hold the same name twice."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path


def folder_of(path: Path, files: dict[str, bytes]) -> Path:
    """Write a folder."""
    for name, data in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def score(submission: Path, hr: Path, used: Plan | None = None) -> Scored:
    """Score a submission by the newest rules."""
    return score_submission(submission, hr, used or plan())


def said(scored: Scored) -> str:
    """Everything that is said about a submission."""
    problems = [problem.sentence() for problem in scored.verdict.problems]
    return "\n".join(problems + [note.text for note in scored.verdict.notes])


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_header(width: int, height: int, bits: int = 8, colour: int = 2) -> bytes:
    """A PNG whose header says this and that holds next to nothing."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def inserted(data: bytes, *chunks: bytes) -> bytes:
    """A PNG with chunks put behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]
