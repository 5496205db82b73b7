"""Tar files, packed or not, as one seekable stream that refuses to be longer than it may."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from typing import IO

from srbench.challenge.score.plan import Limits

_LONGEST_READ = 256 << 20


class TooLongError(MemoryError):
    """More was asked for, or unpacked, than the limits allow."""


class Tape(io.RawIOBase):
    """What ``tarfile`` reads from: seeking forward unpacks, seeking back starts again, and there is an end to both."""

    errors: tuple[type[BaseException], ...] = (
        tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, ValueError,
    )  # fmt: skip

    unreadable: tuple[type[BaseException], ...] = (*errors, MemoryError)

    def __init__(self, stream: IO[bytes], longest: int) -> None:
        super().__init__()
        self._stream, self._longest = stream, longest

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be wound."""
        return True

    def tell(self) -> int:
        """Position [bytes] in the unpacked stream."""
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position.

        Raises:
            TooLongError: it lies beyond the limit.
        """
        if whence == io.SEEK_SET and offset > self._longest:
            raise TooLongError
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes.

        Raises:
            TooLongError: more than is allowed in one read, as forged headers ask for.
        """
        if size < 0 or size > _LONGEST_READ or self._stream.tell() + size > self._longest + (1 << 20):
            raise TooLongError
        return self._stream.read(size)


def open_tape(stream: IO[bytes], limits: Limits) -> Tape | None:
    """A tar's unpacked bytes (plain, gzip, bzip2); None where the file is none of these.

    xz is not among them: its dictionary may take gigabytes.
    """
    start = stream.read(262)
    stream.seek(0)
    longest = limits.total_bytes + limits.entries * 2048
    if start[257:262] == b"ustar":
        return Tape(stream, longest)
    opener = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}.get(start[:2])
    if opener is None:
        return None
    unpacked: IO[bytes] = opener(stream, "rb")  # type: ignore[operator]
    try:
        if unpacked.read(262)[257:262] != b"ustar":
            return None
        unpacked.seek(0)
    except Tape.errors:
        return None
    return Tape(unpacked, longest)
