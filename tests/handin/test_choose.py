"""``srbench choose``: bounds on any quantity, the front, and what is said where nothing fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srbench.errors import SrbenchError
from srbench.quantities import get_quantity
from srbench.report.handin.budget import parse_amount, parse_bound

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
