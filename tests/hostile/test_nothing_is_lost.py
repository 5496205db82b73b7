"""Nothing is lost or mixed: images of different cells, stored runtimes, downloads that are not what they should be."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from srbench import download
from srbench.cli.main import app
from srbench.download import HashMismatch, fetch
from srbench.imaging import write_image

NET = """
import torch
class Net(torch.nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        self.scale = scale
        self.gain = torch.nn.Parameter(torch.tensor(1.0))
    def forward(self, x):
        return torch.nn.functional.interpolate(x, scale_factor=self.scale) * self.gain
"""


def images(folder: Path, *names: str, seed: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for name in names:
        write_image(folder / f"{name}.png", random.integers(0, 256, (48, 48, 3), dtype=np.uint8))
    return folder


def run(*arguments: object) -> str:
    answer = CliRunner().invoke(app, ["run", "--no-html", "--no-runtime", *map(str, arguments)])
    assert answer.exit_code == 0, answer.output
    return " ".join(answer.output.split())


def places(folder: Path) -> tuple[object, ...]:
    return ("--results", folder / "r", "--save-images", folder / "sr")


def saved(folder: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.png")}


@pytest.mark.parametrize(
    "names",
    [
        ("bäby", "böby", "büby", "b-by"),
        ("猫", "犬", "鳥", "unnamed"),
        ("a b", "a-b", "a_b", "a,b"),
        ("é" * 90, "é" * 91),
    ],
    ids=["umlauts", "no latin letter", "blanks", "long"],
)
def test_images_whose_names_look_alike_have_files_of_their_own(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = images(tmp_path / "in", *names)
    saving = (
        "--models",
        "bicubic",
        "--datasets",
        folder,
        "--results",
        tmp_path / "r",
        "--save-images",
        tmp_path / "sr",
    )
    run(*saving)
    assert len(set(saved(tmp_path / "sr").values())) == len(names)
    assert "nothing to compute" in run(*saving)


def test_two_folders_of_one_name_save_apart(tmp_path: Path) -> None:
    one, two = images(tmp_path / "1" / "set", "a"), images(tmp_path / "2" / "set", "a", seed=1)
    common = ("--models", "bicubic", "--results", tmp_path / "r", "--save-images", tmp_path / "sr", "--datasets")
    run(*common, one)
    first = saved(tmp_path / "sr")
    assert "1 cell computed" in run(*common, two)
    every = saved(tmp_path / "sr")
    assert first.items() <= every.items()
    assert len(set(every.values())) == 2
    assert "nothing to compute" in run(*common, one)


def test_given_lr_saves_apart_from_lr_that_is_made(tmp_path: Path) -> None:
    folder = images(tmp_path / "in" / "HR", "a").parent
    random = np.random.default_rng(5)
    (folder / "LR" / "X4").mkdir(parents=True)
    write_image(folder / "LR" / "X4" / "a.png", random.integers(0, 256, (12, 12, 3), dtype=np.uint8))
    common = (
        "--models",
        "bicubic",
        "--datasets",
        folder,
        "--results",
        tmp_path / "r",
        "--save-images",
        tmp_path / "sr",
    )
    for lr in ("imresize", "double", "files"):
        run(*common, "--lr", lr)
    assert len(saved(tmp_path / "sr")) == 3
    for lr in ("imresize", "double", "files"):
        assert "nothing to compute" in run(*common, "--lr", lr)


def test_two_files_of_weights_and_two_networks_of_one_name_save_apart(tmp_path: Path) -> None:
    import torch

    folder = images(tmp_path / "in", "a")
    for place, gain in (("1", 1.0), ("2", 0.5)):
        (tmp_path / place).mkdir()
        torch.save({"gain": torch.tensor(gain)}, tmp_path / place / "w.pth")
        (tmp_path / place / "net.py").write_text(NET + f"# {place}\n", encoding="utf-8")
    common = ("--datasets", folder, "--results", tmp_path / "r", "--save-images", tmp_path / "sr")
    pairs = (("1", "1"), ("1", "2"), ("2", "1"))
    for net, weights in pairs:
        run("--models", f"{tmp_path / net / 'net.py'}:Net", "--weights", tmp_path / weights / "w.pth", *common)
    assert len(saved(tmp_path / "sr")) == 3


def test_force_without_runtime_keeps_the_runtime_that_is_stored(tmp_path: Path) -> None:
    import torch

    folder = images(tmp_path / "in", "a")
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    torch.save({"gain": torch.tensor(1.0)}, tmp_path / "w.pth")
    common = ["run", "--models", f"{tmp_path / 'net.py'}:Net", "--weights", str(tmp_path / "w.pth"), "--no-html",
              "--datasets", str(folder), "--results", str(tmp_path / "r")]  # fmt: skip
    assert CliRunner().invoke(app, common).exit_code == 0

    def runtimes() -> list[object]:
        files = sorted((tmp_path / "r" / "costs").glob("*.json"))
        return [json.loads(file.read_text(encoding="utf-8"))["runtime"] for file in files]

    before = runtimes()
    assert any(before)
    assert CliRunner().invoke(app, [*common, "--force", "--no-runtime"]).exit_code == 0
    assert runtimes() == before


class _Endless(http.server.BaseHTTPRequestHandler):
    """Sends the wanted bytes and then more, as long as anybody reads."""

    sent = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(2000):
                self.wfile.write(b"x" * 65536)
                type(self).sent += 65536
        except OSError:
            pass

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv("SRBENCH_OFFLINE", raising=False)
    monkeypatch.delenv("SRBENCH_MIRROR", raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/w.pth"
    server.shutdown()
    server.server_close()


def test_a_stream_longer_than_the_pinned_size_is_stopped_there(endless: str, tmp_path: Path) -> None:
    with pytest.raises(HashMismatch, match=r"is too long: expected 100000 bytes, got .*nothing was kept"):
        fetch(endless, "0" * 64, tmp_path / "w.pth", size=100_000)
    assert _Endless.sent < 50_000_000
    assert not list(tmp_path.glob("w.pth*"))


def _mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes) -> tuple[str, str]:
    place = tmp_path / "mirror" / "example.org"
    place.mkdir(parents=True)
    (place / "w.pth").write_bytes(body)
    monkeypatch.setenv("SRBENCH_MIRROR", (tmp_path / "mirror").as_uri())
    return "https://example.org/w.pth", hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("there", [b"somebody's only copy", b""], ids=["full", "empty"])
def test_a_part_file_that_is_a_link_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bytes
) -> None:
    url, sha256 = _mirrored(tmp_path, monkeypatch, b"weights" * 1000)
    precious = tmp_path / "precious"
    precious.write_bytes(there)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "w.pth.part").symlink_to(precious)
    fetch(url, sha256, tmp_path / "cache" / "w.pth", size=7000)
    assert precious.read_bytes() == there
    assert not (tmp_path / "cache" / "w.pth").is_symlink()


def test_waiting_for_another_process_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import filelock

    url, sha256 = _mirrored(tmp_path, monkeypatch, b"weights")
    monkeypatch.setattr(download, "WAIT_UNSAID_S", 0.05)
    held = filelock.FileLock(tmp_path / ".w.pth.lock")
    held.acquire()
    told: list[Path] = []

    def release(dest: Path) -> None:
        told.append(dest)
        held.release()

    monkeypatch.setattr(download, "WAITING", [release])
    fetch(url, sha256, tmp_path / "w.pth")
    assert told == [tmp_path / "w.pth"]


def test_pixels_that_changed_at_the_same_size_and_time_are_seen(tmp_path: Path) -> None:
    import os

    folder = images(tmp_path / "in", "a")
    path = folder / "a.png"
    common = ("--models", "bicubic", "--datasets", folder, "--results", tmp_path / "r")
    run(*common)
    status, size = path.stat(), path.stat().st_size
    for seed in range(1, 200):
        images(folder, "a", seed=seed)
        if path.stat().st_size == size:
            break
    assert path.stat().st_size == size
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "1 cell computed" in run(*common)
