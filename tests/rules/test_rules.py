"""The shipped rules: every year is there, and what nobody states is marked as unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from srbench.errors import SrbenchError
from srbench.metrics import get_protocol
from srbench.rules import RULES, Rules, get_rules, read_rules

YEARS = ("aim2019-csr", "aim2020-esr", *(f"ntire{year}-esr" for year in range(2022, 2027)))


def test_all_years_are_known() -> None:
    assert RULES.names() == YEARS


@pytest.mark.parametrize("challenge", YEARS)
def test_what_is_unknown_is_marked(challenge: str) -> None:
    rules = get_rules(challenge)
    assert all(rules.status(gap) == "unknown" for gap in rules.gaps())
    assert rules.protocol is not None
    get_protocol(rules.protocol)
    assert rules.scale == 4


def test_a_gap_without_a_mark_is_refused() -> None:
    data = get_rules("ntire2026-esr").model_dump()
    data["timing"]["runs"] = None
    with pytest.raises(ValueError, match=r"timing\.runs is missing and not marked as unknown"):
        Rules.model_validate(data)


def test_a_mark_without_a_gap_is_refused() -> None:
    data = get_rules("ntire2026-esr").model_dump()
    data["marks"]["timing.runs"] = {"status": "unknown"}
    with pytest.raises(ValueError, match="marked as unknown, but there is no gap"):
        Rules.model_validate(data)


def test_weights_are_those_of_the_year() -> None:
    for year, weights in ((2024, "0.7 0.15 0.15"), (2025, "0.7 0.15 0.15"), (2026, "0.8 0.1 0.1")):
        terms = get_rules(f"ntire{year}-esr").track("main").terms
        assert [(t.column, t.weight, t.factor) for t in terms] == [
            (column, Decimal(weight), Decimal(2))
            for column, weight in zip(("runtime", "macs", "params"), weights.split(), strict=True)
        ]


def test_unknown_rules_name_the_nearest() -> None:
    with pytest.raises(SrbenchError, match="did you mean ntire2022-esr"):
        get_rules("ntire2022")


def test_rules_can_be_read_from_a_file(tmp_path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('id = "x"')
    with pytest.raises(SrbenchError, match="breaks the schema of rules"):
        read_rules(file)
