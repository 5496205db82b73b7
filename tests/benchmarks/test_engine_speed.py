"""The engine of ``run`` against the loops that people write, interleaved in one run; ratios only.

Run ``tox -e bench`` (or ``pytest tests/benchmarks/test_engine_speed.py --benchmark-enable -s``): it prints the table of
ratios. Without the benchmark switch it works on few small images and checks that the ways agree. Every way runs in
a fresh process of its own, in turn, so that none has the allocator or the memory of another; import and loading of the
model are not timed.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from srbench.imaging import imresize, write_image

WAYS = Path(__file__).with_name("engine_ways.py")
ROUNDS = 3


@pytest.fixture(autouse=True)
def only_when_benchmarked(benchmark: Any) -> None:
    """That values are the same whatever the engine does is tested in tests/engine; here only speed is."""
    if not benchmark.enabled:
        pytest.skip("speed of the engine: run with --benchmark-enable")


@pytest.fixture(scope="module")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether something is to be timed."""
    return bool(request.config.getoption("benchmark_enable"))


@pytest.fixture(scope="module")
def sources(full: bool) -> list[np.ndarray]:
    """Photographs; at the sizes of BSD100 (481x321) if something is timed."""
    images = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    height, width = (321, 481) if full else (48, 72)
    return [np.ascontiguousarray(imresize(image, (height, width))) for image in images]


def folder_of(place: Path, images: list[np.ndarray]) -> Path:
    for number, image in enumerate(images):
        write_image(place / f"{number:06}.png", image)
    return place


def timed(ways: dict[str, list[str]], rounds: int) -> dict[str, dict[str, Any]]:
    """Seconds of every way (median) and what it gave, from rounds A B C A B C."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    for _ in range(rounds):
        for way, arguments in ways.items():
            done = subprocess.run(
                [sys.executable, str(WAYS), *arguments], env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            found[way].append(json.loads(done.stdout.splitlines()[-1]))
    return {
        way: {**runs[0], **{key: statistics.median(run[key] for run in runs) for key in ("seconds", "cpu")}}
        for way, runs in found.items()
    }


def show(title: str, found: dict[str, dict[str, Any]], base: str) -> None:
    print(f"\n{title}: seconds, ratio; seconds of CPU, ratio")
    for way, result in found.items():
        ratios = [f"{result[key]:8.2f} {result[key] / found[base][key]:6.2f}" for key in ("seconds", "cpu")]
        print(f"  {way:42} {'; '.join(ratios)}")


def test_small_images(full: bool, sources: list[np.ndarray], tmp_path: Path) -> None:
    """IMDN x4 on images of BSD100's size: the engine, and the best loop over forward passes."""
    images = folder_of(tmp_path, sources * (25 if full else 1))
    ways = {
        "loop, forward only, allocator warm": ["loop", str(images), "4", "contiguous", "warm"],
        "loop, forward only, warm, channels_last": ["loop", str(images), "4", "channels_last", "warm"],
        "engine": ["engine", str(images), "4"],
        "engine, 1 worker": ["engine", str(images), "4", "--workers", "1"],
        "engine, 2 workers": ["engine", str(images), "4", "--workers", "2"],
    }
    found = timed(ways, ROUNDS if full else 1)
    show("IMDN x4, 481x321", found, "loop, forward only, allocator warm")
    values = [found[way]["psnr"] for way in ("engine", "engine, 1 worker", "engine, 2 workers")]
    assert values[0] == values[1] == values[2]
    assert found["loop, forward only, allocator warm"]["psnr"] == pytest.approx(values[0], abs=1e-4)


def test_large_images(full: bool, sources: list[np.ndarray], tmp_path: Path) -> None:
    """IMDN x2 on images of Urban100's size: the loop as authors write it, and the engine."""
    size = (768, 1024) if full else (64, 96)
    images = folder_of(tmp_path, [imresize(image, size) for image in sources])
    ways = {
        "loop as authors write it": ["loop", str(images), "2", "contiguous", "shipped"],
        "engine": ["engine", str(images), "2"],
    }
    found = timed(ways, ROUNDS if full else 1)
    show("IMDN x2, 1024x768", found, "loop as authors write it")
    assert found["engine"]["psnr"] == pytest.approx(found["loop as authors write it"]["psnr"], abs=1e-4)


def test_protocols_and_models(full: bool, sources: list[np.ndarray], tmp_path: Path) -> None:
    """Three protocols cost little more than one; a second model costs its forward passes."""
    images = folder_of(tmp_path, sources * (10 if full else 1))
    ways = {
        "one model, one protocol": ["engine", str(images), "4"],
        "one model, three protocols": ["engine", str(images), "4", "--protocols", "3"],
        "two models, one protocol": ["engine", str(images), "4", "--models", "2"],
        "loop, forward only, allocator warm": ["loop", str(images), "4", "contiguous", "warm"],
    }
    found = timed(ways, ROUNDS if full else 1)
    show("protocols and models", found, "one model, one protocol")
    assert found["one model, three protocols"]["psnr"] == found["one model, one protocol"]["psnr"]


def test_many_images(full: bool, tmp_path: Path) -> None:
    """Memory and time per image do not grow with the number of images."""
    numbers = np.random.default_rng(0)
    count = 20_000 if full else 60
    images = tmp_path / "images"
    images.mkdir()
    first = images / "000000.png"
    write_image(first, numbers.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    for number in range(1, count):
        (images / f"{number:06}.png").hardlink_to(first)
    ways = {
        "1,000 images": ["many", str(images), str(min(1000, count // 2)), str(tmp_path / "a")],
        f"{count:,} images": ["many", str(images), str(count), str(tmp_path / "b")],
    }
    found = timed(ways, 1)
    for way, result in found.items():
        print(f"\n{way}: {result['seconds'] / result['images'] * 1000:.2f} s per 1,000, {result['mebibytes']} MiB")
    small, large = found.values()
    assert large["images"] > small["images"]
