"""Opening an address at a byte offset, with a bound on the waiting that includes name look-up.

A host that does not answer is remembered: it costs at most :data:`FIRST_ANSWER_S` once per process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from srbench.errors import SrbenchError

if TYPE_CHECKING:
    import requests

FIRST_ANSWER_S = 2.5
"""Longest wait for the first answer of a host: name, connection, TLS and response headers together."""
LATER_ANSWER_S = 15.0
"""Longest wait for an answer of a host that has answered before in this process, and for more bytes."""
_CHUNK = 1 << 16  # what is lost at most when a connection breaks

_dead_hosts: dict[str, str] = {}
_live_hosts: set[str] = set()
_thread_state = threading.local()


class Unreachable(SrbenchError):
    """The file cannot be had from here: offline, no answer, an HTTP error, or absent from the mirror.

    ``reason`` says why without naming the file, for a sentence of one's own.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message.rstrip(".")


class Cut(Exception):
    """The connection ended before the file did; ``stalled`` when it stayed open without sending more."""

    def __init__(self, reason: str, stalled: bool = False) -> None:
        super().__init__(reason)
        self.stalled = stalled


@dataclass
class Stream:
    """An open source: bytes from ``start`` on; ``total`` is the length of the whole file where known."""

    start: int
    total: int | None
    chunks: Iterator[bytes]


def why_dead(source: str) -> str | None:
    """Why the host of ``source`` is known not to answer, or None."""
    return _dead_hosts.get(urlsplit(source).netloc)


def give_up(source: str, reason: str) -> None:
    """Remember that the host of ``source`` does not answer."""
    _dead_hosts[urlsplit(source).netloc] = reason


def local_path(source: str) -> Path:
    """The path of a ``file://`` address."""
    from urllib.request import url2pathname  # it brings what speaks HTTP, which few commands need

    return Path(url2pathname(urlsplit(source).path))


def forget_hosts() -> None:
    """Forget which hosts did not answer, so that they are asked again (for long-lived processes and tests)."""
    _dead_hosts.clear()
    _live_hosts.clear()


def open_at(url: str, source: str, start: int) -> Stream:
    """Open ``source`` at byte ``start``; the stream may begin at 0 where the server cannot resume."""
    if source.startswith("file:"):
        return _open_file(source, start)
    response = _answer(url, source, {"Range": f"bytes={start}-"} if start else {})
    if start and response.status_code == 416:  # nothing after what we have, or less than that
        response.close()
        response, start = _answer(url, source, {}), 0
    if response.status_code not in (200, 206):
        response.close()
        raise Unreachable(f"cannot download {url}: {urlsplit(source).netloc} answered HTTP {response.status_code}.")
    length = response.headers.get("Content-Length", "")
    if response.status_code == 200:
        start = 0
    elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        response.close()
        raise Unreachable(f"cannot resume {url}: {urlsplit(source).netloc} answered another byte range than asked for.")
    total = start + int(length) if length.isdigit() else None
    return Stream(start, total, _chunks_of(response))


def _open_file(source: str, start: int) -> Stream:
    path = local_path(source)
    total = path.stat().st_size
    start = start if start <= total else 0

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as handle:
            handle.seek(start)
            while chunk := handle.read(_CHUNK):
                yield chunk

    return Stream(start, total, chunks())


def _chunks_of(response: requests.Response) -> Iterator[bytes]:
    import requests

    try:
        with response:
            yield from response.iter_content(_CHUNK)
    except requests.RequestException as error:
        stalled = "timed out" in str(error)
        raise Cut("no more bytes came" if stalled else "connection closed", stalled) from error


def _answer(url: str, source: str, headers: dict[str, str]) -> requests.Response:
    """The response (headers read, body not) of ``source``, within a bound that includes name look-up.

    Name look-up knows no timeout and a connection is tried address by address, so all of it runs in a
    daemon thread that is given up at the deadline.
    """
    host = urlsplit(source).netloc
    limit = LATER_ANSWER_S if host in _live_hosts else FIRST_ANSWER_S
    outcome: list[requests.Response | Exception] = []
    done, given_up, handover = threading.Event(), threading.Event(), threading.Lock()
    session = _session()

    def ask() -> None:
        try:
            answer: requests.Response | Exception = session.get(
                source, headers=headers, stream=True, timeout=(limit, LATER_ANSWER_S)
            )
        except Exception as error:  # handed to the waiting thread
            answer = error
        with handover:
            if given_up.is_set():
                if not isinstance(answer, Exception):
                    answer.close()
                return
            outcome.append(answer)
            done.set()

    threading.Thread(target=ask, daemon=True, name=f"srbench-open-{host}").start()
    done.wait(limit)
    with handover:
        given_up.set()
    if outcome and not isinstance(outcome[0], Exception):
        _live_hosts.add(host)
        return outcome[0]
    _forget_session()
    reason = (
        f"{host} did not answer within {limit:g} s"
        if not outcome
        else f"{host} cannot be reached ({_short(outcome[0])})"
    )
    give_up(source, reason)
    raise Unreachable(f"cannot download {url}: {reason}.", reason)


def _short(problem: object) -> str:
    """The innermost cause of a transport error, in a few words."""
    text = str(problem)
    for words, meaning in (
        ("Name or service not known", "unknown host name"),
        ("NameResolution", "unknown host name"),
        ("refused", "connection refused"),
        ("timed out", "timed out"),
        ("unreachable", "network unreachable"),
        ("CERTIFICATE", "its TLS certificate is not trusted"),
        ("ProxyError", "the proxy refused"),
        ("Connection aborted", "connection closed"),
    ):
        if words in text:
            return meaning
    return type(problem).__name__


def _session() -> requests.Session:
    """One keep-alive session per thread; compression off so that offsets are those of the file."""
    session: requests.Session | None = getattr(_thread_state, "session", None)
    if session is None:
        import requests

        session = requests.Session()
        session.headers["Accept-Encoding"] = "identity"
        _thread_state.session = session
    return session


def _forget_session() -> None:
    _thread_state.session = None
