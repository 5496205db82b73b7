"""What a run has measured so far of one pass over a dataset, image by image, so that a kill loses nothing finished.

``FOLDER/journal/NAME/*.jsonl``: every process that works on the pass appends to a part of its own. The first line of a
part says what is measured, each further one what one image gave. A pass takes up the rows of all parts that agree with
it; when all images are there, they go into records and the parts are removed. A kill can only cut the last line of a
part, which is then left out. Rows are in the hands of the system as soon as they are written (a killed process loses
none) and on the disk a second later (:data:`SYNC_SECONDS`, against a power cut).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from srbench.errors import SrbenchError
from srbench.printable import whole_pairs

FOLDER = "journal"
SCHEMA = "srbench.journal/1"
SYNC_SECONDS = 1.0

Header = Mapping[str, Any]
"""Everything that a row depends on, as JSON: rows of one header are worth nothing under another."""
Row = dict[str, Any]
"""What one image gave; ``index`` is its place in the dataset."""


def folder_of(results: Path, name: str) -> Path:
    """Where the parts of a pass are kept within a results folder."""
    return results / FOLDER / name


class Part:
    """The part of a journal that one process writes; the file appears with its first row."""

    def __init__(self, folder: Path, header: Header, sync_seconds: float = SYNC_SECONDS) -> None:
        self.path = folder / f"{uuid.uuid4().hex[:12]}.jsonl"
        self._header = header
        self._sync_seconds = sync_seconds
        self._file: int | None = None
        self._synced = time.monotonic()

    def append(self, row: Row) -> None:
        """Keep one row.

        Raises:
            SrbenchError: the journal cannot be written (disk full, folder gone).
        """
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
                _write(self._file, {"schema": SCHEMA, "header": dict(self._header)})
            _write(self._file, row)
            if time.monotonic() - self._synced >= self._sync_seconds:
                os.fsync(self._file)
                self._synced = time.monotonic()
        except OSError as error:
            raise SrbenchError(
                f"cannot write the journal '{self.path}': {error.strerror or error}; what is finished is kept, "
                "free some space and give the same command again."
            ) from error

    def close(self) -> None:
        """Put it on the disk; the rows stay."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Part:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _write(file: int, value: Mapping[str, Any]) -> None:
    """One line in one write, so that a kill between two lines leaves whole ones."""
    text = whole_pairs(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    line = text.encode() + b"\n"
    while line:
        line = line[os.write(file, line) :]


def rows(folder: Path, header: Header) -> Iterator[Row]:
    """The rows of all parts in ``folder`` that were measured under ``header``, one for each index, as they are read.

    Parts of another header, lines that were cut and files that are no journal are passed over. Where two parts hold
    the same image, the first by name of the file stands; they agree, since rows depend on nothing but the header.
    """
    seen: set[int] = set()
    wanted = _plain(header)
    for path in sorted(folder.glob("*.jsonl")):
        lines = _lines(path)
        first = next(lines, None)
        if first is None or first.get("schema") != SCHEMA or first.get("header") != wanted:
            continue
        for row in lines:
            index = row.get("index")
            if isinstance(index, int) and index >= 0 and index not in seen:
                seen.add(index)
                yield row


def remarks(folder: Path, header: Header) -> list[Row]:
    """The lines of all parts of ``header`` that are no rows of images: what was noted on the pass as a whole."""
    found: list[Row] = []
    wanted = _plain(header)
    for path in sorted(folder.glob("*.jsonl")):
        lines = _lines(path)
        if next(lines, {}).get("header") == wanted:
            found += [line for line in lines if "index" not in line]
    return found


def headers(folder: Path) -> list[dict[str, Any]]:
    """The different headers of the parts in ``folder``."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        first = next(_lines(path), {})
        header = first.get("header") if first.get("schema") == SCHEMA else None
        if isinstance(header, dict) and header not in found:
            found.append(header)
    return found


def passes(results: Path) -> list[str]:
    """Names of the passes that a results folder holds a journal of."""
    root = results / FOLDER
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def gather(results: Path, sources: list[Path], name: str) -> int:
    """Copy the parts of a pass from other results folders; returns how many were copied."""
    copied = 0
    for source in sources:
        for path in sorted(folder_of(source, name).glob("*.jsonl")):
            target = folder_of(results, name) / path.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
                copied += 1
    return copied


def remove(folder: Path) -> None:
    """Remove the parts of a pass whose rows are in its records now, and the journal folder if nothing else is in it."""
    for path in folder.glob("*.jsonl"):
        path.unlink(missing_ok=True)
    for empty in (folder, folder.parent):
        with contextlib.suppress(OSError):
            empty.rmdir()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file, one a line; what is no whole line of JSON is passed over."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                with contextlib.suppress(ValueError, RecursionError):
                    value = json.loads(line)
                    if isinstance(value, dict):
                        yield value
    except OSError:
        return


def _plain(header: Header) -> Any:
    """The header as it comes back from JSON."""
    return json.loads(json.dumps(dict(header)))
