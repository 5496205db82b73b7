"""What scoring costs: seconds of CPU per archive of 2K images, alone and of several at once, and the memory it takes.

    python -m pytest -s --benchmark-enable tests/benchmarks/test_scoring_speed.py

Archives hold ``SRBENCH_IMAGES`` (10) images of 2040x1356 out of 510x339; each archive is a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.challenge.builders import README, png

SIZE = (1356, 2040)
MOST_SECONDS = 0.6
"""Of CPU for one image: 100 images stay within a minute, on one core."""
MOST_GROWTH = 1.25
"""Of peak memory, from one archive to ten."""
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from srbench.challenge.checks.builtin import own_checks
from srbench.challenge.checks.validate import validate
from srbench.challenge.planning import plan_of
from srbench.challenge.score.scoring import score_many
from srbench.rules import get_rules
rules, references, many, paths = get_rules("ntire2026-esr"), Path(sys.argv[1]), sys.argv[2] == "many", sys.argv[3:]
before, began = time.process_time(), time.monotonic()
if many:
    assert all(one.verdict.outcome == "valid" for one in score_many(list(map(Path, paths)), references, plan_of(rules)))
else:
    assert validate(Path(paths[0]), rules, references).values
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.process_time() - before, time.monotonic() - began, peak]))
"""


def natural(number: int) -> np.ndarray:  # type: ignore[type-arg]
    """An image that packs about as well as a photograph."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    waves = [120 + 80 * np.sin(x / (40 + 7 * c) + y / 90 + number) + 20 * np.cos(x * y / 9e4) for c in range(3)]
    return np.clip(np.stack(waves, 2) + rng.normal(0, 4, (*SIZE, 1)), 0, 255).astype(np.uint8)


def measured(references: Path, how: str, paths: list[Path]) -> tuple[float, float, float]:
    """Seconds of CPU, of the clock, and MiB at the peak."""
    command = [sys.executable, "-c", PROGRAM, str(references), how, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280)
    cpu, clock, peak = json.loads(done.stdout)
    return cpu, clock, peak


def test_archives_of_2k_images_are_scored_within_a_minute_and_flat_memory(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    if not pytestconfig.getoption("benchmark_enable"):
        pytest.skip("speed is judged where benchmarks are run (--benchmark-enable)")
    images = int(os.environ.get("SRBENCH_IMAGES", "10"))
    references = tmp_path / "hr"
    references.mkdir()
    archives = [tmp_path / f"team{number:02d}.zip" for number in range(10)]
    rng = np.random.default_rng(0)
    written: dict[str, bytes] = {}
    for number in range(images):
        hr = natural(number)
        (references / f"{number:04d}.png").write_bytes(png(hr))
        noise = rng.integers(-6, 7, (*SIZE, 1))
        written[f"{number:04d}x4.png"] = png(np.clip(hr + noise, 0, 255).astype(np.uint8))
    for archive in archives:
        with zipfile.ZipFile(archive, "w") as out:
            for name, data in {**written, "readme.txt": README.encode()}.items():
                out.writestr(name, data)
    one = measured(references, "one", archives[:1])
    ten = measured(references, "many", archives)
    single = measured(references, "many", archives[:1])
    print(
        f"validate: {one[0]:.2f} s of CPU ({one[0] / images:.3f} an image), {one[1]:.2f} s by the clock, "
        f"{one[2]:.0f} MiB; "
        f"ten archives at once: {ten[0] / 10:.2f} s of CPU each, {ten[1] / 10:.2f} s by the clock, {ten[2]:.0f} MiB "
        f"(one: {single[2]:.0f} MiB); 100 archives of 100 images, extrapolated: "
        f"{100 * 100 * ten[0] / 10 / images / 60:.0f} minutes of one core"
    )
    assert one[0] / images < MOST_SECONDS
    assert ten[2] < MOST_GROWTH * single[2]
