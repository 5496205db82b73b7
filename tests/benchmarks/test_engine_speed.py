"""The engine of ``run`` against the loops that people write, interleaved in one run; ratios only.

Run ``tox -e bench`` (or ``pytest tests/benchmarks/test_engine_speed.py --benchmark-enable -s``): it prints the table of
ratios. Every way runs in a fresh process of its own, in turn, so that none has the allocator or the memory of another;
import and loading of the model are not timed. ``SRBENCH_MANY_IMAGES=1000,100000`` sets how many images there are where
there are many. What a kill loses is counted in ``tests/cli/test_run_engine.py``.
"""

from __future__ import annotations

import json
import os
import resource
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
LIMIT = 2 << 30
"""Bytes of data that a process may have where memory is short."""
LINKS = 10_000
"""Names that one file has at most; file systems allow some ten thousand."""


pytestmark = pytest.mark.timeout(0)
"""Rounds of many processes take longer than a test may."""


@pytest.fixture(autouse=True)
def only_when_benchmarked(benchmark: Any) -> None:
    """That values are the same whatever the engine does is tested in tests/engine; here only speed is."""
    if not benchmark.enabled:
        pytest.skip("speed of the engine: run with --benchmark-enable")


@pytest.fixture(scope="module")
def sources() -> list[np.ndarray]:
    """Photographs of BSD100's size (481x321)."""
    images = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    return [np.ascontiguousarray(imresize(image, (321, 481))) for image in images]


def folder_of(place: Path, images: list[np.ndarray]) -> Path:
    for number, image in enumerate(images):
        write_image(place / f"{number:06}.png", image)
    return place


def once(arguments: list[str], data_limit: int | None = None) -> dict[str, Any]:
    """What one way gives."""
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, str(WAYS), *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if data_limit is not None:
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (data_limit, data_limit))
    out, err = process.communicate()
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def timed(ways: dict[str, list[str]], rounds: int = ROUNDS) -> dict[str, dict[str, Any]]:
    """Seconds of every way (median) and what it gave, from rounds A B C A B C."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, arguments in ways.items():
            found[way].append(once(arguments))
    return {
        way: {**runs[0], **{key: statistics.median(run[key] for run in runs) for key in ("seconds", "cpu")}}
        for way, runs in found.items()
    }


def show(title: str, found: dict[str, dict[str, Any]], base: str) -> None:
    print(f"\n{title}: seconds, ratio; seconds of CPU, ratio")
    for way, result in found.items():
        ratios = [f"{result[key]:8.2f} {result[key] / found[base][key]:6.2f}" for key in ("seconds", "cpu")]
        print(f"  {way:42} {'; '.join(ratios)}")


def test_small_images(sources: list[np.ndarray], tmp_path: Path) -> None:
    """IMDN x4 on 100 images of BSD100's size: the engine, which takes all cores, one worker, and loops."""
    images = folder_of(tmp_path, sources * 25)
    ways = {
        "loop, forward only, allocator warm": ["loop", str(images), "4", "contiguous", "warm"],
        "loop, forward only, warm, channels_last": ["loop", str(images), "4", "channels_last", "warm"],
        "engine": ["engine", str(images), "4"],
        "engine, --memory-format channels_last": ["engine", str(images), "4", "--channels-last", "1"],
        "engine, 1 worker": ["engine", str(images), "4", "--workers", "1"],
    }
    found = timed(ways)
    show("IMDN x4, 481x321", found, "loop, forward only, allocator warm")
    assert found["engine"]["psnr"] == found["engine, 1 worker"]["psnr"]
    assert found["loop, forward only, allocator warm"]["psnr"] == pytest.approx(found["engine"]["psnr"], abs=1e-4)


def test_large_images(sources: list[np.ndarray], tmp_path: Path) -> None:
    """IMDN x2 on six images of Urban100's size: the loop as authors write it, and the engine.

    With ``SRBENCH_MIRROR`` the weights are the released ones; random ones are below bicubic, so that the engine also
    tries other ways of feeding the network, which is in its time then.
    """
    images = folder_of(tmp_path, [imresize(image, (768, 1024)) for image in [*sources, *sources[:2]]])
    ways = {
        "loop as authors write it": ["loop", str(images), "2", "contiguous", "shipped"],
        "loop, allocator warm": ["loop", str(images), "2", "contiguous", "warm"],
        "engine": ["engine", str(images), "2"],
        "engine, --memory-format channels_last": ["engine", str(images), "2", "--channels-last", "1"],
    }
    found = timed(ways)
    show("IMDN x2, 1024x768", found, "loop as authors write it")
    assert found["engine"]["psnr"] == pytest.approx(found["loop as authors write it"]["psnr"], abs=1e-4)


def test_protocols_and_models(sources: list[np.ndarray], tmp_path: Path) -> None:
    """Three protocols and two models over one of each: what is added should be the forward passes of the second."""
    images = folder_of(tmp_path, sources * 6)
    ways = {
        "one model, one protocol": ["engine", str(images), "4"],
        "one model, three protocols": ["engine", str(images), "4", "--protocols", "3"],
        "two models, three protocols": ["engine", str(images), "4", "--models", "2", "--protocols", "3"],
        "loop, forward only, IMDN": ["loop", str(images), "4", "contiguous", "warm"],
        "loop, forward only, RFDN": ["loop", str(images), "4", "contiguous", "warm", "rfdn"],
    }
    found = timed(ways)
    show("protocols and models", found, "one model, one protocol")
    cpu = {way: result["cpu"] for way, result in found.items()}
    added = cpu["two models, three protocols"] - cpu["one model, one protocol"]
    print(f"  added, over the second model's forward passes: {added / cpu['loop, forward only, RFDN']:.2f} (CPU)")
    assert found["one model, three protocols"]["psnr"] == found["one model, one protocol"]["psnr"]


def test_output_of_8k_in_two_gibibytes(sources: list[np.ndarray], tmp_path: Path) -> None:
    """IMDN x4 to 7680x4320 where a process may have 2 GiB of data: done in tiles, with their difference stated."""
    images = folder_of(tmp_path, [imresize(sources[1], (4320, 7680))])
    found = once(["engine", str(images), "4", "--workers", "1", "--memory", str(LIMIT - (100 << 20))], LIMIT)
    print(f"\n8K in 2 GiB: {found['seconds']:.1f} s, {found['mebibytes']} MiB resident at most, {found['tiles']}")
    assert found["tiles"]["largest_difference"] is not None


def test_many_images(tmp_path: Path) -> None:
    """Memory and time per image do not grow with the number of images, and a stopped run goes on in seconds."""
    counts = [int(count) for count in os.environ.get("SRBENCH_MANY_IMAGES", "1000,20000").split(",")]
    numbers = np.random.default_rng(0)
    images = tmp_path / "images"
    images.mkdir()
    for number in range(max(counts)):
        path = images / f"{number:06}.png"
        if number % LINKS == 0:
            first = path
            write_image(first, numbers.integers(0, 256, (64, 64, 3), dtype=np.uint8))
        else:
            path.hardlink_to(first)
    found = {count: once(["many", str(images), str(count), str(tmp_path / str(count))]) for count in counts}
    for count, result in found.items():
        print(
            f"\n{count:,} images: {result['seconds'] / count * 1000:.2f} s per 1,000, {result['mebibytes']} MiB, "
            f"{result['opened']:.1f} s before the first"
        )
    most, folder = max(counts), tmp_path / "stopped"
    for way in ("stopped before its last ten", "taken up again", "finished, asked again"):
        result = once(["many", str(images), str(most), str(folder), *(["stop"] if way.startswith("stopped") else [])])
        print(f"{most:,} images, {way}: {result['opened'] + result['seconds']:.1f} s, {result['mebibytes']} MiB")
    assert result["psnr"] == found[most]["psnr"]
    assert result["computed"] == 0
