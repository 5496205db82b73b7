"""Ranking by the rules, cases 33 and 42 to 45: exact scores, floors to the digit, the printed table of 2022."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from srbench.challenge import printed
from srbench.rules import Floor, get_rules, ranking

RULES = get_rules("ntire2026-esr")
BASE = ranking.published_baseline(RULES)


def row(name: str, runtime: str, psnr: str = "26.95", test: str = "27.02") -> object:
    values = {"psnr-valid": psnr, "psnr-test": test, "runtime": runtime, "macs": "9.83", "params": "0.150688"}
    return ranking.Row(name, name, {key: Decimal(value) for key, value in values.items()})


def test_33_huge_ratios_are_ranked_exactly_and_published_finite() -> None:
    base = Decimal("7.74")
    rows = [row("a", str(400 * base)), row("b", str(401 * base)), row("c", str(base * Decimal("13.8")))]
    found = ranking.rank(RULES, rows).standing("main")
    assert [place.row.id for place in found.places] == ["c", "a", "b"]
    logs = [place.log_score for place in found.places]
    assert all(value is not None and math.isfinite(value) and value < 1e10 for value in logs)
    assert logs == sorted(logs)
    assert logs[1] == pytest.approx(800 + math.log(0.8))


def test_42_the_table_of_2022_from_its_raw_columns() -> None:
    rules = get_rules("ntire2022-esr")
    given = printed.read_printed(rules)
    first = printed.readings(rules)[0]
    ranked = [place for place in first.ranking.standing("main").places if place.rank is not None]
    assert len(given) == 45
    assert len(ranked) == 35
    assert len(first.ranking.unranked) == 10
    assert all(reasons for _, reasons in first.ranking.unranked)
    of_main = [each for each in first.mismatches if each.track == "main"]
    assert of_main == []
    assert {each.row.title for each in first.mismatches if each.kind == "broken"} <= {"MegSR", "Alpan Team"}


def test_43_rounded_and_strict_floors_give_different_lists() -> None:
    rows = [row("near", "5", "26.8964", "26.9936"), row("above", "6"), row("below", "4", "26.8949", "26.99")]
    rounded = ranking.rank(RULES, rows)
    strict = ranking.rank(RULES, rows, floors=[f.model_copy(update={"decimals": None}) for f in RULES.floors])
    assert [r.id for r in rounded.eligible] == ["near", "above"]
    assert [r.id for r in strict.eligible] == ["above"]
    (reason,) = next(reasons for r, reasons in rounded.unranked if r.id == "below")
    assert (reason.kind, reason.column, reason.found) == ("floor", "psnr-valid", Decimal("26.89"))


@pytest.mark.parametrize(
    ("value", "half_up", "half_even"),
    [("26.8950001", True, True), ("26.895", True, True), ("26.8949999", False, False), ("26.885", False, False)],
)
def test_44_rounding_at_the_half_is_pinned(value: str, half_up: bool, half_even: bool) -> None:
    entry = row("x", "5", value)
    for mode, wanted in (("half-up", half_up), ("half-even", half_even)):
        floor = Floor(column="psnr-valid", value=Decimal("26.90"), decimals=2, rounding=mode)  # type: ignore[arg-type]
        assert (ranking.below(entry, floor) == ()) is wanted


def test_44_the_two_modes_differ_where_the_digit_before_is_even() -> None:
    entry = row("x", "5", "26.885")
    for mode, passes in (("half-up", True), ("half-even", False)):
        floor = Floor(column="psnr-valid", value=Decimal("26.89"), decimals=2, rounding=mode)  # type: ignore[arg-type]
        assert (ranking.below(entry, floor) == ()) is passes


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_45_the_baseline_has_e_squared_everywhere(year: int) -> None:
    rules = get_rules(f"ntire{year}-esr")
    base = ranking.published_baseline(rules)
    for track in rules.tracks:
        assert float(ranking.score(rules, track, base, base)) == math.exp(2)
    main = rules.track("main")
    weights = [Decimal("0.123"), Decimal("0.777"), Decimal("0.1")]
    terms = tuple(term.model_copy(update={"weight": w}) for term, w in zip(main.terms, weights, strict=True))
    assert float(ranking.score(rules, main.model_copy(update={"terms": terms}), base, base)) == math.exp(2)
