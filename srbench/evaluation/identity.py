"""The hash of a dataset's pixels, remembered for files that have not changed since they were last decoded."""

from __future__ import annotations

import contextlib
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.evaluation.engine.pairs import file_status
from srbench.paths import cache_dir
from srbench.writing import write_text

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset


def data_sha256(dataset: Dataset) -> str:
    """``dataset.sha256()``, without decoding when the very same files were hashed before.

    The same files are the same paths, sizes, inodes and times of modification and of change (which no program can set
    back), read by the same version of the image code.
    Nothing is remembered for images that are not plain files, or when the cache cannot be written.
    """
    memory = _memory(dataset)
    if memory is None or "_sha256" in vars(dataset):  # already known to this object
        return dataset.sha256()
    with contextlib.suppress(OSError, ValueError):
        known = memory.read_text(encoding="ascii").strip()
        if len(known) == 64:
            return known
    found = dataset.sha256()
    remember(dataset, found)
    return found


def remember(dataset: Dataset, sha256: str) -> None:
    """Keep the hash of a dataset whose pixels were decoded anyway."""
    memory = _memory(dataset)
    if memory is not None and not memory.is_file():
        with contextlib.suppress(SrbenchError):  # a cache that cannot be written costs time, nothing else
            write_text(memory, sha256 + "\n")


def _memory(dataset: Dataset) -> Path | None:
    """Where the hash of exactly these files is remembered; None when they are not plain files."""
    key = hashlib.sha256(f"{_image_code()}\n{dataset.scale}\n{dataset.lr}\n".encode())
    for pair in dataset.images:
        for reader in (pair.hr, pair.lr):
            status = "none" if reader is None else file_status(reader)
            if status is None:
                return None
            key.update(f"{pair.name}\n{status}\n".encode("utf-8", "surrogatepass"))
    return cache_dir() / "data-hashes" / key.hexdigest()


@functools.cache
def _image_code() -> str:
    """Hash of the code that decodes, crops and resizes."""
    package = Path(__file__).resolve().parent.parent
    files = [*sorted((package / "imaging").glob("*.py")), *sorted((package / "datasets").glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
