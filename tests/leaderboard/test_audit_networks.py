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
from srbench.leaderboard.audit import claims, costs, runtimes
from srbench.leaderboard.audit.claim_data import Claim, Selector
from srbench.leaderboard.audit.finding import Checks, Finding, Material
from srbench.leaderboard.causes import networks
from srbench.leaderboard.schema import Paper

PAPERS = published.papers()
IMDN_PAPER = (published.paper("imdn2019"),)


def rows(paper: str, table: str, *models: str) -> tuple[published.PrintedCell, ...]:
    return tuple(c for c in published.cells([paper], table) if c.cell.model in models)


def check_costs(*of: tuple[published.PrintedCell, ...]) -> Checks:
    return costs.run(Material(tuple(c for cells in of for c in cells), PAPERS))


def only(found: list[Finding], word: str) -> Finding:
    (one,) = [f for f in found if word in f.text]
    return one


def test_the_flops_beside_imdns_parameters_are_those_of_the_challenge_baseline() -> None:
    found = only(check_costs(rows("aidn2022", "t3", "imdn")).findings, "58.53G")
    assert found.verdict == "contradiction"
    assert found.cause == "imdn-baseline has 58.5315 G"


def test_the_flops_beside_rfdns_parameters_are_those_of_five_blocks_of_e_rfdn() -> None:
    (found,) = check_costs(rows("aidn2022", "t3", "rfdn")).findings
    assert [c.cell.value for c in found.cells] == ["32.07G", "32.51G", "33.13G"]
    assert "e-rfdn with 5 blocks" in found.headline


def test_8k_parameters_of_srcnn_are_its_other_configuration_and_cut_digits_are_told() -> None:
    (found,) = check_costs(rows("imdn2019", "t5", "srcnn")).findings
    assert (found.cause, len(found.cells)) == ("srcnn-915 has 8,129", 3)
    (cut,) = check_costs(rows("rfdn2020", "t5", "srresnet")).findings
    assert (cut.verdict, cut.severity) == ("explained", "rounding")
    assert cut.cause == "srresnet has 1,517,571; the printed digits are cut off"


def test_weights_without_biases_explain_four_rows_where_cut_digits_explain_three() -> None:
    x4 = tuple(
        c for c in rows("aidn2022", "t3", "fsrcnn", "vdsr", "drrn-b1u25", "memnet")
        if c.cell.scale == 4 and c.cell.metric == "params"
    )  # fmt: skip
    (found,) = check_costs(x4).findings
    assert "without their biases" in found.headline
    assert len(found.cells) == 4


def test_quoted_figures_are_recognised_by_the_rounded_ratio_of_areas() -> None:
    found = only(check_costs(published.cells(["aidn2022"], "t3")).findings, "15.10G")
    assert len(found.cells) == 20
    (srcnn,) = [case for case in found.cases if "33.78G" in case]  # not cut off, as 33.7851 would be
    assert "52.7 G, the cost of srcnn at HR 1280x720, divided by 1.56" in srcnn
    (lapsrn,) = [case for case in found.cases if "8.57G" in case]
    assert "HR 640x360, divided by 3.49" in lapsrn


def test_the_rows_of_imdns_table_7_are_counted_at_output_positions_with_their_omissions() -> None:
    found = check_costs(published.cells(["imdn2019"], "t7")).findings
    by_row = {row: [f for f in found if any(c.method == row for c in f.cells)] for row in ("CARN", "EDSR-b", "IMDN")}
    assert "one 3x3 convolution instead of two" in by_row["CARN"][0].cause
    assert "without its last convolution" in by_row["EDSR-b"][0].cause
    assert "every weight of imdn at every LR position" in by_row["IMDN"][0].cause
    unknown = [f for f in found if "cause unknown" in f.headline]
    assert [c.cell.value for f in unknown for c in f.cells] == ["76K", "76K", "175K", "75K"]


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
    result = check_costs(rows(paper, table, *models))
    assert result.findings == []
    assert result.checked >= len(models)


def test_unregistered_networks_are_listed_as_unchecked() -> None:
    cells = tuple(
        replace(c, cell=c.cell.model_copy(update={"model": "nobody"})) for c in rows("lrfdn2023", "t1", "lrfdn")
    )
    result = check_costs(cells)
    assert (result.checked, result.findings) == (0, [])
    assert result.unchecked == [] or "nobody x4" in result.unchecked[0]


def claim(**changes: object) -> Claim:
    data: dict[str, object] = {
        "id": "c", "where": "Section 1", "says": "said", "kind": "percent less", "number": "84",
        "a": {"table": "t3", "model": "aidn", "scale": 4, "metric": "params"},
        "b": {"table": "t3", "model": "srresnet", "scale": 4, "metric": "params"},
    }  # fmt: skip
    return Claim.model_validate({**data, **changes})


def test_84_percent_fewer_parameters_hold_for_four_blocks_not_for_the_printed_ones() -> None:
    found = claims.judge(claim(), "aidn2022")
    assert found is not None
    assert "the cells give 77.7 %" in found.given
    assert (found.cause, found.instead) == ("would hold for arfdn and srresnet (84.1 %)", "arfdn")
    assert claims.judge(claim(number="78"), "aidn2022") is None


def test_four_blocks_of_the_text_are_six_in_the_tables() -> None:
    data = {"kind": "blocks", "a": {"table": "t3", "model": "aidn", "metric": "params"}, "b": None}
    found = claims.judge(claim(number="4", **data), "aidn2022")
    assert found is not None
    assert found.figures == {"claimed": 4, "fitting": 6}
    assert "4 blocks are arfdn" in found.cause
    assert claims.judge(claim(number="6", **data), "aidn2022") is None


def test_ahead_on_all_datasets_counts_losses_and_ties() -> None:
    data = {"kind": "better", "number": "", "b": None, "metrics": ["psnr", "ssim"], "than": ["IMDN [10]"]}
    found = claims.judge(claim(a={"table": "t4", "row": "RFDN"}, **data), "rfdn2020")
    assert found is not None
    assert (found.figures, found.verdict) == ({"compared": 10, "behind": 0, "ties": 2}, "suspicious")


def test_arrows_are_checked_against_their_columns() -> None:
    data = {"kind": "trend", "number": "", "b": None, "a": {"table": "t2"}}
    assert claims.judge(claim(**data), "rfdn2020") is None
    arrows = [claims._arrow(v) for v in ([1, 2, 3], [3, 2], [1, 3, 2], [3, 1, 2], [1, 1], [1, 3, 1, 3])]
    assert arrows == ["↑", "↓", "∧", "∨", "", ""]


def test_a_claim_that_selects_nothing_or_lacks_a_part_is_refused() -> None:
    assert Selector(table="t3", model="nobody").cells("aidn2022") == ()
    with pytest.raises(ValidationError, match="needs b"):
        claim(b=None)
    with pytest.raises(ValidationError, match="is not a number"):
        claim(kind="equal", b=None, number="many")


def check_clocks(cells: tuple[published.PrintedCell, ...], papers: tuple[Paper, ...] = PAPERS) -> Checks:
    return runtimes.run(Material(cells, papers))


def test_runtimes_far_above_the_peak_are_impossible_and_nearer_ones_suspicious() -> None:
    (found,) = check_clocks(published.cells(["imdn2019"], "t6"), IMDN_PAPER).findings
    assert (found.id, found.verdict) == ("imdn2019-t6-clock", "contradiction")
    assert found.figures["TFLOP/s"] == pytest.approx(1597, abs=1)
    words = {case.partition(":")[0]: case.rpartition(": ")[2] for case in found.cases if "TFLOP/s" in case}
    assert words["imdn2019 t6, IMDN (Ours), x4, manga109 runtime"].startswith("suspicious")  # 2.5 times, Winograd
    assert words["imdn2019 t6, CARN [2], x4, urban100 runtime"] == "impossible"  # 4.1 times
    assert "RCAN" not in {c.method for c in found.cells}
    assert "RCAN" in found.computed


def test_runtimes_in_seconds_instead_would_be_possible() -> None:
    cells = tuple(
        replace(c, value=replace(c.value, number=c.value.number * 1000 * (4 if c.cell.dataset != "bsd100" else 1)))
        for c in rows("imdn2019", "t6", "imdn")
    )
    assert not check_clocks(cells, IMDN_PAPER).findings


def test_a_gpu_that_nobody_sold_is_named_with_its_neighbours() -> None:
    (found,) = check_clocks((), (published.paper("aidn2022"),)).findings
    assert (found.papers, found.cells) == (("aidn2022",), ())
    assert "'NVIDIA GTX 1060Ti GPU'" in found.text
    assert "GTX 1060" in found.cause


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


def test_the_audit_fits_two_screens_and_starts_with_the_key_fact(printed_audit: str) -> None:
    lines = printed_audit.splitlines()
    assert len(lines) <= 48
    assert lines[0].startswith("29 of the ")
    assert printed_audit.index("sentence of the paper falls") < printed_audit.index("a ranking or a mark falls")
    assert "58.53G" in printed_audit
    findings = [line for line in lines if line.startswith("  ●")]
    assert findings
    assert all(line.endswith("]") for line in findings)  # the name under which a finding is shown whole


def test_one_finding_is_shown_with_all_that_it_rests_on() -> None:
    outcome = CliRunner().invoke(audit_command, ["aidn2022-t3-srresnet-x2-manga109-copied"])
    for word in ("printed:", "computed:", "probably:", "what falls:"):
        assert word in outcome.stdout
    missing = CliRunner().invoke(audit_command, ["aidn2022-t3-srresnet-x2-manga109-copy"])
    assert isinstance(missing.exception, SrbenchError)
    assert "did you mean aidn2022-t3-srresnet-x2-manga109-copied" in str(missing.exception)


def test_findings_of_a_paper_suspect_one_of_its_cells() -> None:
    report = json.loads(CliRunner().invoke(audit_command, ["imdn2019", "--kinds", "cost,copy,marks", "--json"]).stdout)
    assert report["findings"]
    assert all("imdn2019" in f["papers"] for f in report["findings"])


def test_json_findings_carry_cells_severity_and_verdict() -> None:
    outcome = CliRunner().invoke(audit_command, ["aidn2022", "--kinds", "copy,outlier", "--json"])
    report = json.loads(outcome.stdout)
    assert list(report["checked"]) == ["copy", "outlier"]
    for finding in report["findings"]:
        assert "aidn2022" in finding["papers"]
        assert finding["cells"]
        assert finding["severity"] in audit.SEVERITIES
        assert finding["verdict"] in audit.VERDICTS


def test_only_the_severities_that_are_asked_for() -> None:
    report = json.loads(
        CliRunner().invoke(audit_command, ["--kinds", "ranks", "--severity", "rounding", "--json"]).stdout
    )
    assert {f["severity"] for f in report["findings"]} == {"rounding"}


def test_strict_fails_while_a_finding_is_open() -> None:
    outcome = CliRunner().invoke(audit_command, ["ntire2022", "--kinds", "ranks", "--strict"])
    assert isinstance(outcome.exception, CheckFailed)
    assert CliRunner().invoke(audit_command, ["lrfdn2023", "--kinds", "ranks", "--strict"]).exit_code == 0


def test_a_plug_in_adds_a_check_in_a_few_lines() -> None:
    def round_numbers(material: Material) -> Checks:
        cells = tuple(c for c in material.cells if c.cell.metric == "params" and c.cell.value.endswith("00K"))
        finding = Finding("round", "digits", "rounding", "suspicious", f"{len(cells)} round", "p", "c", cells=cells)
        return Checks([finding] if cells else [], len(material.cells))

    with audit.CHECKS.scoped():
        audit.CHECKS.add(audit.Check("round-numbers", "digits", "Round numbers of parameters", round_numbers))
        report = audit.run(kinds=["digits"])
        assert list(report.checked) == ["digits"]
    assert "digits" not in audit.run(kinds=["ranks"]).checked


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
