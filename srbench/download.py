"""Downloads that are verified, atomic and resumed; with a mirror, an offline switch and bounded waiting.

Environment:
    ``SRBENCH_MIRROR``: a ``file://`` or ``http(s)://`` prefix under which every URL is found as HOST/PATH.
    ``SRBENCH_OFFLINE=1``: no socket is ever opened (a ``file://`` mirror still works).
    ``SRBENCH_HOME``: the cache, see :func:`srbench.paths.cache_dir`.

A host that does not answer costs at most 3 s, once: it is remembered for the life of the process.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from srbench.errors import SrbenchError
from srbench.paths import cache_dir
from srbench.transport import Cut, Stream, Unreachable, forget_hosts, give_up, local_path, open_at, why_dead

if TYPE_CHECKING:
    import filelock

__all__ = [
    "CacheUnwritable", "HashMismatch", "Progress", "RemoteFile", "Unreachable", "can_fetch", "fetch", "fetch_all",
    "fetch_to_cache", "file_for", "forget_hosts", "has_hash", "hash_file", "is_cached", "is_offline",
]  # fmt: skip

Progress = Callable[[int, "int | None"], None]
"""Called with (bytes of the file that are here, bytes of the whole file or None)."""

LOCK_WAIT_S = 600.0
WAIT_UNSAID_S = 1.0
"""Waiting for another process that downloads the same file is said after so long."""
WAITING: list[Callable[[Path], None]] = []
"""Told of the file that another process is downloading, when waiting for it begins."""
_CHUNK = 1 << 18
_ATTEMPTS = 5


class HashMismatch(SrbenchError):
    """What was downloaded is not the file that was asked for (wrong SHA-256 or wrong length)."""


class CacheUnwritable(SrbenchError):
    """The cache cannot be written: read-only, no space, or a file where a folder is needed."""


@dataclass(frozen=True)
class RemoteFile:
    """One file to download: address, SHA-256 (hex) and length in bytes where known."""

    url: str
    sha256: str
    bytes: int | None = None


def is_offline() -> bool:
    """Whether ``SRBENCH_OFFLINE`` forbids opening sockets."""
    return os.environ.get("SRBENCH_OFFLINE", "").strip().lower() not in ("", "0", "false", "no")


def file_for(url: str) -> Path:
    """Place of ``url`` in the cache: ``cache_dir()/HOST/PATH``."""
    return cache_dir() / _host_and_path(url)


def is_cached(url: str, sha256: str) -> bool:
    """Whether the cache holds ``url`` with exactly this SHA-256."""
    return has_hash(file_for(url), sha256)


def has_hash(path: Path, sha256: str) -> bool:
    """Whether ``path`` is a file whose SHA-256 (hex) is ``sha256``."""
    try:
        status = path.stat()
        return path.is_file() and _hash_of(path, status.st_mtime_ns, status.st_size) == sha256.lower()
    except OSError:
        return False


def can_fetch(url: str) -> bool:
    """Whether trying to download ``url`` makes sense now; opens no socket.

    False when offline, when its host is known not to answer, or when a ``file://`` mirror lacks it.
    """
    source = _source(url)
    if source.startswith("file:"):
        return local_path(source).is_file()
    return not is_offline() and why_dead(source) is None


def check_can_fetch(url: str) -> None:
    """Refuse what :func:`can_fetch` knows to be hopeless; opens no socket.

    Raises:
        Unreachable: says why.
    """
    _refuse_if_hopeless(url, _source(url))


def fetch(url: str, sha256: str, dest: Path, *, size: int | None = None, progress: Progress | None = None) -> Path:
    """Download ``url`` to ``dest`` unless it is already there with the right hash; return ``dest``.

    Bytes go to ``dest`` + ``.part`` first; a later call continues there (HTTP Range), and only a file with the
    right length and SHA-256 (hex) is renamed to ``dest``. Two processes may fetch one file at the same time.

    Args:
        url: http(s) address; looked up under ``SRBENCH_MIRROR`` when that is set.
        sha256: expected SHA-256 of the file, hex.
        dest: where the file belongs, usually :func:`file_for` of the URL.
        size: expected length in bytes, where known.
        progress: called now and then with (bytes here, bytes in all or None).

    Raises:
        Unreachable: offline, no answer within 3 s, HTTP error, cut connection, or absent from the mirror.
        HashMismatch: the content is not the expected one; nothing is kept.
        CacheUnwritable: read-only, full or otherwise unusable cache.
    """
    if has_hash(dest, sha256):
        return dest
    source = _source(url)
    _refuse_if_hopeless(url, source)
    with _writing(dest.parent):
        dest.parent.mkdir(parents=True, exist_ok=True)
    with _locked(dest):
        if has_hash(dest, sha256):  # another process was faster
            return dest
        part = dest.with_name(dest.name + ".part")
        if part.is_symlink():  # never ours: what it points to must not be written to
            with _writing(dest.parent):
                part.unlink()
        resumed = _download(url, source, part, size, progress)
        if resumed and not has_hash(part, sha256):  # what was left there may belong to another version of the file
            part.unlink(missing_ok=True)
            _download(url, source, part, size, progress)
        _verify(url, source, part, sha256, size)
        with _writing(dest.parent):
            part.replace(dest)
    return dest


def fetch_to_cache(file: RemoteFile, progress: Progress | None = None) -> Path:
    """Download ``file`` to its place in the cache, :func:`file_for`; errors as :func:`fetch`."""
    return fetch(file.url, file.sha256, file_for(file.url), size=file.bytes, progress=progress)


def fetch_all(
    files: Iterable[RemoteFile], on_bytes: Callable[[int], None] | None = None, workers: int = 4
) -> tuple[Path, ...]:
    """Download many files to the cache, ``workers`` at a time; the first error stops what has not begun.

    Args:
        files: what to download; those already in the cache cost a hash.
        on_bytes: called with the number of bytes that arrived since it was last called, from any worker thread.
        workers: files in flight at the same time.

    Returns:
        The paths in the cache, in the order of ``files``.
    """
    wanted = tuple(files)
    stop = threading.Event()
    pool = ThreadPoolExecutor(max_workers=max(1, min(workers, len(wanted) or 1)), thread_name_prefix="srbench-fetch")
    try:
        futures = [pool.submit(fetch_to_cache, file, _differences(on_bytes, stop)) for file in wanted]
        return tuple(future.result() for future in futures)
    except KeyboardInterrupt:
        stop.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _differences(on_bytes: Callable[[int], None] | None, stop: threading.Event) -> Progress:
    """Turn the running totals of one file into steps that add up; end the download once ``stop`` is set."""
    seen = 0

    def step(here: int, _total: int | None) -> None:
        nonlocal seen
        if stop.is_set():
            raise KeyboardInterrupt
        if on_bytes is not None:
            on_bytes(here - seen)
        seen = here

    return step


def _host_and_path(url: str) -> str:
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if parts.scheme not in ("http", "https") or not parts.netloc or not path or ".." in path.split("/"):
        raise SrbenchError(f"'{url}' is not an address to download from; expected http(s)://HOST/PATH.")
    return f"{parts.netloc.replace(':', '_')}/{path}"


def _source(url: str) -> str:
    """The address ``url`` is really read from: itself, or its place under the mirror."""
    _host_and_path(url)  # refuses what is no address
    mirror = os.environ.get("SRBENCH_MIRROR", "").strip().rstrip("/")
    if not mirror:
        return url
    if not mirror.startswith(("file://", "http://", "https://")):
        raise SrbenchError(
            f"SRBENCH_MIRROR is '{mirror}'; expected a prefix that starts with file://, http:// or https://."
        )
    try:
        urlsplit(mirror)
    except ValueError as error:
        raise SrbenchError(f"SRBENCH_MIRROR is '{mirror}', which is no address ({error}).") from None
    parts = urlsplit(url)
    return f"{mirror}/{parts.netloc.replace(':', '_')}{parts.path}"


def _refuse_if_hopeless(url: str, source: str) -> None:
    if source.startswith("file:"):
        if not local_path(source).is_file():
            raise Unreachable(
                f"the mirror has no {url}; expected it at {local_path(source)} (SRBENCH_MIRROR).",
                "the mirror (SRBENCH_MIRROR) does not have them",
            )
        return
    if is_offline():
        raise Unreachable(
            f"{url} is not in the cache and SRBENCH_OFFLINE=1 forbids downloading it; unset it or fetch it first.",
            "they are not in the cache and SRBENCH_OFFLINE=1 forbids downloading",
        )
    reason = why_dead(source)
    if reason:
        raise Unreachable(f"cannot download {url}: {reason}.", reason)


def _download(url: str, source: str, part: Path, size: int | None, progress: Progress | None) -> bool:
    """Bring ``part`` to full length; True when its beginning was there before."""
    found = part.stat().st_size if part.is_file() else 0
    if size is not None and found > size:
        found = 0
        part.unlink()
    resumed = found > 0
    if size is not None and found == size > 0:
        return resumed
    for attempt in range(_ATTEMPTS):
        before = part.stat().st_size if part.exists() else 0
        try:
            _copy(open_at(url, source, before), part, size, progress)
            return resumed
        except Cut as cut:
            after = part.stat().st_size if part.exists() else 0
            if attempt + 1 == _ATTEMPTS or after <= before:
                if cut.stalled:
                    give_up(source, f"{urlsplit(source).netloc} stopped sending")
                expected = f" of {size}" if size is not None else ""
                raise Unreachable(
                    f"the download of {url} was cut off after {after}{expected} bytes ({cut}); "
                    "run again to continue there."
                ) from None
    raise AssertionError("unreachable")


def _copy(stream: Stream, part: Path, size: int | None, progress: Progress | None) -> None:
    """Append the bytes of ``stream`` to ``part``, from ``stream.start`` on."""
    total = stream.total if stream.total is not None else size
    here = stream.start
    with _writing(part.parent):
        handle = _open_part(part, new=not here)
    try:
        with _writing(part.parent):
            if here:
                handle.seek(here)
                handle.truncate()
        for chunk in stream.chunks:
            with _writing(part.parent):
                handle.write(chunk)
            here += len(chunk)
            if size is not None and here > size:  # not the file that is pinned; the rest need not come
                return
            if progress is not None:
                progress(here, total)
    finally:
        with _writing(part.parent):
            handle.close()


def _open_part(part: Path, *, new: bool) -> BinaryIO:
    """The file for bytes that arrive, opened for writing; a symbolic link is never followed."""
    follow_not = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    flags = os.O_RDWR | follow_not | (os.O_CREAT | os.O_TRUNC if new else 0)
    return os.fdopen(os.open(part, flags, 0o666), "r+b")


def _verify(url: str, source: str, part: Path, sha256: str, size: int | None) -> None:
    got = part.stat().st_size
    origin = url if source == url else f"{url} (from {source})"
    if size is not None and got != size:
        part.unlink()
        if got < size:
            raise HashMismatch(f"{origin} is truncated: expected {size} bytes, got {got}; nothing was kept.")
        raise HashMismatch(
            f"{origin} is too long: expected {size} bytes, got {got} or more; stopped there, nothing was kept."
        )
    digest = hash_file(part)
    if digest != sha256.lower():
        part.unlink()
        raise HashMismatch(
            f"{origin} has the wrong content: expected SHA-256 {sha256[:16]}…, got {digest[:16]}…; nothing was kept."
        )


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hex."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@functools.lru_cache(maxsize=4096)
def _hash_of(path: Path, _mtime_ns: int, _size: int) -> str:
    return hash_file(path)


@contextlib.contextmanager
def _locked(dest: Path) -> Iterator[None]:
    """Hold the download of ``dest`` alone among processes and threads.

    The lock file goes only once ``dest`` is complete, so that whoever waited on it finds ``dest`` and never writes.
    """
    import filelock

    lock_path = dest.with_name(f".{dest.name}.lock")
    lock = filelock.FileLock(lock_path, timeout=LOCK_WAIT_S)
    with _writing(dest.parent):
        try:
            _acquire(lock, dest)
        except filelock.Timeout:
            raise SrbenchError(
                f"another process has held {lock_path} for {LOCK_WAIT_S:.0f} s; end it or delete that file."
            ) from None
    complete = False
    try:
        yield
        complete = True
    finally:
        if complete:
            with contextlib.suppress(OSError):
                lock_path.unlink()
        lock.release()


def _acquire(lock: filelock.BaseFileLock, dest: Path) -> None:
    """Take the lock; whoever has to wait is told so, once, through :data:`WAITING`."""
    import filelock

    try:
        lock.acquire(timeout=min(WAIT_UNSAID_S, LOCK_WAIT_S))
    except filelock.Timeout:
        for report in WAITING:
            report(dest)
        lock.acquire(timeout=max(LOCK_WAIT_S - WAIT_UNSAID_S, 0))


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn trouble with the disk into one sentence that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CacheUnwritable(
                f"the disk is full while writing to {folder}; free space there or set SRBENCH_HOME elsewhere."
            ) from None
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CacheUnwritable(
            f"cannot write to {folder} ({reason}); make it writable or set SRBENCH_HOME to a folder that is."
        ) from None
