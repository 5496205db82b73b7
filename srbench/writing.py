"""Files are written whole or not at all: a reader, or a kill, never sees half of one."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from srbench.errors import SrbenchError


def write_text(target: Path, text: str) -> None:
    r"""Put ``text`` at ``target`` as UTF-8 with plain line ends; see :func:`write_bytes`.

    Half of a surrogate pair, which UTF-8 has no bytes for, is written as its escape (``\ud800``), as JSON has it too.
    """
    write_pieces(target, (text,))


def write_pieces(target: Path, pieces: Iterable[str]) -> None:
    """The same of a text that comes in pieces, which is never in memory as a whole."""
    _write(target, (piece.encode("utf-8", "backslashreplace") for piece in pieces))


def write_bytes(target: Path, data: bytes) -> None:
    """Put ``data`` at ``target``: a temporary file beside it, flushed to the disk, then moved into place.

    Folders that are missing are made. A target that is no file but a device or a pipe (``/dev/stdout``, ``>(gzip)``) is
    written to as it is, never replaced.

    Raises:
        SrbenchError: the file cannot be written.
    """
    _write(target, (data,))


def _write(target: Path, data: Iterable[bytes]) -> None:
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if _takes_a_stream(target):
            _send(target, data)
            return
        with tempfile.NamedTemporaryFile(
            "wb", dir=target.parent, prefix=f".{target.stem[:80]}.", suffix=".tmp", delete=False
        ) as made:
            temporary = Path(made.name)
            made.writelines(data)
            made.flush()
            os.fsync(made.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise SrbenchError(f"cannot write '{target}': {error.strerror or error}; choose another folder.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_files(files: Mapping[str, bytes], folder: Path, report: Callable[[str], None]) -> list[Path]:
    """Put files at their places below ``folder``, in the order of their names; ``report`` is told of each page.

    Raises:
        SrbenchError: a file cannot be written.
    """
    written = []
    for name, data in sorted(files.items()):
        path = folder / name
        write_bytes(path, data)
        written.append(path)
        if path.suffix == ".html":
            report(f"wrote {path}")
    return written


def _takes_a_stream(target: Path) -> bool:
    """Whether it is there and neither a file nor a folder."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _send(target: Path, data: Iterable[bytes]) -> None:
    """Write into a device or a pipe; a pipe that nobody reads is an error, not a wait."""
    descriptor = os.open(target, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "wb") as stream:
        stream.writelines(data)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
