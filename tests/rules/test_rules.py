"""The shipped rules: every year is there, and what nobody states is marked as unknown."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.cli.main import app
from srbench.errors import SrbenchError
from srbench.metrics import get_protocol
from srbench.rules import RULES, Rules, get_rules, read_rules, source_of

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
    with pytest.raises(SrbenchError, match="breaks the schema of rules: id: String") as raised:
        read_rules(file)
    missing = "title, short, year, sources, scale, baseline, datasets, columns, timing"
    assert f"Also missing: {missing}." in str(raised.value)
    file.write_text('colour = "blue"')
    with pytest.raises(SrbenchError, match=r"Also wrong: colour: is no key of the rules \(did you mean columns"):
        read_rules(file)


WRONG = {
    'protocol = "rgb-ntire@1"|protocol = "rgb-foo@9"': "protocol: unknown protocol 'rgb-foo@9'",
    'quantity = "params"|quantity = "weights"': "columns, params: unknown quantity 'weights'",
    'dataset = "valid"|dataset = "vaild"': "rules: 'vaild' named, but not among the datasets valid, test.",
    "runs = 5|rums = 5": "timing.rums: is no key of the rules (did you mean runs?).",
    "scale = 4|scale = 4\nsources = []": "sources: expected at least one.",
}


@pytest.mark.parametrize("change", WRONG)
def test_what_is_wrong_in_rules_of_ones_own_is_said_plainly(change: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    old, new = change.split("|")
    source = source_of("ntire2024-esr")
    assert source is not None
    text = source.read_text(encoding="utf-8")
    assert old in text
    if new.endswith("[]"):
        text = "\n".join(line for line in text.splitlines() if not line.startswith("sources"))
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    result = CliRunner().invoke(app, ["challenge", "rules", str(file)])
    assert (result.exit_code, WRONG[change] in str(result.exception)) == (1, True), result.exception


@pytest.mark.parametrize("year", [rules.id for rules in RULES])
def test_the_verb_shows_rules_and_prints_the_start_of_ones_own(year: str, tmp_path: Path) -> None:
    def call(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["challenge", "rules", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    rules, mine, text = get_rules(year), tmp_path / "mine.toml", call(year)
    mine.write_text(call(year, "--format", "toml"), encoding="utf-8")
    assert read_rules(mine) == rules
    assert call(str(mine)) == text
    assert call(str(mine), "--format", "toml") == mine.read_text(encoding="utf-8")
    assert json.loads(call(year, "--json"))["id"] == year
    wanted = [*(f"at least {f.value}" for f in rules.floors), *(t.title for t in rules.tracks), *rules.timing.timed]
    assert [piece for piece in wanted if piece not in text] == []


def test_rules_of_a_package_have_no_file() -> None:
    with RULES.scoped():
        RULES.add(get_rules("ntire2024-esr").model_copy(update={"id": "of-a-package"}))
        result = CliRunner().invoke(app, ["challenge", "rules", "of-a-package", "--format", "toml"])
    assert "have no TOML file" in str(result.exception)
