"""Messages over a pipe: a JSON header and raw bytes, both with their lengths in front. Nothing is ever unpickled."""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import time
from typing import Any

from srbench.errors import SrbenchError

_LENGTHS = struct.Struct("<IQ")
HEADER_LIMIT = 4 << 20
PIPE_BYTES = 1 << 20
LONGEST_MS = 10**9
"""Of one wait, which the system counts in 32 bits."""


class BadFrame(SrbenchError):
    """The other side wrote something else than a message, or a larger one than was asked for."""


class Closed(SrbenchError):
    """The other side has closed its end."""


class TooLate(SrbenchError):
    """Nothing complete came within the time limit."""


def widen(descriptor: int) -> None:
    """Give a pipe a large buffer where the system can, so that images pass in few steps."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def write_frame(
    descriptor: int, header: dict[str, Any], payload: bytes | memoryview = b"", deadline: float | None = None
) -> None:
    """Write one message; ``deadline`` (monotonic seconds) needs a descriptor that does not block.

    Raises:
        Closed: the other side is gone.
        TooLate: it does not take the message.
    """
    head = json.dumps(header).encode()
    data = memoryview(payload).cast("B") if len(payload) else memoryview(b"")
    for part in (_LENGTHS.pack(len(head), data.nbytes) + head, data):
        view = memoryview(part)
        while view.nbytes:
            try:
                view = view[os.write(descriptor, view[: 1 << 20]) :]
            except BlockingIOError:
                _wait(descriptor, select.POLLOUT, deadline)
            except OSError as error:
                raise Closed("it is gone") from error


def read_frame(descriptor: int, most_bytes: int = 0, deadline: float | None = None) -> tuple[dict[str, Any], bytearray]:
    """Read one message: (header, payload of at most ``most_bytes``).

    Raises:
        BadFrame: not a message, or too large a one.
        Closed: the other side is gone.
        TooLate: ``deadline`` (monotonic seconds) has passed; this needs a descriptor that does not block.
    """
    head_bytes, data_bytes = _LENGTHS.unpack(_read(descriptor, _LENGTHS.size, deadline))
    if head_bytes > HEADER_LIMIT or data_bytes > most_bytes:
        raise BadFrame(
            f"it announced {head_bytes} + {data_bytes} bytes, at most {HEADER_LIMIT} + {most_bytes} are taken"
        )
    try:
        header = json.loads(bytes(_read(descriptor, head_bytes, deadline)))
    except (ValueError, RecursionError) as error:
        raise BadFrame("it wrote something that is no answer") from error
    if not isinstance(header, dict):
        raise BadFrame("it wrote something that is no answer")
    return header, _read(descriptor, data_bytes, deadline)


def _read(descriptor: int, size: int, deadline: float | None) -> bytearray:
    found = bytearray(size)
    view = memoryview(found)
    while view.nbytes:
        try:
            got = os.readv(descriptor, [view])
        except BlockingIOError:
            _wait(descriptor, select.POLLIN, deadline)
            continue
        except OSError as error:
            raise Closed("it is gone") from error
        if not got:
            raise Closed("it is gone")
        view = view[got:]
    return found


def _wait(descriptor: int, event: int, deadline: float | None) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    left = None if deadline is None else min(max(0.0, (deadline - time.monotonic()) * 1000), LONGEST_MS)
    if not poll.poll(left):
        raise TooLate("no answer within the time limit")
