"""``srbench choose``: bounds on any quantity, the front, and what is said where nothing fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from srbench.cli.choose import _nothing
from srbench.errors import SrbenchError
from srbench.quantities import get_quantity
from srbench.report.handin.budget import parse_amount, parse_bound
from srbench.report.handin.choose import Budget, Candidate, Choice, _nearest

Srbench = Callable[..., Any]


def test_bounds_hold_as_values_are_printed() -> None:
    least = parse_bound("min-psnr", "31.9")
    assert least.holds(31.896)
    assert not least.holds(31.894)
    most = parse_bound("max-macs", "20G")
    assert most.holds(20e9)
    assert not most.holds(20e9 + 1)


@pytest.mark.parametrize("text", ["", "much", "nan", "inf", "20Q", "2 0"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(SrbenchError, match="is no amount of MACs"):
        parse_amount(text, get_quantity("macs"))


def test_models_within_bounds_and_the_front_first(srbench: Srbench, stored: Path) -> None:
    answer = srbench("choose", stored, "--max-macs=1T", "--min-psnr", "32", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["dataset"] == "Set5"
    assert found["front_of"] == ["psnr", "macs"]
    assert {row["model"] for row in found["models"]} == {"imdn", "rfdn", "lrfdn"}
    assert all(row["psnr"] >= 32 and row["macs"] <= 1e12 for row in found["models"])
    front = [row["on_front"] for row in found["models"]]
    assert front == sorted(front, reverse=True)
    assert next(row for row in found["models"] if row["model"] == "rfdn")["trained_by_us"]


def test_nothing_that_fits_names_the_nearest_and_is_exit_code_3(srbench: Srbench, stored: Path) -> None:
    answer = srbench("choose", stored, "--min-psnr", "40", "--scale", "4")
    assert answer.code == 3
    assert "PSNR at least 40.00 dB is missed by 3" in answer.err
    assert "Nearest: RFDN" in answer.err


def test_an_unknown_quantity_and_a_missing_amount_are_one_sentence(srbench: Srbench, stored: Path) -> None:
    srbench("choose", stored, "--max-mac", "5G").one_sentence("unknown quantity 'mac'", "did you mean macs?")
    assert srbench("choose", stored, "--max-macs").code == 2


def test_what_was_not_timed_keeps_no_bound_of_runtime() -> None:
    bounds = (parse_bound("max-params", "200K"), parse_bound("max-runtime", "50"))
    never_timed = Candidate("large", "Large", {"params": 212e3})
    slow, slower = (
        Candidate(name, name.title(), {"params": 1e5, "runtime": ms}) for name, ms in (("a", 60), ("b", 90))
    )
    known = _nearest((never_timed, slower, slow), bounds)
    assert [(one.name, bound.quantity.name) for one, bound in known] == [("a", "runtime"), ("b", "runtime")]
    choice = Choice("Set5", get_quantity("psnr"), get_quantity("runtime"), (), {}, known, ("C",), timed=(slow, slower))
    budget = Budget(bounds, 4, (64, 64))
    assert _nothing(choice, budget).startswith("none of the 2 models that were timed fits. Nearest: A misses only ")
    unknown = replace(choice, nearest=_nearest((never_timed,), bounds), untimed=(), timed=())
    assert "Large misses Params at most 200K, with 212K (Runtime not measured)" in _nothing(unknown, budget)
