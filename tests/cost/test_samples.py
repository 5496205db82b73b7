"""What timings say: centre, spread, ratios from paired rounds, and when not to trust them."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srbench.cost.samples import doubts, first_call_note, paired_ratio, quartiles, settled, summarise

STEADY = [10.0, 10.1, 9.9, 10.0, 10.05, 9.95, 10.0, 10.1]
times = st.lists(st.floats(0.1, 1e4), min_size=1, max_size=40)


@given(times)
def test_quartiles_lie_in_order_and_the_median_is_the_median(samples):
    lower, median, upper = quartiles(samples)
    assert min(samples) <= lower <= median <= upper <= max(samples)
    assert median == pytest.approx(statistics.median(samples))


def test_one_cold_start_moves_the_mean_and_not_the_median():
    # The shape of the organisers' 2024 log: one first image of 1033.8 ms among images of about 10.84 ms.
    samples = [1033.8] + [10.84] * 180
    summary = summarise(samples)
    assert summary.median_ms == 10.84
    assert summary.mean_ms / summary.median_ms == pytest.approx(1.52, abs=0.01)


@settings(deadline=None)  # the first call imports scipy
@given(times, st.floats(0.1, 10))
def test_pairing_cancels_what_hits_both(samples, factor):
    ratio = paired_ratio([factor * s for s in samples], samples)
    if len(samples) < 2:
        assert ratio is None
        return
    assert ratio is not None
    assert ratio.ratio == pytest.approx(factor, rel=1e-6)
    assert ratio.low == pytest.approx(ratio.high, rel=1e-3)


def test_the_interval_holds_the_true_ratio_about_95_times_in_100():
    import random

    draw = random.Random(1)
    inside = 0
    for _ in range(400):
        base = [draw.lognormvariate(0, 0.1) for _ in range(8)]
        other = [2 * draw.lognormvariate(0, 0.1) for _ in range(8)]
        ratio = paired_ratio(other, base)
        assert ratio is not None
        inside += ratio.low <= 2 <= ratio.high
    assert 0.91 <= inside / 400 <= 0.98


def test_a_difference_is_one_when_the_interval_excludes_one():
    clear = paired_ratio([2.0, 2.1, 1.9, 2.0], [1.0, 1.0, 1.0, 1.0])
    vague = paired_ratio([1.0, 1.3, 0.8, 1.0], [1.0, 1.0, 1.0, 1.0])
    assert clear is not None
    assert clear.different
    assert vague is not None
    assert not vague.different


def test_steady_samples_raise_no_doubt():
    assert doubts(STEADY, cpu_share=0.99, other_load=0.0, cores=2) == ()


@pytest.mark.parametrize(
    ("samples", "facts", "words"),
    [
        ([10.0, 13.0, 10.0, 13.0, 10.0, 13.0], {}, "spread: half of the samples lie 26% of the median apart"),
        ([10.0, 10.0, 10.1, 10.1, 11.0, 11.1, 11.1, 11.2], {}, "drift: the second half of the samples is 10% slower"),
        ([10.0, 10.0], {}, "only 2 samples"),
        (STEADY, {"warm": False}, "warm-up: the passes were still changing"),
        (STEADY, {"cpu_share": 0.02}, "waiting: the model used the CPU for 2% of its runtime; it sleeps"),
        (STEADY, {"other_load": 1.5, "cores": 2}, "load: other programs kept 1.5 of 2 cores busy"),
    ],
)
def test_every_doubt_is_a_sentence(samples, facts, words):
    assert any(words in sentence for sentence in doubts(samples, **facts))


def test_warming_up_ends_when_passes_agree_and_not_before():
    assert not settled([100.0, 60.0, 40.0, 30.0, 25.0, 22.0])
    assert settled([100.0, 60.0, 40.0, 20.0, 20.1, 20.0, 19.9, 20.2, 20.0])


def test_a_slow_first_call_is_noted_and_a_usual_one_is_not():
    assert first_call_note(11.0, 10.0) is None
    assert "95.4 times the median" in str(first_call_note(1033.8, 10.84))
