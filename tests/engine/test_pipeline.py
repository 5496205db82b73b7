"""The pipeline gives what a plain loop gives, in its order, and holds no more than it may."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srbench.evaluation.engine.pipeline import Steps, overlapped


@settings(max_examples=40, deadline=None)
@given(
    delays=st.lists(st.tuples(*[st.sampled_from([0.0, 0.0, 0.001])] * 3), max_size=12),
    ahead=st.integers(1, 4),
    behind=st.integers(0, 4),
    threads=st.integers(0, 3),
)
def test_same_results_in_the_same_order(
    delays: list[tuple[float, float, float]], ahead: int, behind: int, threads: int
) -> None:
    caller = threading.get_ident()

    def step(number: int, power: int):  # type: ignore[no-untyped-def]
        def run(value: tuple[int, int]) -> tuple[int, int]:
            time.sleep(delays[value[0]][number])
            if number == 1:
                assert threading.get_ident() == caller
            return value[0], value[1] * 10 + power

        return run

    found = list(
        overlapped(
            [(i, i) for i in range(len(delays))],
            Steps(step(0, 1), step(1, 2), step(2, 3)),
            ahead=ahead,
            behind=behind,
            threads=threads,
        )
    )
    assert found == [(i, i * 1000 + 123) for i in range(len(delays))]


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("where", ["prepare", "compute", "finish"])
def test_a_failure_comes_after_the_results_before_it(where: str, threads: int) -> None:
    def fails_in(step: str):  # type: ignore[no-untyped-def]
        def run(value: int) -> int:
            if step == where and value == 3:
                raise ValueError("third")
            return value

        return run

    steps = Steps(fails_in("prepare"), fails_in("compute"), fails_in("finish"))
    results = overlapped(range(9), steps, threads=threads)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="third"):
        next(results)


def test_what_is_under_way_is_bounded() -> None:
    taken, finished, most = 0, 0, 0

    def items():  # type: ignore[no-untyped-def]
        nonlocal taken, most
        for i in range(30):
            taken += 1
            most = max(most, taken - finished)
            yield i

    for _ in overlapped(items(), Steps(int, int, int), ahead=3, behind=2, threads=2):
        finished += 1
    assert finished == 30
    assert most <= 3 + 2 + 2


def test_stopping_early_ends_the_helpers() -> None:
    before = threading.active_count()
    results = overlapped(range(100), Steps(int, int, int), threads=2)
    assert next(results) == 0
    results.close()
    assert threading.active_count() == before
