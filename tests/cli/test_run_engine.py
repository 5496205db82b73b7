"""``run`` with workers, parts and kills: what is in the records stays the same, and no finished image is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from srbench.cli.main import main
from srbench.evaluation.apart.processes import close_all
from srbench.imaging import write_image

IMAGES = 8
NETWORK = """
import os, time
import torch
from torch import nn

class Slow(nn.Module):
    def __init__(self, upscale=2):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3 * upscale**2, 1))
        self.shuffle = nn.PixelShuffle(upscale)

    def forward(self, x):
        if not x.is_meta:
            time.sleep(float(os.environ.get("SLEEP", "0")))
            with open(os.environ["CALLS"], "a") as calls:
                calls.write(str(float(x.double().sum())) + chr(10))
        return self.shuffle(self.body(x)) + nn.functional.interpolate(x, scale_factor=2, mode="bilinear")
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a network that has its own weights, and small images."""
    (tmp_path / "slow.py").write_text(NETWORK)
    numbers = np.random.default_rng(0)
    for number in range(IMAGES):
        write_image(tmp_path / "hr" / f"{number}.png", numbers.integers(0, 256, (32, 40, 3), dtype=np.uint8))
    return tmp_path


def command(place: Path, results: str, *options: str) -> list[str]:
    model = ["--models", f"{place}/slow.py:Slow", "--weights", f"{place}/slow.pth", "--scale", "2"]
    rest = ["--datasets", str(place / "hr"), "--no-runtime", "--no-html", "--results", str(place / results)]
    return ["run", *model, *rest, *options]


@pytest.fixture(autouse=True)
def weights(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The network's own, in a file, and where it writes that it was called; its processes end with the test."""
    namespace: dict[str, Any] = {}
    exec(NETWORK, namespace)
    torch.save(namespace["Slow"](2).state_dict(), place / "slow.pth")
    monkeypatch.setenv("CALLS", str(place / "calls"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    yield
    close_all()


Command = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """What a command says; in this process, where torch is imported already."""

    def call(arguments: list[str], expected: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["srbench", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr().err
        assert stop.value.code == expected, said
        return said

    return call


def started(arguments: list[str], **environment: str) -> subprocess.Popen[bytes]:
    """The same in a process that can be killed."""
    root = str(Path(__file__).resolve().parents[2])
    path = f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    command = [sys.executable, "-m", "srbench.cli", *arguments]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path, **environment}, stderr=subprocess.PIPE)


def record(folder: Path) -> dict[str, Any]:
    """The only record of quality, without the time it was made."""
    (path,) = folder.glob("*.json")
    found: dict[str, Any] = json.loads(path.read_text())
    del found["created"]
    return {**found, "file": path.name}


def test_workers_parts_and_a_kill_give_the_same_record(place: Path, run: Command) -> None:
    run(command(place, "one"))
    expected = record(place / "one")
    assert len(expected["images"]) == IMAGES
    assert expected["computed"]["threads"] == 1
    assert not (place / "one" / "journal").exists()

    run(command(place, "two", "--workers", "2"))
    assert record(place / "two") == expected

    for part in ("1/3", "3/3", "2/3"):
        said = run(command(place, f"part{part[0]}", "--shard", part))
        assert "images are in" in said
    merge = ["results", "merge"]
    parts = [str(place / f"part{n}") for n in (1, 3)]
    assert "has 6 of 8 images; lacking: part 2/3." in run([*merge, *parts, "--into", str(place / "all")], expected=1)
    said = run([*merge, str(place / "part2"), "--into", str(place / "all")])
    assert f"--no-runtime --results {place / 'all'}" in said
    assert "--shard" not in said
    assert list((place / "all" / "machines").glob("*.json"))
    assert "already merged" in run([*merge, str(place / "all")])

    run(command(place, "other", "--shard", "2/3", "--memory-format", "channels_last"))
    said = run([*merge, str(place / "part1"), str(place / "other"), "--into", str(place / "both")], expected=1)
    assert "part1 holds 5 images computed with whole images, contiguous, threads 1" in said
    assert "other holds 2 images computed with whole images, channels_last, threads 1" in said
    assert record(place / "all") == expected
    assert not (place / "all" / "journal").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_goes_on_at_its_image(place: Path, run: Command, workers: int) -> None:
    calls = place / "calls"
    killed = command(place, "killed", "--workers", str(workers))
    with started(killed, SLEEP="0.3") as going:
        deadline = time.monotonic() + 90
        while (not calls.exists() or len(calls.read_text().splitlines()) < 5) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(going.pid, signal.SIGKILL)
    time.sleep(0.5)  # workers end with the run
    begun = calls.read_text().splitlines()
    assert 5 <= len(begun) < IMAGES
    assert not list((place / "killed").glob("*.json"))
    (part,) = (place / "killed" / "journal").glob("*/*.jsonl")
    kept = part.read_bytes().count(b"\n") - 1
    assert len(begun) - kept <= workers  # what is lost is the image that each worker was in
    calls.unlink()
    there = f"to compute, {kept} of {IMAGES} images there"
    assert there in run([*killed, "--dry-run"])
    assert "images there" not in run([*killed, "--dry-run", "--memory-format", "channels_last"])
    assert there in run(killed)
    done = record(place / "killed")
    second = calls.read_text().splitlines()
    assert sorted(set(begun) - set(second[: IMAGES - kept]))  # some were not computed again
    assert len(set(begun) | set(second[: IMAGES - kept])) == IMAGES
    assert not (place / "killed" / "journal").exists()
    run(command(place, "whole"))
    assert record(place / "whole") == done


def test_what_was_computed_otherwise_does_not_answer_in_silence(place: Path, run: Command) -> None:
    run(command(place, "one", "--limit", "2"))
    said = run(command(place, "one", "--limit", "2", "--memory-format", "channels_last"))
    assert "already there, computed with contiguous; --force computes as asked." in said
    (path,) = (place / "one").glob("*.json")
    stored = json.loads(path.read_text())
    stored["computed"]["tiles"] = {"tile": 8, "overlap": 1, "exact": False, "tile_asked": 8, "overlap_asked": 1}
    path.write_text(json.dumps(stored))
    assert "nothing to compute" in run(command(place, "one", "--limit", "2", "--tile", "8", "--overlap", "1"))
    assert "1 cell computed" in run(command(place, "one", "--limit", "2"))
    assert record(place / "one")["computed"]["tiles"] is None
