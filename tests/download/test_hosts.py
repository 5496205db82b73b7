"""Mirrors, the offline switch, and hosts that do not answer."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from srbench import download, transport
from srbench.download import Unreachable, can_fetch, fetch, file_for, is_cached

BODY = b"weights" * 1000
SHA = hashlib.sha256(BODY).hexdigest()
URL = "https://example.org/models/net%20a.pth"


@pytest.fixture
def network(monkeypatch):
    """The environment of a machine with a network."""
    monkeypatch.delenv("SRBENCH_OFFLINE", raising=False)
    monkeypatch.delenv("SRBENCH_MIRROR", raising=False)


@pytest.fixture
def no_sockets(monkeypatch):
    """Any attempt to open a socket or look up a name fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def silent_host() -> Iterator[tuple[str, list[socket.socket]]]:
    """A host that accepts connections and never says a word: (HOST:PORT, connections it has seen)."""
    with _host() as (address, seen):
        yield address, seen


@contextmanager
def _host(greeting: bytes = b"") -> Iterator[tuple[str, list[socket.socket]]]:
    """A host that sends ``greeting`` to whoever connects, and nothing more; its thread ends with it."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            connection.sendall(greeting)
            seen.append(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}", seen
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)
    for connection in seen:
        connection.close()


def test_a_file_mirror_needs_no_socket_even_offline(monkeypatch, tmp_path, no_sockets):
    (tmp_path / "mirror/example.org/models").mkdir(parents=True)
    (tmp_path / "mirror/example.org/models/net a.pth").write_bytes(BODY)
    monkeypatch.setenv("SRBENCH_MIRROR", (tmp_path / "mirror").as_uri() + "/")
    monkeypatch.setenv("SRBENCH_OFFLINE", "1")
    assert can_fetch(URL)
    assert fetch(URL, SHA, file_for(URL)).read_bytes() == BODY
    assert is_cached(URL, SHA)


def test_a_file_the_mirror_lacks_is_named_with_its_place(monkeypatch, tmp_path):
    monkeypatch.setenv("SRBENCH_MIRROR", tmp_path.as_uri())
    assert not can_fetch(URL)
    with pytest.raises(Unreachable, match=r"the mirror has no https://example.org.*expected it at .*net a\.pth"):
        fetch(URL, SHA, file_for(URL))


def test_an_http_mirror_is_asked_for_host_and_path(server, monkeypatch):
    server.put("files/example.org/models/net%20a.pth", BODY)
    monkeypatch.setenv("SRBENCH_MIRROR", server.url("files"))
    assert fetch(URL, SHA, file_for(URL)).read_bytes() == BODY
    assert server.requests == [("/files/example.org/models/net%20a.pth", None)]


def test_a_mirror_that_is_no_prefix_is_an_error(monkeypatch):
    monkeypatch.setenv("SRBENCH_MIRROR", "/some/folder")
    with pytest.raises(download.SrbenchError, match="expected a prefix that starts with file://"):
        can_fetch(URL)


@pytest.mark.parametrize("mirror", [None, "http://127.0.0.1:9/files"])
def test_offline_opens_no_socket(monkeypatch, no_sockets, mirror):
    monkeypatch.setenv("SRBENCH_OFFLINE", "1")
    if mirror:
        monkeypatch.setenv("SRBENCH_MIRROR", mirror)
    assert not can_fetch(URL)
    with pytest.raises(Unreachable, match="SRBENCH_OFFLINE=1"):
        fetch(URL, SHA, file_for(URL))


def test_nothing_on_the_way_may_wait_longer_than_three_seconds():
    assert transport.FIRST_ANSWER_S < 3


def test_a_silent_host_is_given_up_and_never_asked_again(network, monkeypatch, silent_host, tmp_path):
    monkeypatch.setattr(transport, "FIRST_ANSWER_S", 0.2)
    address, seen = silent_host
    with pytest.raises(Unreachable, match=rf"{address} did not answer within 0\.2 s"):
        fetch(f"http://{address}/a.pth", SHA, tmp_path / "a.pth")
    assert len(seen) == 1
    assert not can_fetch(f"http://{address}/b.pth")
    with pytest.raises(Unreachable, match=f"cannot download http://{address}/b.pth: {address} did not answer"):
        fetch(f"http://{address}/b.pth", SHA, tmp_path / "b.pth")
    assert len(seen) == 1


def test_a_hanging_name_lookup_is_given_up_too(network, monkeypatch, tmp_path):
    release = threading.Event()
    asked = []

    def hang(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        release.wait(30)
        raise socket.gaierror("never mind")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(transport, "FIRST_ANSWER_S", 0.2)
    for name in "ab":
        with pytest.raises(Unreachable, match=r"nowhere\.test did not answer within"):
            fetch(f"http://nowhere.test/{name}.pth", SHA, tmp_path / name)
    release.set()
    assert asked == ["nowhere.test"]


def test_an_unknown_host_is_named_and_remembered(network, monkeypatch, tmp_path):
    asked = []

    def unknown(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for name in "ab":
        with pytest.raises(Unreachable, match=r"nowhere\.test cannot be reached \(unknown host name\)"):
            fetch(f"http://nowhere.test/{name}.pth", SHA, tmp_path / name)
    assert asked == ["nowhere.test"]


def test_a_refused_connection_is_named(network, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="connection refused"):
        fetch(f"http://127.0.0.1:{port}/a.pth", SHA, tmp_path / "a.pth")


def test_a_host_that_stops_sending_is_given_up(network, monkeypatch, tmp_path):
    monkeypatch.setattr(transport, "LATER_ANSWER_S", 0.3)
    with _host(b"HTTP/1.1 200 OK\r\nContent-Length: 7000\r\n\r\n") as (address, _):
        with pytest.raises(Unreachable, match=r"cut off after 0 of 7000 bytes \(no more bytes came\)"):
            fetch(f"http://{address}/a.pth", SHA, tmp_path / "a.pth", size=7000)
        assert not can_fetch(f"http://{address}/b.pth")
