"""What takes long to make and follows from what is hashed, kept in the user's cache folder: figures, pages.

A kept thing lies under the hash of everything that it is made of (:func:`key`), srbench's own source and every
installed package among it. It is believed only where the hash of its bytes is the one that it carries; a file that is
cut short, changed or of another key is as good as none. Where the folder cannot be read or written nothing is kept,
which costs time and nothing else. The folder never grows beyond :data:`MOST_BYTES`: what was not used for longest goes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.paths import cache_dir
from srbench.writing import write_bytes

FOLDER = "made"
"""Folder of the cache."""
MOST_BYTES = 100 * 2**20
_PACKAGE = Path(__file__).resolve().parent
_ignored = False


@contextlib.contextmanager
def ignored() -> Iterator[None]:
    """Within it nothing is found, so that everything is made; what is made is kept."""
    global _ignored
    before, _ignored = _ignored, True
    try:
        yield
    finally:
        _ignored = before


def key(kind: str, *parts: str | bytes) -> str:
    """The hash of ``parts``, in order and apart, and of what everything depends on: see :func:`surroundings`."""
    digest = hashlib.sha256()
    for part in (kind, surroundings(), *parts):
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def find(name: str) -> dict[str, bytes] | None:
    """The parts that were kept under a key; None where there are none, or not as they were written."""
    if _ignored:
        return None
    try:
        file = cache_dir() / FOLDER / name
        data = file.read_bytes()
        head, _, body = data.partition(b"\n")
        header = json.loads(head)
        if header["key"] != name or header["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        found, place = {}, 0
        for part, length in header["parts"]:
            found[str(part)] = body[place : place + length]
            place += length
        os.utime(file)  # it was of use today
    except (OSError, RuntimeError, ValueError, LookupError, TypeError):
        return None
    return found if place == len(body) else None


def keep(name: str, parts: Mapping[str, bytes]) -> None:
    """Keep ``parts`` under a key, whole or not at all, and remove what goes beyond :data:`MOST_BYTES`."""
    body = b"".join(parts.values())
    if len(body) > MOST_BYTES // 4:  # one thing must not push out all others
        return
    lengths = [(part, len(data)) for part, data in parts.items()]
    head = json.dumps({"key": name, "sha256": hashlib.sha256(body).hexdigest(), "parts": lengths})
    with contextlib.suppress(OSError, RuntimeError, SrbenchError):
        folder = cache_dir() / FOLDER
        write_bytes(folder / name, head.encode("ascii") + b"\n" + body)
        _trim(folder)


def _trim(folder: Path) -> None:
    """Remove what was not used for longest until the rest fits; what a killed process left counts as well."""
    files = []
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            status = entry.stat()
            files.append((status.st_mtime_ns, status.st_size, entry.path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= MOST_BYTES:
            return
        with contextlib.suppress(OSError):
            Path(path).unlink()
            total -= size


def surroundings() -> str:
    """What everything depends on: srbench's source, Python, the machine's kind, every installed package and settings.

    Packages are known by the names of their folders of metadata, which hold their versions. Settings are the variables
    of the environment that srbench and matplotlib read, and matplotlib's own files of settings.
    """
    installed: set[str] = set()
    for place in dict.fromkeys(sys.path):
        with contextlib.suppress(OSError):
            installed.update(e.name for e in os.scandir(place or ".") if e.name.endswith((".dist-info", ".egg-info")))
    asked = {name: value for name, value in os.environ.items() if name.startswith(("SRBENCH_", "MPL", "MATPLOTLIB"))}
    for where in ("SRBENCH_HOME", "SRBENCH_ROOT"):  # what lies there is hashed where it is used
        asked.pop(where, None)
    known = [sys.version, sys.platform, platform.machine(), sorted(installed), sorted(asked.items())]
    return json.dumps([*known, _source(), [_content(file) for file in _settings()]])


@cache
def _source() -> str:
    """The hash of all of srbench that runs or stands in pages."""
    return tree(_PACKAGE, _files(_PACKAGE, without=("__pycache__",)))


def tree(root: Path, files: Iterable[Path] | None = None) -> str:
    """The hash of the names and bytes of files, in the order of their names: all files below ``root``, or those given.

    Raises:
        OSError: one of them cannot be read.
    """
    digest = hashlib.sha256()
    named = sorted((file.relative_to(root).as_posix(), file) for file in (_files(root) if files is None else files))
    for name, file in named:
        data = file.read_bytes()
        digest.update(f"{name}\n{len(data)}\n".encode("utf-8", "surrogateescape") + data)
    return digest.hexdigest()


def _files(root: Path, without: tuple[str, ...] = ()) -> Iterator[Path]:
    """Every file below a folder, behind links too (of links that lead to one folder, behind one); none without it."""
    waiting = [str(root)]
    linked: set[str] = set()
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.is_file():
                yield Path(entry.path)
            elif entry.is_dir() and entry.name not in without:
                real = os.path.realpath(entry.path) if entry.is_symlink() else ""
                if not real or real not in linked:
                    linked.add(real)
                    waiting.append(entry.path)


def _settings() -> list[Path]:
    """Where matplotlib looks for a file of settings, its own apart."""
    own = os.environ.get("MATPLOTLIBRC") or "."
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111 - never raises
    folders = (".", own, os.environ.get("MPLCONFIGDIR") or f"{home}/matplotlib")
    return [Path(own), *(Path(folder, "matplotlibrc") for folder in folders)]


def _content(file: Path) -> str:
    """The hash of a file; "" where there is none."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
