"""Downloading one file: verified, atomic, resumed, and one clear sentence when it goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from srbench import download
from srbench.download import CacheUnwritable, HashMismatch, RemoteFile, Unreachable, fetch, fetch_all, file_for
from srbench.errors import SrbenchError

BODY = bytes(range(256)) * 4096  # 1 MiB
CHUNK = 1 << 16


def leftovers(dest: Path) -> list[str]:
    return sorted(p.name for p in dest.parent.iterdir() if p != dest)


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_a_file_arrives_whole_and_nothing_else_stays(server, dest):
    sha = server.put("w.pth", BODY)
    steps = []
    assert fetch(server.url("w.pth"), sha, dest, size=len(BODY), progress=lambda *s: steps.append(s)) == dest
    assert dest.read_bytes() == BODY
    assert leftovers(dest) == []
    assert steps[-1] == (len(BODY), len(BODY))
    assert [here for here, _ in steps] == sorted(here for here, _ in steps)


def test_what_is_there_is_not_asked_for_again(server, dest):
    sha = server.put("w.pth", BODY)
    fetch(server.url("w.pth"), sha, dest)
    fetch(server.url("w.pth"), sha, dest)
    assert len(server.requests) == 1


def test_a_damaged_file_in_the_cache_is_replaced(server, dest):
    sha = server.put("w.pth", BODY)
    dest.parent.mkdir()
    dest.write_bytes(BODY[:-1] + b"?")
    assert fetch(server.url("w.pth"), sha, dest).read_bytes() == BODY


def test_a_cut_connection_is_resumed_where_it_broke(server, dest):
    sha = server.put("w.pth", BODY)
    server.cut_after = [3 * CHUNK + 5, 4 * CHUNK + 5]
    fetch(server.url("w.pth"), sha, dest, size=len(BODY))
    assert dest.read_bytes() == BODY
    assert [r for _, r in server.requests] == [None, f"bytes={3 * CHUNK}-", f"bytes={7 * CHUNK}-"]


def test_a_part_file_of_an_earlier_run_is_continued(server, dest):
    sha = server.put("w.pth", BODY)
    dest.parent.mkdir()
    dest.with_name("weights.pth.part").write_bytes(BODY[:1000])
    fetch(server.url("w.pth"), sha, dest, size=len(BODY))
    assert server.requests == [("/w.pth", "bytes=1000-")]
    assert leftovers(dest) == []


def test_a_server_without_ranges_starts_over(server, dest):
    sha = server.put("w.pth", BODY)
    server.ranges = False
    dest.parent.mkdir()
    dest.with_name("weights.pth.part").write_bytes(BODY[:1000])
    assert fetch(server.url("w.pth"), sha, dest, size=len(BODY)).read_bytes() == BODY


@pytest.mark.parametrize(
    "beginning", [b"x" * 1000, b"x" * len(BODY), b"x" * (len(BODY) + 1)], ids=["short", "full", "long"]
)
@pytest.mark.parametrize("size", [len(BODY), None])
def test_a_part_file_of_another_version_costs_a_second_download_only(server, dest, beginning, size):
    sha = server.put("w.pth", BODY)
    dest.parent.mkdir()
    dest.with_name("weights.pth.part").write_bytes(beginning)
    assert fetch(server.url("w.pth"), sha, dest, size=size).read_bytes() == BODY


def test_a_connection_that_keeps_breaking_leaves_the_part_for_the_next_run(server, dest):
    sha = server.put("w.pth", BODY)
    server.cut_after = [CHUNK, 0]
    with pytest.raises(Unreachable, match=f"cut off after {CHUNK} of {len(BODY)} bytes") as caught:
        fetch(server.url("w.pth"), sha, dest, size=len(BODY))
    assert "run again to continue" in one_sentence(caught.value)
    assert not dest.exists()
    server.requests.clear()
    fetch(server.url("w.pth"), sha, dest, size=len(BODY))
    assert server.requests == [("/w.pth", f"bytes={CHUNK}-")]


def test_a_wrong_hash_keeps_nothing(server, dest):
    server.put("w.pth", BODY)
    with pytest.raises(HashMismatch, match="wrong content: expected SHA-256 0000") as caught:
        fetch(server.url("w.pth"), "0" * 64, dest, size=len(BODY))
    one_sentence(caught.value)
    assert not dest.exists()
    assert not list(dest.parent.glob("*.part"))


@pytest.mark.parametrize(("served", "word"), [(BODY[:-7], "truncated"), (BODY + b"more", "too long")])
def test_a_file_of_the_wrong_length_is_named_so(server, dest, served, word):
    server.put("w.pth", served)
    with pytest.raises(HashMismatch, match=f"{word}: expected {len(BODY)} bytes, got {len(served)}") as caught:
        fetch(server.url("w.pth"), "0" * 64, dest, size=len(BODY))
    one_sentence(caught.value)
    assert not dest.exists()


@pytest.mark.parametrize("status", [404, 503])
def test_an_http_error_is_one_sentence_with_its_number(server, dest, status):
    if status != 404:
        server.put("w.pth", BODY)
    server.status = status
    with pytest.raises(Unreachable, match=f"answered HTTP {status}"):
        fetch(server.url("w.pth"), "0" * 64, dest)


def test_many_files_add_up_and_come_in_order(server, monkeypatch, tmp_path):
    monkeypatch.setenv("SRBENCH_HOME", str(tmp_path / "home"))
    files = []
    for i in range(12):
        content = bytes([i]) * (1000 + i)
        files.append(RemoteFile(server.url(f"{i}.png"), server.put(f"{i}.png", content), len(content)))
    arrived = []
    paths = fetch_all(files, arrived.append)
    assert [p.read_bytes()[0] for p in paths] == list(range(12))
    assert sum(arrived) == sum(f.bytes for f in files)
    assert paths[3] == file_for(files[3].url)
    assert download.is_cached(files[3].url, files[3].sha256)


def test_two_processes_may_want_the_same_file(server, tmp_path):
    sha = server.put("w.pth", BODY)
    code = (
        "import sys; from pathlib import Path; from srbench.download import fetch; "
        f"fetch({server.url('w.pth')!r}, {sha!r}, Path(sys.argv[1]), size={len(BODY)})"
    )
    dest = tmp_path / "cache" / "w.pth"
    both = [subprocess.Popen([sys.executable, "-c", code, str(dest)], env=dict(os.environ)) for _ in range(2)]
    assert [p.wait(timeout=60) for p in both] == [0, 0]
    assert dest.read_bytes() == BODY
    assert leftovers(dest) == []
    assert len(server.requests) == 1


def test_a_file_where_the_cache_folder_should_be(server, tmp_path):
    sha = server.put("w.pth", BODY)
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(CacheUnwritable, match="set SRBENCH_HOME") as caught:
        fetch(server.url("w.pth"), sha, tmp_path / "cache" / "w.pth")
    one_sentence(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache(server, tmp_path):
    sha = server.put("w.pth", BODY)
    (tmp_path / "cache").mkdir(mode=0o555)
    with pytest.raises(CacheUnwritable, match="Permission denied"):
        fetch(server.url("w.pth"), sha, tmp_path / "cache" / "w.pth")


def test_a_read_only_file_system(server, dest, monkeypatch):
    sha = server.put("w.pth", BODY)

    def read_only(part: Path, *, new: bool) -> None:
        raise OSError(30, "Read-only file system", str(part))

    monkeypatch.setattr(download, "_open_part", read_only)
    with pytest.raises(CacheUnwritable, match="Read-only file system"):
        fetch(server.url("w.pth"), sha, dest)


def _full(_part: Path, *, new: bool) -> object:
    return os.fdopen(os.open("/dev/full", os.O_RDWR), "r+b")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk(server, dest, monkeypatch):
    sha = server.put("w.pth", BODY)
    monkeypatch.setattr(download, "_open_part", _full)
    with pytest.raises(CacheUnwritable, match="the disk is full") as caught:
        fetch(server.url("w.pth"), sha, dest, size=len(BODY))
    one_sentence(caught.value)
    assert not dest.exists()


@pytest.mark.parametrize(
    "url", ["ftp://host/file", "https://host/", "file:///etc/passwd", "https://host/../../x", "x.pth"]
)
def test_what_is_no_address_is_refused(url, dest):
    with pytest.raises(SrbenchError, match="not an address"):
        fetch(url, "0" * 64, dest)
