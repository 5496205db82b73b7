"""Items beside each other in threads of this process: the results of a loop, and an end when asked."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srbench.datasets.dataset import Dataset, ImagePair, file_reader
from srbench.evaluation.engine.lanes import in_lanes
from srbench.evaluation.engine.session import Row, Session
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import Heard, Indices, local
from srbench.evaluation.executors.local import run_adaptively, run_spread
from srbench.imaging import write_image
from srbench.metrics.protocols import get_protocol
from srbench.models import open_model


def lanes_of(compute: Callable[[int], int], number: int) -> list[Callable[[], Callable[[int], int]]]:
    return [lambda: compute] * number


@settings(max_examples=30, deadline=None)
@given(delays=st.lists(st.sampled_from([0.0, 0.0, 0.002]), max_size=12), number=st.integers(1, 3))
def test_the_results_of_a_loop(delays: list[float], number: int) -> None:
    def compute(item: int) -> int:
        time.sleep(delays[item])
        return item * item

    found = list(in_lanes(range(len(delays)), lanes_of(compute, number)))
    assert sorted(found) == [item**2 for item in range(len(delays))]


def test_each_lane_is_opened_once_in_its_own_thread_and_items_are_taken_as_they_are_wanted() -> None:
    opened, taken = [], 0

    def open_one() -> Callable[[int], int]:
        opened.append(threading.get_ident())
        return lambda item: item

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(40):
            taken += 1
            yield item

    results = in_lanes(items(), [open_one, open_one])
    first = next(results)
    assert taken <= 4
    assert sorted([first, *results]) == list(range(40))
    assert 1 <= len(opened) == len(set(opened)) <= 2
    assert threading.get_ident() not in opened


def test_what_a_lane_raises_comes_after_the_results_that_were_under_way() -> None:
    third = threading.Event()

    def compute(item: int) -> int:
        if item == 1:
            assert third.wait(10)
            raise ValueError("no")
        if item == 2:
            third.set()
            time.sleep(0.05)
        return item

    found: list[int] = []
    with pytest.raises(ValueError, match="no"):
        found.extend(in_lanes(range(100), lanes_of(compute, 2)))
    assert {0, 2} <= set(found)
    assert len(found) < 10


def test_an_interrupted_run_does_not_wait_for_long_items() -> None:
    started = threading.Event()
    ended = threading.Event()

    def compute(item: int) -> int:
        try:
            for _ in range(3000 if item else 1):
                started.set() if item else None
                time.sleep(0.01)
        finally:
            if item:
                ended.set()
        return item

    def interrupted() -> None:
        for _ in in_lanes(range(4), lanes_of(compute, 2)):
            assert started.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ended.wait(10)
    assert not [thread for thread in threading.enumerate() if thread.name == "srbench-lane" and thread.is_alive()]


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Unit:
    """A small bundled network on five images."""
    folder, numbers = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    pairs = []
    for number in range(5):
        path = folder / f"{number}.png"
        write_image(path, numbers.integers(0, 256, (48 + 8 * number, 64, 3), dtype=np.uint8))
        pairs.append(ImagePair(str(number), 4, file_reader(path)))
    model = open_model("etds-t-train", 4, "bundled")
    dataset = Dataset("made", 4, "imresize", tuple(pairs))
    protocols = (get_protocol("y-matlab"),)
    return Unit(model.card, 4, model.weights, "cpu", dataset, protocols, ("psnr", "ssim"), 1)


@pytest.fixture(scope="module")
def expected(unit: Unit) -> list[Row]:
    session = unit.open()
    return [session.score(index).row for index in range(5)]


def rows(run: Callable[[Callable[[Row], None]], None]) -> list[Row]:
    found: list[Row] = []
    run(found.append)
    return sorted(found, key=lambda row: int(row["index"]))


@pytest.mark.parametrize("workers", [2, 3, 16])
def test_images_side_by_side_in_this_process_give_the_same_rows(unit: Unit, expected: list[Row], workers: int) -> None:
    found = rows(lambda heard: run_adaptively(unit, unit.open(), range(5), heard, workers=workers))
    assert found == expected


def test_stdout_is_what_it_was_after_images_side_by_side(unit: Unit) -> None:
    before = sys.stdout
    rows(lambda heard: run_adaptively(unit, unit.open(), range(5), heard, workers=2))
    assert sys.stdout is before


def test_the_images_left_go_to_processes_where_those_save_time(
    unit: Unit, expected: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    spread: list[int] = []

    def run_and_note(unit: Unit, session: Session, indices: Indices, heard: Heard, *, devices: tuple[str, ...]) -> None:
        spread.extend(indices)
        run_spread(unit, session, indices, heard, devices=devices)

    monkeypatch.setattr(local, "WORTH_S", (-1e9, -1e9))
    monkeypatch.setattr(local, "SEEN_S", 0.0)
    monkeypatch.setattr(local, "run_spread", run_and_note)
    many = replace(unit, dataset=replace(unit.dataset, images=tuple(unit.dataset.images) * 3))
    found = rows(lambda heard: run_adaptively(many, many.open(), range(15), heard, workers=2))
    assert spread
    assert len(spread) < 15
    assert [{**row, "index": row["index"] % 5} for row in found] == expected * 3
