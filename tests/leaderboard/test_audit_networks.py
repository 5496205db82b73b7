"""Costs, claims and runtimes: what the registered networks say about the printed numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from srbench.cli.audit import command as audit_command
from srbench.cli.leaderboard import command as leaderboard_command
from srbench.errors import CheckFailed, SrbenchError
from srbench.leaderboard import audit, bibliography, published
from srbench.leaderboard.audit import claims, costs, networks, runtimes
from srbench.leaderboard.audit.claim_data import Claim, Selector
from srbench.leaderboard.audit.finding import Finding

PAPERS = published.papers()


def rows(paper: str, table: str, *models: str) -> tuple[published.PrintedCell, ...]:
    return tuple(c for c in published.cells([paper], table) if c.cell.model in models)


def x4(found: list[Finding], word: str) -> Finding:
    (one,) = [f for f in found if word in f.text and f.cells[0].cell.scale == 4]
    return one


def test_the_flops_beside_imdns_parameters_are_those_of_the_challenge_baseline() -> None:
    found = x4(costs.check(rows("aidn2022", "t3", "imdn"), PAPERS).findings, "58.53G")
    assert found.verdict == "contradiction"
    assert found.explanation == "imdn-baseline gives 58.5315 G"


def test_the_flops_beside_rfdns_parameters_are_those_of_five_blocks_of_e_rfdn() -> None:
    found = costs.check(rows("aidn2022", "t3", "rfdn"), PAPERS).findings
    assert [f.explanation.partition(" gives")[0] for f in found] == ["e-rfdn with 5 blocks"] * 3


def test_8k_parameters_of_srcnn_are_its_other_configuration_and_cut_digits_are_told() -> None:
    assert (
        x4(costs.check(rows("imdn2019", "t5", "srcnn"), PAPERS).findings, "8K").explanation == "srcnn-915 gives 8,129"
    )
    cut = x4(costs.check(rows("rfdn2020", "t5", "srresnet"), PAPERS).findings, "1.517 M parameters")
    assert (cut.verdict, cut.explanation) == ("explained", "srresnet has 1,517,571; the printed digits are cut off")


@pytest.mark.parametrize(
    ("paper", "table", "models"),
    [
        ("imdn2019", "t2", ("imdn-b4-plain", "imdn-b4-prm", "imdn-b4-prm-cca", "imdn-b4")),
        ("imdn2019", "t5", ("imdn", "carn", "idn", "srmdnf")),
        ("rfdn2020", "t3", ("rfdn", "rfdn-l")),
        ("rfdn2020", "t5", ("e-rfdn",)),
        ("aidn2022", "t3", ("aidn",)),
        ("lrfdn2023", "t1", ("lrfdn", "e-rfdn")),
        ("ntire2022", "esr", ("arfdn", "e-rfdn", "imdn-baseline")),
    ],
)
def test_networks_that_give_their_printed_costs_leave_no_finding(
    paper: str, table: str, models: tuple[str, ...]
) -> None:
    result = costs.check(rows(paper, table, *models), PAPERS)
    assert result.findings == []
    assert result.checked >= len(models)


def test_rows_that_are_off_by_one_ratio_become_one_finding() -> None:
    found = costs.check(rows("aidn2022", "t3", "vdsr", "memnet", "drcn"), PAPERS).findings
    together = [f for f in found if "one common ratio" in f.text]
    assert [f.figures["rows"] for f in together] == [3, 3, 3]
    assert all(f.verdict == "suspicious" for f in together)


def test_unregistered_networks_are_listed_as_unchecked() -> None:
    cells = tuple(
        replace(c, cell=c.cell.model_copy(update={"model": "nobody"})) for c in rows("lrfdn2023", "t1", "lrfdn")
    )
    result = costs.check(cells, PAPERS)
    assert (result.checked, result.findings) == (0, [])
    assert "nobody x4" in result.unchecked[0]


def claim(**changes: object) -> Claim:
    data: dict[str, object] = {
        "id": "c", "where": "Section 1", "says": "said", "kind": "percent less", "number": "84",
        "a": {"table": "t3", "model": "aidn", "scale": 4, "metric": "params"},
        "b": {"table": "t3", "model": "srresnet", "scale": 4, "metric": "params"},
    }  # fmt: skip
    return Claim.model_validate({**data, **changes})


def test_84_percent_fewer_parameters_hold_for_four_blocks_not_for_the_printed_ones() -> None:
    found = claims._judge(claim(), "aidn2022")
    assert found is not None
    assert "the cells give 77.7 %" in found.text
    assert found.explanation == "would hold for arfdn and srresnet (84.1 %)"
    assert claims._judge(claim(number="78"), "aidn2022") is None


def test_four_blocks_of_the_text_are_six_in_the_tables() -> None:
    data = {"kind": "blocks", "a": {"table": "t3", "model": "aidn", "metric": "params"}, "b": None}
    found = claims._judge(claim(number="4", **data), "aidn2022")
    assert found is not None
    assert found.figures == {"claimed": 4, "fitting": 6}
    assert "4 blocks are arfdn" in found.explanation
    assert claims._judge(claim(number="6", **data), "aidn2022") is None


def test_ahead_on_all_datasets_counts_losses_and_ties() -> None:
    data = {"kind": "better", "number": "", "b": None, "metrics": ["psnr", "ssim"], "than": ["IMDN [10]"]}
    found = claims._judge(claim(a={"table": "t4", "row": "RFDN"}, **data), "rfdn2020")
    assert found is not None
    assert (found.figures, found.verdict) == ({"compared": 10, "behind": 0, "ties": 2}, "suspicious")


def test_arrows_are_checked_against_their_columns() -> None:
    data = {"kind": "trend", "number": "", "b": None, "a": {"table": "t2"}}
    assert claims._judge(claim(**data), "rfdn2020") is None
    arrows = [claims._arrow(v) for v in ([1, 2, 3], [3, 2], [1, 3, 2], [3, 1, 2], [1, 1], [1, 3, 1, 3])]
    assert arrows == ["↑", "↓", "∧", "∨", "", ""]


def test_a_claim_that_selects_nothing_or_lacks_a_part_is_refused() -> None:
    assert Selector(table="t3", model="nobody").cells("aidn2022") == ()
    with pytest.raises(ValidationError, match="needs b"):
        claim(b=None)
    with pytest.raises(ValidationError, match="is not a number"):
        claim(kind="equal", b=None, number="many")


def test_runtimes_above_the_peak_of_the_gpu_are_impossible() -> None:
    found = runtimes.check(rows("imdn2019", "t6", "edsr"), PAPERS).findings
    rates = [f for f in found if "TFLOP/s" in f.text]
    assert [round(float(f.figures["share of peak"])) for f in rates] == [14, 96, 131]
    assert any("urban100 (5.0 times the pixels) in 0.00416" in f.text for f in found)


def test_runtimes_in_seconds_instead_would_be_possible() -> None:
    cells = tuple(
        replace(c, value=replace(c.value, number=c.value.number * 1000)) for c in rows("imdn2019", "t6", "imdn")
    )
    assert not [f for f in runtimes.check(cells, PAPERS).findings if "TFLOP/s" in f.text]


def test_a_gpu_that_nobody_sold_is_named_with_its_neighbours() -> None:
    (found,) = runtimes.check((), (published.paper("aidn2022"),)).findings
    assert (found.papers, found.cells) == (("aidn2022",), ())
    assert "'NVIDIA GTX 1060Ti GPU'" in found.text
    assert "GTX 1060" in found.explanation


def test_unknown_papers_and_kinds_are_refused() -> None:
    with pytest.raises(SrbenchError, match="did you mean aidn2022"):
        audit.run(["aidn2021"])
    with pytest.raises(SrbenchError, match="unknown kind of finding 'rank'; did you mean ranks"):
        audit.run(kinds=["rank"])


@pytest.fixture(scope="module")
def printed_audit() -> str:
    outcome = CliRunner().invoke(audit_command, [])
    assert outcome.exit_code == 0
    return outcome.stdout


def test_the_audit_prints_findings_by_kind_with_counts(printed_audit: str) -> None:
    for heading in audit.KINDS.values():
        assert f"{heading}: " in printed_audit
    assert "58.53G" in printed_audit
    assert "6 blocks give the printed ones" in printed_audit


def test_findings_of_named_papers_have_a_cell_of_them_and_the_head_says_who_else_takes_part() -> None:
    outcome = CliRunner().invoke(audit_command, ["imdn2019", "--kinds", "disagreement,copy,marks", "--cells"])
    head, *_ = outcome.stdout.splitlines()
    assert head.startswith("Findings in which a cell of imdn2019 takes part; in ")
    assert "rfdn2020" in head
    for finding in outcome.stdout.split("\n  [")[1:]:
        assert "- imdn2019 " in finding


def test_json_findings_carry_cells_and_verdict() -> None:
    outcome = CliRunner().invoke(audit_command, ["aidn2022", "--kinds", "copy,outlier", "--json"])
    report = json.loads(outcome.stdout)
    assert list(report["checked"]) == ["copy", "outlier"]
    assert all("aidn2022" in f["papers"] and f["cells"] and f["verdict"] in audit.VERDICTS for f in report["findings"])


def test_strict_fails_while_a_finding_is_open() -> None:
    outcome = CliRunner().invoke(audit_command, ["ntire2022", "--kinds", "ranks", "--strict"])
    assert isinstance(outcome.exception, CheckFailed)
    assert CliRunner().invoke(audit_command, ["lrfdn2023", "--kinds", "ranks", "--strict"]).exit_code == 0


def test_the_network_of_a_cell_is_counted_once() -> None:
    networks.counts("imdn", 4, (256, 256))
    before = networks.counts.cache_info().misses
    networks.counts("imdn", 4, (256, 256))
    assert networks.counts.cache_info().misses == before


def test_every_row_printed_with_a_citation_has_an_entry_and_so_have_the_cards() -> None:
    from srbench.models.registry import cards

    assert bibliography.check() == []
    known = bibliography.entries()
    assert {c.paper for c in cards()} <= set(known)
    assert bibliography.row_key("SRCNN [4]") == bibliography.row_key("SRCNN [3]") == "srcnn2014"
    file = bibliography.bibtex(["imdn2019", "carn2018", "imdn2019"])
    assert [line.partition("{")[2].rstrip(",") for line in file.splitlines() if line.startswith("@")] == [
        "carn2018",
        "imdn2019",
    ]
    with pytest.raises(SrbenchError, match="unknown BibTeX key 'carn2019'; did you mean carn2018"):
        bibliography.bibtex(["carn2019"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["check"], "published tables with"),
        (["show"], "imdn2019"),
        (["show", "--paper", "aidn2022"], "Table"),
        (["show", "--paper", "lrfdn2023", "--table", "t1"], "86.18"),
    ],
)
def test_the_leaderboard_verbs_print(arguments: list[str], expected: str) -> None:
    outcome = CliRunner().invoke(leaderboard_command, arguments)
    assert outcome.exit_code == 0
    assert expected in outcome.stdout


def test_a_table_as_json_carries_digits_and_state() -> None:
    outcome = CliRunner().invoke(
        leaderboard_command, ["show", "--paper", "imdn2019", "--table", "t7", "--states", "--json"]
    )
    cells = json.loads(outcome.stdout)
    assert len(cells) == 15
    assert cells[0]["value"] == "112K"
    assert cells[0]["number"] == 112_000.0
    assert cells[0]["state"] == "published only" or cells[0]["measured"] is not None


def test_the_check_fails_on_a_damaged_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from srbench.leaderboard import measured

    (tmp_path / "cut.json").write_text('{"schema": ', encoding="utf-8")
    monkeypatch.setattr(measured, "folder_or_default", lambda folder: tmp_path)
    outcome = CliRunner().invoke(leaderboard_command, ["check", "--json"])
    assert isinstance(outcome.exception, CheckFailed)
    assert "cut.json" in json.loads(outcome.stdout)["problems"][0]["where"]


def test_parameters_grow_evenly_with_the_blocks() -> None:
    evenly = networks.params_by_blocks("aidn", 4, 6)
    assert evenly == {blocks: networks.params("aidn", 4, blocks) for blocks in range(1, 7)}
    assert (evenly[4], evenly[6]) == (241_548, 339_498)
