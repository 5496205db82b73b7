"""Pairs of LR and HR that are decoded once and resized once, however many models, scales and crops use them."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.datasets.dataset import ImagePair, Reader, pixel_hash

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class LoadedPair:
    """LR and HR, uint8 HxWx3, with the SHA-256 of their pixels (:func:`srbench.datasets.dataset.pixel_hash`)."""

    lr: Image
    hr: Image
    lr_sha256: str
    hr_sha256: str


class PairCache:
    """Loads pairs and keeps decoded HR images and the LR images made of them, the least used forgotten first.

    HR is known by its file (path, size, time of change), LR by the hash of the HR pixels it is made of. Safe to use
    from several threads. With ``most_bytes`` 0 nothing is kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.hits = 0
        self._kept: OrderedDict[tuple[Any, ...], tuple[Image, str]] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, pair: ImagePair) -> LoadedPair:
        """What ``pair.load()`` gives, and the hashes; the arrays are the caller's own.

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

    def _get(self, key: tuple[Any, ...]) -> tuple[Image, str] | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            self.hits += 1
        return kept[0].copy(), kept[1]

    def _put(self, key: tuple[Any, ...], image: Image, sha256: str) -> None:
        if image.nbytes > self.most_bytes:
            return
        own = image.copy()
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = own, sha256
            self.bytes += own.nbytes
            while self.bytes > self.most_bytes:
                _, (forgotten, _) = self._kept.popitem(last=False)
                self.bytes -= forgotten.nbytes


def file_status(reader: Reader) -> str | None:
    """What tells one state of an image file from another: reader, path, size, time of change; None for what is no file.

    A reader is known to read a plain file when it is ``functools.partial(function, path)``.
    """
    if not isinstance(reader, functools.partial) or reader.keywords or len(reader.args) != 1:
        return None
    path = reader.args[0]
    if not isinstance(path, Path):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return f"{reader.func.__module__}.{reader.func.__qualname__} {path} {status.st_size} {status.st_mtime_ns}"
