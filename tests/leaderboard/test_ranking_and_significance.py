"""Best and second best, ranks, and whether a difference is more than the choice of images."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.leaderboard import significance
from srbench.leaderboard.measured import compare
from srbench.leaderboard.ranking import best_and_second, competition_ranks
from srbench.leaderboard.significance import paired_bootstrap
from srbench.quantities import QUANTITIES, Quantity
from srbench.results.record import QualityRecord

SCORES = st.lists(st.integers(2000, 4000).map(lambda n: n / 100), min_size=1, max_size=30)


def test_equal_digits_share_a_place() -> None:
    assert best_and_second([28.58, 28.60, 28.58, 28.60, 28.1], True) == ("second", "best", "second", "best", None)
    assert best_and_second([3, 1, None, float("nan")], False) == ("second", "best", None, None)
    assert best_and_second([], True) == ()


@given(SCORES)
def test_the_best_is_the_maximum_wherever_it_stands(scores: list[float]) -> None:
    places = best_and_second(scores, True)
    assert {s for s, p in zip(scores, places, strict=True) if p == "best"} == {max(scores)}
    seconds = {s for s, p in zip(scores, places, strict=True) if p == "second"}
    assert seconds == ({max(set(scores) - {max(scores)})} if len(set(scores)) > 1 else set())


@given(SCORES)
def test_a_competition_rank_is_one_more_than_how_many_are_ahead(scores: list[float]) -> None:
    assert list(competition_ranks(scores)) == [1 + sum(other < s for other in scores) for s in scores]


def test_the_interval_of_two_images_is_that_of_all_resamples() -> None:
    a, b = [31.0, 33.0], [30.0, 33.5]
    means = sorted(sum(pair) / 2 for pair in product([1.0, -0.5], repeat=2))
    found = paired_bootstrap(a, b, resamples=20_000, level=0.9)
    assert (found.mean, found.low, found.high) == (0.25, means[0], means[-1])
    assert (found.better, found.worse, found.equal, found.images) == (1, 1, 0, 2)
    assert found.within_noise


@given(SCORES, st.floats(0.01, 2.0))
def test_a_gain_on_every_image_is_never_noise(scores: list[float], gain: float) -> None:
    found = paired_bootstrap([s + gain for s in scores], scores, resamples=200)
    assert not found.within_noise
    assert found.better == found.images
    assert found.low == pytest.approx(gain)
    assert found.high == pytest.approx(gain)


@given(SCORES)
def test_swapping_the_models_turns_the_sign(scores: list[float]) -> None:
    other = list(reversed(scores))
    one, two = paired_bootstrap(scores, other, resamples=500), paired_bootstrap(other, scores, resamples=500)
    assert one.mean == pytest.approx(-two.mean)
    assert (one.low, one.high) == (pytest.approx(-two.high), pytest.approx(-two.low))
    assert one.better == two.worse


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    inside = 0
    for trial in range(200):
        gain = rng.normal(0.1, 0.3, size=100)
        found = paired_bootstrap(gain.tolist(), [0.0] * 100, resamples=400, seed=trial)
        inside += found.low <= 0.1 <= found.high
    assert 180 <= inside <= 199


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0], [1.0, 2.0]), ([float("inf")], [1.0])])
def test_scores_that_do_not_pair_are_refused(a: list[float], b: list[float]) -> None:
    with pytest.raises(SrbenchError, match="paired scores"):
        paired_bootstrap(a, b)


def test_two_results_are_compared_image_by_image(make_result: Callable[..., QualityRecord]) -> None:
    a = make_result(per_image=[32.0, 33.0, 34.0])
    b = make_result("carn", per_image=[31.9, 33.1, 33.8])
    found = compare(a, b)
    assert found.mean == pytest.approx(0.2 / 3)
    assert str(found).endswith("better on 2 of 3 images")
    with pytest.raises(SrbenchError, match="not measured on the same images"):
        compare(a, make_result("carn", per_image=[31.0, 33.0]))
    with pytest.raises(SrbenchError, match="protocols differ"):
        compare(a, make_result("carn", per_image=[1.0, 2.0, 3.0], protocol={"id": "rgb@1"}))


def test_where_lower_is_better_a_lower_value_is_the_gain(make_result: Callable[..., QualityRecord]) -> None:
    def with_values(record: QualityRecord, values: list[float]) -> QualityRecord:
        rows = (row.model_copy(update={"values": {"error": v}}) for row, v in zip(record.images, values, strict=True))
        return record.model_copy(update={"images": tuple(rows)})

    with QUANTITIES.scoped() as registry:
        registry.add(Quantity("error", "Error", "sr+hr", "nowhere:at_all", direction="lower"))
        a, b = with_values(make_result(), [1.0] * 5), with_values(make_result("carn"), [3.0] * 5)
        found = compare(a, b, "error")
    assert (found.mean, found.better) == (2.0, 5)


def test_a_draw_that_is_kept_and_one_in_parts_give_the_same_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = [30.0, 31.5, 29.25, 33.125, 28.0], [30.5, 31.0, 29.0, 33.0, 27.5]
    whole = significance.paired_bootstrap(a, b, resamples=1000)
    assert significance.paired_bootstrap(a, b, resamples=1000) == whole
    monkeypatch.setattr(significance, "KEPT", 0)
    monkeypatch.setattr(significance, "AT_ONCE", 64)
    assert significance.paired_bootstrap(a, b, resamples=1000) == whole
