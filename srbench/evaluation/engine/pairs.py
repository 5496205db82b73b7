"""Pairs of LR and HR that are decoded once and resized once, however many models, scales and crops use them."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.datasets.dataset import FileReader, ImagePair, Reader, pixel_hash

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class LoadedPair:
    """LR and HR, uint8 HxWx3, with the SHA-256 of their pixels (:func:`srbench.datasets.dataset.pixel_hash`)."""

    lr: Image
    hr: Image
    lr_sha256: str
    hr_sha256: str


class PairCache:
    """Loads pairs, and keeps decoded HR images and the LR images made of them for the models that come after.

    They are kept as files of pixels in ``folder``, so that other processes share them. HR is known by its file (path,
    size, time of change), LR by the hash of the HR pixels it is made of. Once ``most_bytes`` are kept, nothing is
    added: what comes again and again in one order would push itself out. Without a folder nothing is kept. Safe to use
    from several threads and processes.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = 1 << 30) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self.bytes = 0
        """Bytes that this process has added."""
        self.hits = 0

    def load(self, pair: ImagePair) -> LoadedPair:
        """What ``pair.load()`` gives, and the hashes.

        Raises:
            SrbenchError: as ``pair.load()``.
        """
        hr, hr_sha256 = self._hr(pair)
        if pair.lr is not None:
            lr, _ = replace(pair, hr=lambda: hr).load()
            return LoadedPair(lr, hr, pixel_hash(lr), hr_sha256)
        key = ("lr", hr_sha256, pair.scale, pair.round_once)
        kept = self._get(key)
        if kept is None:
            lr, _ = replace(pair, hr=lambda: hr).load()
            kept = lr, pixel_hash(lr)
            self._put(key, *kept)
        return LoadedPair(kept[0], hr, kept[1], hr_sha256)

    def _hr(self, pair: ImagePair) -> tuple[Image, str]:
        status = file_status(pair.hr)
        key = None if status is None else ("hr", status, pair.multiple or pair.scale)
        kept = self._get(key) if key is not None else None
        if kept is None:
            hr = pair.load_hr()
            kept = hr, pixel_hash(hr)
            if key is not None:
                self._put(key, *kept)
        return kept

    def _path(self, key: tuple[Any, ...]) -> Path | None:
        return None if self.folder is None else self.folder / hashlib.sha256(repr(key).encode()).hexdigest()

    def _get(self, key: tuple[Any, ...]) -> tuple[Image, str] | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            with path.open("rb") as stream:
                height, width, sha256 = stream.readline().decode().split()
                image = np.fromfile(stream, np.uint8).reshape(int(height), int(width), 3)
        except (OSError, ValueError):
            return None
        self.hits += 1
        return image, sha256

    def _put(self, key: tuple[Any, ...], image: Image, sha256: str) -> None:
        path = self._path(key)
        if path is None or self.bytes + image.nbytes > self.most_bytes or path.exists():
            return
        temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            with temporary.open("wb") as stream:
                stream.write(f"{image.shape[0]} {image.shape[1]} {sha256}\n".encode())
                image.tofile(stream)
            temporary.replace(path)
        except OSError:  # a full disk costs time, nothing else
            self.most_bytes = 0
            temporary.unlink(missing_ok=True)
            return
        self.bytes += image.nbytes


def file_status(reader: Reader) -> str | None:
    """What tells one state of an image file from another: path, size, inode, times; None for what is no file."""
    if not isinstance(reader, FileReader):
        return None
    try:
        status = reader.path.stat()
    except OSError:
        return None
    cropped = f" cropped to {reader.crop}" if reader.crop != 1 else ""
    return f"{reader.path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}{cropped}"


def files_of(pair: ImagePair) -> list[str | None]:
    """The state of the files that a pair is read from, by which a later run knows that they are the same."""
    return [None if reader is None else file_status(reader) for reader in (pair.hr, pair.lr)]
