"""One file given to one reader, within limits of time and memory; whatever escapes is told apart by its kind."""

from __future__ import annotations

import contextlib
import hashlib
import resource
import shutil
import signal
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from tests.fuzz.edits import Edit

CPU_SECONDS = 10.0
"""Of one file; processor time, so that a busy machine changes nothing."""
MEMORY_BYTES = 2 << 30
"""Beyond what the process holds before; the largest image that is taken needs 0.9 GiB."""


@dataclass(frozen=True)
class Reader:
    """A reader: files it takes, how they are changed, and how one is read.

    ``read(folder, data)`` puts the bytes where the reader looks, and goes on to whatever the product makes of them.
    ``refusals`` is what it may raise; nothing where one odd file must not stop what others are for.
    """

    name: str
    seeds: Callable[[], tuple[bytes, ...]]
    edits: tuple[Edit, ...]
    read: Callable[[Path, bytes], object]
    refusals: tuple[type[Exception], ...] = (SrbenchError,)


class TooSlow(BaseException):
    """A reader is still at it."""


@dataclass
class Tally:
    """What came of the files that one reader was given."""

    cases: int = 0
    refused: int = 0
    escapes: dict[str, bytes] = field(default_factory=dict)
    """The first file of each kind."""
    escaped: int = 0
    words: dict[str, str] = field(default_factory=dict)
    """What was said of it."""

    def listed(self) -> str:
        """All kinds, for a failed test."""
        kinds = [f"{kind}: {self.words[kind]}" for kind in self.escapes]
        return "\n".join([f"{self.escaped} of {self.cases} files escaped:", *kinds])


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """No more than :data:`MEMORY_BYTES` above what is held now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def give(reader: Reader, data: bytes, tally: Tally) -> None:
    """Let a reader read ``data``; it counts as escaped unless a value or a refusal comes of it."""
    tally.cases += 1
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    before = signal.signal(signal.SIGVTALRM, _too_slow)
    try:
        with warnings.catch_warnings(), limited():
            warnings.simplefilter("ignore")
            signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
            try:
                reader.read(folder, data)
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except reader.refusals:
        tally.refused += 1
    except (Exception, TooSlow) as error:
        tally.escaped += 1
        kind = _kind(error)
        tally.escapes.setdefault(kind, data)
        tally.words.setdefault(kind, str(error)[:200])
    finally:
        signal.signal(signal.SIGVTALRM, before)
        shutil.rmtree(folder, ignore_errors=True)


def _too_slow(_signal: int, _frame: Any) -> None:
    raise TooSlow(f"more than {CPU_SECONDS:g} s")


def _kind(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/srbench/" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside"
    return f"{type(error).__name__} at {where}"


def keep(folder: Path, reader: str, data: bytes) -> Path:
    """Put a file into a corpus."""
    target = folder / reader / f"{hashlib.sha256(data).hexdigest()[:12]}.bin"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target
