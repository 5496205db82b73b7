"""Files are written whole or not at all: a reader, or a kill, never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from srbench.errors import SrbenchError


def write_text(target: Path, text: str) -> None:
    r"""Put ``text`` at ``target`` as UTF-8 with plain line ends; see :func:`write_bytes`.

    Half of a surrogate pair, which UTF-8 has no bytes for, is written as its escape (``\ud800``), as JSON has it too.
    """
    write_bytes(target, text.encode("utf-8", "backslashreplace"))


def write_bytes(target: Path, data: bytes) -> None:
    """Put ``data`` at ``target``: a temporary file beside it, flushed to the disk, then moved into place.

    Folders that are missing are made.

    Raises:
        SrbenchError: the file cannot be written.
    """
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "wb", dir=target.parent, prefix=f".{target.stem[:80]}.", suffix=".tmp", delete=False
        ) as stream:
            temporary = Path(stream.name)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise SrbenchError(f"cannot write '{target}': {error.strerror or error}; choose another folder.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
