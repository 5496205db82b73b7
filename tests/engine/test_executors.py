"""Whoever computes the images, in whatever order, whatever is killed: the same bytes as one loop in this process."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srbench.datasets.dataset import Dataset, FileReader, ImagePair, file_reader
from srbench.errors import SrbenchError
from srbench.evaluation.apart.processes import close_all
from srbench.evaluation.engine.session import Row, Session
from srbench.evaluation.engine.tiles import Fitting, tiling_of
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import slurm
from srbench.evaluation.executors.local import run_spread
from srbench.evaluation.executors.slurm import run_slurm
from srbench.evaluation.score import Listeners, reduced, score_session
from srbench.imaging import write_image
from srbench.metrics.protocols import get_protocol
from srbench.models import find_card, open_model
from srbench.models.weights import resolve
from srbench.quantities import image_quantities
from srbench.results.environment import machine_id

IMAGES = 6
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and process ids are used as on Linux")


NET = """
import os, signal
import torch
from torch import nn

class Net(nn.Module):
    srbench_card = {"self_contained": True, "scales": (2,)}

    def __init__(self, deadly="", always=False, raises=False):
        super().__init__()
        self.deadly, self.always, self.raises = deadly, always, raises
        torch.manual_seed(0)
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 12, 1), nn.PixelShuffle(2))

    def forward(self, x):
        if self.raises:
            raise ValueError("not today")
        if self.deadly and x.mean() < 0.3 and (self.always or not os.path.exists(self.deadly)):
            open(self.deadly, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.body(x)
"""
"""A small network; with ``deadly`` it kills a process on dark images, until the file is there."""


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


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("net") / "net.py"
    file.write_text(NET)
    return file


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    close_all()


def unit_of_net(dataset: Dataset, net: Path, arguments: str = "", tile: int | None = None) -> Unit:
    card = find_card(f"{net}:Net({arguments})")
    weights = resolve(card, 2, "auto")
    protocols = (get_protocol("y-matlab"), get_protocol("rgb-ntire"))
    tiling = None if tile is None else tiling_of(open_model(card, 2), tile)
    return Unit(card, 2, weights, "cpu", dataset, protocols, ("psnr", "ssim"), 1, tiling=tiling)


@pytest.fixture(scope="module")
def expected(dataset: Dataset, net: Path) -> dict[int, Row]:
    """One loop in this process, with the model in it."""
    unit = unit_of_net(dataset, net)
    model = open_model(unit.card, 2)
    session = Session(model, Fitting(model), dataset, unit.protocols, tuple(image_quantities()), machine=machine_id())
    return {index: session.score(index).row for index in range(IMAGES)}


def as_bytes(rows: dict[int, Row]) -> str:
    return json.dumps([rows[index] for index in sorted(rows)])


def spread(unit: Unit, indices: Sequence[int], workers: int) -> dict[int, Row]:
    found: dict[int, Row] = {}
    session = replace(unit, device="cpu").open()
    run_spread(unit, session, indices, lambda row: found.__setitem__(row["index"], row), devices=("cpu",) * workers)
    return found


@dataclass(frozen=True)
class DeadlyReader(FileReader):
    """Kills the process that reads the image, as long as there are ``lives``; never the one that made it."""

    lives: int = 0
    place: str = ""
    maker: int = 0

    def __call__(self) -> np.ndarray[Any, Any]:
        if os.getpid() != self.maker:
            for life in range(self.lives):
                with suppress(FileExistsError):
                    os.close(os.open(f"{self.place}-{life}", os.O_CREAT | os.O_EXCL))
                    os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__()


def deadly(dataset: Dataset, folder: Path, deaths: int) -> Dataset:
    """The same images, of which the third ends so many processes that read it."""
    pairs = list(dataset.images)
    reader = pairs[2].hr
    assert isinstance(reader, FileReader)
    place = str(folder / f"death-{time.monotonic_ns()}")
    pairs[2] = replace(pairs[2], hr=DeadlyReader(*vars(reader).values(), deaths, place, os.getpid()))
    return replace(dataset, images=tuple(pairs))


@pytest.fixture
def in_a_process_with_threads() -> Iterator[None]:
    """The one that asks is never forked, so it may have threads, of torch and others."""
    over = threading.Event()
    others = [threading.Thread(target=over.wait, args=(120,), daemon=True) for _ in range(3)]
    for other in others:
        other.start()
    threads = torch.get_num_threads()
    torch.set_num_threads(4)
    torch.ones(1000, 1000) @ torch.ones(1000, 1000)
    yield
    torch.set_num_threads(threads)
    over.set()


@pytest.mark.usefixtures("in_a_process_with_threads")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(workers=st.integers(1, 3), seed=st.integers(0, 99), deaths=st.integers(0, 1))
def test_any_workers_order_and_kill(dataset: Dataset, tmp_path: Path, workers: int, seed: int, deaths: int) -> None:
    order = random.Random(seed).sample(range(IMAGES), IMAGES)
    unit = unit_of(dataset)
    found = spread(replace(unit, dataset=deadly(dataset, tmp_path, deaths)), order, workers)
    assert len(list(tmp_path.glob("death-*"))) >= deaths
    assert as_bytes(found) == as_bytes(rows_of(unit))


def test_an_image_that_always_kills_a_worker_fails_in_one_sentence(dataset: Dataset, tmp_path: Path) -> None:
    unit = replace(unit_of(dataset), dataset=deadly(dataset, tmp_path, 3))
    with pytest.raises(SrbenchError, match=r"lost its process twice on image '2': it ended by signal 9"):
        spread(unit, range(IMAGES), 2)


@pytest.mark.usefixtures("in_a_process_with_threads")
@pytest.mark.parametrize(("workers", "tile"), [(1, None), (3, None), (2, 24)])
def test_a_model_in_processes_of_its_own_gives_the_same_bytes(
    dataset: Dataset, net: Path, expected: dict[int, Row], workers: int, tile: int | None
) -> None:
    assert as_bytes(spread(unit_of_net(dataset, net, tile=tile), range(IMAGES), workers)) == as_bytes(expected)


def test_an_image_that_always_kills_fails_in_one_sentence(dataset: Dataset, net: Path) -> None:
    unit = unit_of_net(dataset, net, f"deadly={str(net.with_name('always'))!r}, always=True")
    with pytest.raises(SrbenchError, match=r"on image '2' \(24x28\): its process ended by signal 9"):
        spread(unit, range(IMAGES), 2)


def test_what_a_model_raises_in_a_worker_is_raised_here(dataset: Dataset, net: Path) -> None:
    with pytest.raises(SrbenchError, match=r"raised ValueError on image '0'.*not today"):
        spread(unit_of_net(dataset, net, "raises=True"), [0], 2)


def session_of(dataset: Dataset, net: Path) -> Session:
    unit = unit_of_net(dataset, net)
    return replace(unit.open(), machine=machine_id())


@settings(max_examples=10, deadline=None)
@given(known=st.sets(st.integers(0, IMAGES - 1)), shards=st.integers(1, 4))
def test_rows_that_are_known_and_parts_reduce_to_the_same_scores(
    dataset: Dataset, net: Path, expected: dict[int, Row], known: set[int], shards: int
) -> None:
    session = session_of(dataset, net)
    whole = reduced((expected[index] for index in sorted(expected)), session.protocols, {})
    rows = {index: expected[index] for index in known}
    for shard in range(shards):
        heard: list[Row] = []
        scores = score_session(
            session,
            known=rows.values(),
            listeners=Listeners(heard.append),
            only=lambda index, k=shard: index % shards == k,
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
    found = spread(unit, range(IMAGES), 2)
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
        slurm.Array(tmp_path / "results", tasks=2),
        unit.open(),
        [0, 1, 2],
        lambda row: found.__setitem__(row["index"], row),
    )
    assert (tmp_path / "lost").exists()
    whole = rows_of(unit)
    assert as_bytes(found) == as_bytes({index: whole[index] for index in (0, 1, 2)})
    assert not (tmp_path / "results" / "slurm").exists()


def test_an_array_that_slurm_no_longer_knows_is_not_waited_for(
    dataset: Dataset, sbatch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sbatch.write_text("#!/bin/sh\necho 4711\nexec sleep 1000\n", encoding="utf-8")
    squeue = sbatch.with_name("squeue")
    squeue.write_text('#!/bin/sh\ntest "$3" = 4711 || echo it runs\n', encoding="utf-8")
    squeue.chmod(0o755)
    monkeypatch.setattr(slurm, "ALIVE_SECONDS", 0.0)
    unit = unit_of(dataset)
    with pytest.raises(SrbenchError, match=r"2 images, .* were computed by no task .* the same command goes on"):
        run_slurm(unit, slurm.Array(tmp_path / "results", "this"), unit.open(), [0, 1], lambda _row: None)
    slurm.forget(tmp_path / "results", "another")
    assert len(list((tmp_path / "results" / "slurm").iterdir())) == 1
    slurm.forget(tmp_path / "results", "this")
    assert not (tmp_path / "results" / "slurm").exists()


def test_what_fails_in_a_slurm_task_is_said(dataset: Dataset, sbatch: Path, tmp_path: Path) -> None:
    gone = replace(dataset, images=(ImagePair("gone", 2, file_reader(tmp_path / "gone.png")),))
    unit = unit_of(gone)
    with pytest.raises(SrbenchError, match=r"gone.png' does not exist"):
        run_slurm(unit, slurm.Array(tmp_path / "results"), unit.open(), [0], lambda _row: None)


def test_without_slurm_it_is_said(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    unit = unit_of(dataset)
    with pytest.raises(SrbenchError, match="needs 'sbatch'"):
        run_slurm(unit, slurm.Array(tmp_path), unit.open(), [0], lambda _row: None)
