"""Whoever computes the images, in whatever order, whatever is killed: the same bytes as one loop in this process."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from srbench.datasets.dataset import Dataset, ImagePair, file_reader
from srbench.errors import SrbenchError
from srbench.evaluation.engine.session import Row, Session
from srbench.evaluation.engine.tiles import Fitting, tiling_of
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors.local import run_forked, run_spawned
from srbench.evaluation.executors.slurm import run_slurm
from srbench.evaluation.score import Listeners, reduced, score_session
from srbench.imaging import write_image
from srbench.metrics.protocols import get_protocol
from srbench.models import open_model
from srbench.quantities import image_quantities

IMAGES = 6
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")


class Net(nn.Module):
    """A small network; with ``deadly`` it kills its process on dark images, until the file is there."""

    def __init__(self, deadly: Path | None = None, always: bool = False) -> None:
        super().__init__()
        self.deadly, self.always = deadly, always
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 12, 1), nn.PixelShuffle(2))

    def forward(self, x: Tensor) -> Tensor:
        if self.deadly is not None and x.mean() < 0.3 and (self.always or not self.deadly.exists()):
            self.deadly.write_text("was here")
            os.kill(os.getpid(), signal.SIGKILL)
        return self.body(x)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("images")
    random_numbers = np.random.default_rng(0)
    pairs = []
    for number in range(IMAGES):
        path = folder / f"{number}.png"
        shape = (40 + 4 * number, 60 - 2 * number, 3)
        image = random_numbers.integers(0, 100 if number == 2 else 256, shape, dtype=np.uint8)
        write_image(path, image // 3 if number == 2 else image)
        pairs.append(ImagePair(str(number), 2, file_reader(path)))
    return Dataset("made", 2, "imresize", tuple(pairs))


def session_of(dataset: Dataset, network: nn.Module | None = None, tile: int | None = None) -> Session:
    model = open_model(network or Net(), 2)
    run = Fitting(model, None if tile is None else tiling_of(model, tile))
    protocols = (get_protocol("y-matlab"), get_protocol("rgb-ntire"))
    return Session(model, run, dataset, protocols, tuple(image_quantities()), machine="this one")


@pytest.fixture(scope="module")
def expected(dataset: Dataset) -> dict[int, Row]:
    session = session_of(dataset)
    return {index: session.score(index).row for index in range(IMAGES)}


def as_bytes(rows: dict[int, Row]) -> str:
    return json.dumps([rows[index] for index in sorted(rows)])


@pytest.mark.skipif(
    not os.environ.get("SRBENCH_KILLS"),
    reason="kills forked workers at random, which can hang in a test process that has threads: set SRBENCH_KILLS=1",
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(workers=st.integers(1, 3), seed=st.integers(0, 99), killed=st.booleans(), tile=st.sampled_from([None, 24]))
def test_any_workers_order_and_kill(
    dataset: Dataset, expected: dict[int, Row], tmp_path: Path, workers: int, seed: int, killed: bool, tile: int | None
) -> None:
    order = random.Random(seed).sample(range(IMAGES), IMAGES)
    deadly = tmp_path / "deadly"
    deadly.unlink(missing_ok=True)
    found: dict[int, Row] = {}
    session = session_of(dataset, Net(deadly if killed else None), tile)
    run_forked(session, order, lambda row: found.__setitem__(row["index"], row), workers=workers)
    assert deadly.exists() == killed
    assert as_bytes(found) == as_bytes(expected)


def test_an_image_that_always_kills_fails_in_one_sentence(dataset: Dataset, tmp_path: Path) -> None:
    heard: list[Row] = []
    session = session_of(dataset, Net(tmp_path / "deadly", always=True))
    with pytest.raises(SrbenchError, match=r"ended its process twice on image '2' by signal 9"):
        run_forked(session, range(IMAGES), heard.append, workers=2)
    assert {row["index"] for row in heard} >= {0, 1}


def test_what_a_model_raises_in_a_worker_is_raised_here(dataset: Dataset) -> None:
    class Raises(Net):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("not today")

    with pytest.raises(SrbenchError, match=r"raised ValueError on image '0'.*not today"):
        run_forked(session_of(dataset, Raises()), [0], lambda _row: None, workers=2)


@settings(max_examples=10, deadline=None)
@given(known=st.sets(st.integers(0, IMAGES - 1)), shards=st.integers(1, 4))
def test_rows_that_are_known_and_parts_reduce_to_the_same_scores(
    dataset: Dataset, expected: dict[int, Row], known: set[int], shards: int
) -> None:
    session = session_of(dataset)
    whole = reduced((expected[index] for index in sorted(expected)), session.protocols, {})
    rows = {index: expected[index] for index in known}
    for shard in range(shards):
        heard: list[Row] = []
        scores = score_session(
            session, known=rows, listeners=Listeners(heard.append), only=lambda index, k=shard: index % shards == k
        )
        assert not {row["index"] for row in heard} & set(rows)
        rows |= {row["index"]: row for row in heard}
        assert (scores is None) == (len(rows) < IMAGES)
    assert scores == whole


def unit_of(dataset: Dataset, threads: int = 1) -> Unit:
    model = open_model("bicubic", 2)
    protocols = (get_protocol("y-matlab"),)
    return Unit(model.card, 2, model.weights, "cpu", dataset, protocols, ("psnr", "ssim"), threads)


def rows_of(unit: Unit) -> dict[int, Row]:
    session = unit.open()
    return {index: session.score(index).row for index in range(len(unit.dataset))}


def test_one_new_process_per_device(dataset: Dataset) -> None:
    unit = unit_of(dataset)
    found: dict[int, Row] = {}
    run_spawned(
        unit, unit.open(), range(IMAGES), lambda row: found.__setitem__(row["index"], row), devices=("cpu", "cpu")
    )
    assert as_bytes(found) == as_bytes(rows_of(unit))


SBATCH = """#!/bin/sh
# A stand-in for Slurm: the tasks of the array beside each other on this machine.
script=$3
last=$(sed -n 's/^#SBATCH --array=0-//p' "$script")
echo 4711
task=0
while [ $task -le $last ]; do
    if [ "$task" = 1 ] && [ -n "$LOSE_ONE" ] && [ ! -e "$LOSE_ONE" ]; then
        touch "$LOSE_ONE"
    else
        SLURM_ARRAY_TASK_ID=$task "$script" > "$(dirname "$script")/$task.log" 2>&1 &
    fi
    task=$((task + 1))
done
wait
"""


@pytest.fixture
def sbatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tool = tmp_path / "bin" / "sbatch"
    tool.parent.mkdir()
    tool.write_text(SBATCH)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    root = str(Path(__file__).resolve().parents[2])
    monkeypatch.setenv("PYTHONPATH", f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    return tool


def test_a_slurm_array_of_which_one_task_is_lost(
    dataset: Dataset, sbatch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSE_ONE", str(tmp_path / "lost"))
    unit = unit_of(dataset)
    found: dict[int, Row] = {}
    run_slurm(
        unit,
        tmp_path / "results",
        unit.open(),
        range(IMAGES),
        lambda row: found.__setitem__(row["index"], row),
        tasks=2,
    )
    assert (tmp_path / "lost").exists()
    assert as_bytes(found) == as_bytes(rows_of(unit))
    assert not (tmp_path / "results" / "slurm").exists()


def test_what_fails_in_a_slurm_task_is_said(dataset: Dataset, sbatch: Path, tmp_path: Path) -> None:
    gone = replace(dataset, images=(ImagePair("gone", 2, file_reader(tmp_path / "gone.png")),))
    unit = unit_of(gone)
    with pytest.raises(SrbenchError, match=r"gone.png' does not exist"):
        run_slurm(unit, tmp_path / "results", unit.open(), [0], lambda _row: None)


def test_without_slurm_it_is_said(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    unit = unit_of(dataset)
    with pytest.raises(SrbenchError, match="needs 'sbatch'"):
        run_slurm(unit, tmp_path, unit.open(), [0], lambda _row: None)
