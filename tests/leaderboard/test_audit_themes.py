"""Each check of the audit: it finds what is wrong, and nothing when the cell is put right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from srbench.leaderboard import audit, published
from srbench.leaderboard.audit import (
    channels,
    copies,
    crossmarks,
    digits,
    disagree,
    marks,
    memory,
    outliers,
    ranks,
    readings,
)
from srbench.leaderboard.audit.finding import Checks, Finding, Material
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.values import parse_value

PAPERS = published.papers()


def of(cells: tuple[PrintedCell, ...] | None = None) -> Material:
    """All published cells, or those given, as the checks get them."""
    return Material(published.cells() if cells is None else cells, PAPERS)


def changed(
    cells: tuple[PrintedCell, ...],
    value: str,
    *,
    paper: str,
    table: str,
    row: str,
    metric: str,
    dataset: str = "",
    scale: int = 4,
) -> tuple[PrintedCell, ...]:
    """The published cells with one of them printed as ``value``."""

    def is_it(c: PrintedCell) -> bool:
        where = (c.paper, c.table, c.method, c.cell.metric, c.cell.dataset, c.cell.scale)
        return where == (paper, table, row, metric, dataset, scale)

    assert sum(map(is_it, cells)) == 1

    def new(c: PrintedCell) -> float:
        own = parse_value(c.cell.value)
        factor = c.value.number / own.number if c.value.is_number else 1.0
        return parse_value(value).number * factor

    return tuple(
        replace(c, cell=c.cell.model_copy(update={"value": value}), value=replace(c.value, text=value, number=new(c)))
        if is_it(c)
        else c
        for c in cells
    )


def one(result: Checks, word: str) -> Finding:
    """The finding whose id, headline or cases speak of ``word``."""
    found = with_word(result, word)
    assert len(found) == 1, [f.id for f in result.findings]
    return found[0]


def with_word(result: Checks, word: str) -> list[Finding]:
    return [f for f in result.findings if word in " ".join((f.id, f.headline, f.printed, f.computed, *f.cases))]


AIDN_T3 = {"paper": "aidn2022", "table": "t3"}
IMDN_T5 = {"paper": "imdn2019", "table": "t5"}


def test_a_block_of_a_table_that_differs_in_many_cells_is_another_lineage() -> None:
    found = one(disagree.run(of()), "lineage")
    assert (found.id, found.verdict, found.figures["cells"]) == ("aidn2022-t3-x4-lineage", "contradiction", 20)
    assert {(c.paper, c.table, c.cell.scale) for c in found.cells} == {("aidn2022", "t3", 4)}


def test_a_value_far_from_the_others_is_a_slip_of_its_own_with_the_digits_that_would_fit() -> None:
    found = one(disagree.run(of()), "aidn2022-t3-lapsrn-x4-set14-psnr")
    assert found.headline == "AIDN T3: LapSRN x4 set14 psnr is 29.19, 28.09 elsewhere"
    assert found.cause == "one digit is wrong: 28.19 would fit"
    cells = changed(published.cells(), "28.09", **AIDN_T3, row="LapSRN", metric="psnr", dataset="set14")
    assert not with_word(disagree.run(of(cells)), "aidn2022-t3-lapsrn-x4-set14-psnr")


def test_coarser_digits_of_the_same_number_do_not_disagree() -> None:
    assert not with_word(disagree.run(of()), "IMDN x4 params")
    cells = changed(published.cells(), "0.8M", paper="imdn2019", table="t6", row="IMDN (Ours)", metric="params")
    assert "0.8M" in one(disagree.run(of(cells)), "0.8M").printed


def test_another_training_explains_a_difference() -> None:
    found = one(disagree.run(of()), "rfdn2020-t4-retrained")
    assert found.verdict == "explained"
    assert {c.method for c in found.cells} == {"IMDN", "RFDN"}


def test_the_key_fact_counts_disagreements_of_papers() -> None:
    fact = audit.run(kinds=["disagreement"]).key_fact
    assert fact is not None
    assert (fact.table, fact.inside, fact.scale) == ("AIDN T3", 29, 4)


def test_marks_follow_the_column_ties_included() -> None:
    found = marks.run(of())
    wrong = one(found, "imdn2019-t5-marks")
    assert any("CARN 0.7806 is marked best but is neither best nor second" in case for case in wrong.cases)
    assert "the SSIM carries the marks that its PSNR earns" in wrong.cause
    assert not any("x4 set5 psnr" in case for case in wrong.cases)
    ties = one(found, "marks-ties")
    assert (ties.verdict, ties.severity) == ("suspicious", "rounding")
    assert any("✓ ✓ × 0.8934 is best without a mark" in case for case in ties.cases)


def test_a_single_value_that_upsets_all_marks_is_evidence_against_it() -> None:
    found = one(marks.run(of()), "aidn2022-t3-lapsrn-x4-set14-unmarked")
    assert found.symptom
    assert [c.cell.value for c in found.cells] == ["29.19"]


def test_a_mark_turns_wrong_when_a_better_value_appears() -> None:
    cells = changed(published.cells(), "32.30", **IMDN_T5, row="CARN", metric="psnr", dataset="set5")
    (case,) = [c for c in one(marks.run(of(cells)), "imdn2019-t5-marks").cases if c.startswith("x4 set5 psnr")]
    assert "CARN 32.30 is marked second but is best" in case
    assert "IMDN (Ours) 32.21 is marked best but is second best" in case


def test_tables_of_one_paper_that_mark_a_cell_differently_are_found_and_gone_when_marked_alike() -> None:
    found = one(crossmarks.run(of()), "aidn2022-t1-t3-marks-differ")
    assert found.figures["cells"] == 6
    marks_of = {
        (c.method, c.cell.scale, c.cell.dataset, c.cell.metric): c.cell.mark
        for c in published.cells(["aidn2022"], "t3")
    }  # fmt: skip
    alike = tuple(
        replace(
            c,
            cell=c.cell.model_copy(
                update={"mark": marks_of.get((c.method, c.cell.scale, c.cell.dataset, c.cell.metric), c.cell.mark)}
            ),
        )
        if (c.paper, c.table) == ("aidn2022", "t1")
        else c
        for c in published.cells()
    )
    assert not crossmarks.run(of(alike)).findings


def test_a_pair_copied_from_another_dataset_is_found_and_gone_when_corrected() -> None:
    found = one(copies.run(of()), "aidn2022-t3-srresnet-x2-manga109-copied")
    assert (found.verdict, found.severity, len(found.cells)) == ("contradiction", "ranking", 3)
    assert "AIDN T1" in found.computed  # prints the copied number again
    cells = changed(
        published.cells(), "38.58", **AIDN_T3, row="SRResNet", metric="psnr", dataset="manga109", scale=2
    )  # fmt: skip
    assert not with_word(copies.run(of(cells)), "srresnet-x2-manga109-copied")


def test_entries_with_the_same_costs_are_the_same_network() -> None:
    assert "RFDN AIM2020 Winner" in one(copies.run(of()), "TieGuoDun Team").headline
    cells = changed(published.cells(), "27.11", paper="ntire2022", table="esr", row="TieGuoDun Team", metric="macs")
    assert not with_word(copies.run(of(cells)), "TieGuoDun Team")


def test_memory_taken_on_other_hardware_does_not_repeat_by_chance() -> None:
    assert "788.13" in one(copies.run(of()), "A100 40G").headline


@pytest.mark.parametrize(("row", "value"), [("MemNet", "29.26"), ("IMDN", "27.58"), ("CARN", "26.60")])
def test_a_decibel_too_many_or_too_few_is_an_outlier_of_its_row(row: str, value: str) -> None:
    cells = changed(published.cells(), value, **AIDN_T3, row=row, metric="psnr", dataset="set14")
    assert with_word(outliers.run_rows(of(cells)), f"{row} x4 set14 psnr {value} does not fit its row")


def test_the_printed_outlier_goes_when_the_other_papers_value_takes_its_place() -> None:
    assert with_word(outliers.run_rows(of()), "LapSRN x4 set14 psnr 29.19 does not fit")
    cells = changed(published.cells(), "28.09", **AIDN_T3, row="LapSRN", metric="psnr", dataset="set14")
    assert not with_word(outliers.run_rows(of(cells)), "LapSRN x4 set14 psnr")


def test_computation_that_does_not_grow_with_the_scale_is_an_outlier() -> None:
    assert len(with_word(outliers.run_scales(of()), "LapSRN")) == 2


def test_an_ssim_that_its_psnr_does_not_promise_is_found_with_its_distance() -> None:
    found = one(outliers.run_pairs(of()), "ssim-srresnet-x2-manga109")
    assert float(found.figures["z"]) == pytest.approx(33, abs=1)
    assert float(one(outliers.run_pairs(of()), "ssim-lapsrn-x4-set14").figures["z"]) == pytest.approx(27.5, abs=1)
    cells = changed(
        published.cells(), "0.9768", **AIDN_T3, row="SRResNet", metric="ssim", dataset="manga109", scale=2
    )  # fmt: skip
    assert not with_word(outliers.run_pairs(of(cells)), "ssim-srresnet-x2-manga109")


def test_padded_digits_are_told_from_chance() -> None:
    found = one(digits.run_padded(of()), "padded-fsrcnn")
    assert (found.figures["zeros"], found.figures["of"]) == (13, 15)
    assert float(found.figures["p"]) == pytest.approx(8.6e-12, rel=0.01)
    unpadded = tuple(
        replace(c, cell=c.cell.model_copy(update={"value": c.cell.value[:-1] + str(1 + i % 9)}))
        if c.cell.metric == "ssim"
        else c
        for i, c in enumerate(published.cells())
    )
    assert not digits.run_padded(of(unpadded)).findings


def test_rows_ranked_in_opposite_ways_by_psnr_and_ssim_and_a_swap_of_digits() -> None:
    found = digits.run_inversions(of())
    swap = one(found, "swap-memnet-lapsrn-x2-manga109")
    assert "37.72" in swap.headline
    assert "37.27" in swap.headline
    assert one(found, "inversion-pairs").figures["pairs"] == 9
    clean = of(published.cells(["imdn2019"], "t2"))
    assert not digits.run_inversions(clean).findings
    cells = changed(clean.cells, "0.8990", paper="imdn2019", table="t2", row="× × ×", metric="ssim", dataset="manga109")
    assert not digits.run_inversions(of(cells)).findings
    cells = changed(clean.cells, "0.9070", paper="imdn2019", table="t2", row="× × ×", metric="ssim", dataset="manga109")
    assert digits.run_inversions(of(cells)).findings


def test_set14_holds_two_conventions_and_one_once_the_older_rows_are_raised() -> None:
    found = one(readings.run_grey(of()), "set14-grey-image")
    assert found.figures["grey cost"] == pytest.approx(0.0944, abs=5e-5)
    assert {"SRCNN", "IDN", "SRMDNF"} <= {c.method for c in found.cells}
    assert {"CARN", "EDSR-baseline", "RCAN"} <= {c.method for c in found.beside}
    assert "36 of 36 printed cells of bicubic come out exactly with that image in full range" in found.computed
    older = {c.method for c in found.cells}
    raised = tuple(
        replace(c, value=replace(c.value, number=c.value.number + 0.12))
        if (c.cell.dataset, c.cell.metric) == ("set14", "psnr") and c.method in older
        else c
        for c in published.cells(["imdn2019"], "t5")
    )
    assert not readings.run_grey(of(raised)).findings


def test_rows_that_need_another_crop_are_found_in_our_measurements() -> None:
    found = readings.run_crops(of(published.cells(["etds2023"])))
    assert found.findings
    assert {c.paper for f in found.findings for c in f.cells} == {"etds2023"}
    assert not readings.run_crops(of(published.cells(["imdn2019"]))).findings


def test_less_memory_for_larger_images_is_found_and_gone_when_it_grows() -> None:
    found = one(memory.run(of()), "imdn2019-t6-memory")
    assert "25 % more pixels" in found.headline
    assert "42 to 77 %" in found.headline
    assert one(memory.run(of()), "imdn2019-t4-memory-size").cells
    cells = tuple(
        replace(c, value=replace(c.value, number=c.value.number * 3))
        if (c.paper, c.table, c.cell.metric, c.cell.dataset) == ("imdn2019", "t6", "memory", "manga109")
        else c
        for c in published.cells()
    )
    assert not with_word(memory.run(of(cells)), "imdn2019-t6-memory")


def test_the_growth_of_macs_reveals_the_channels() -> None:
    found = channels.run_slope(of())
    rfdn, imdn = one(found, "aidn2022-t3-rfdn-channels"), one(found, "aidn2022-t3-imdn-channels")
    assert float(rfdn.figures["channels by MACs"]) == pytest.approx(49.9, abs=0.05)
    assert float(rfdn.figures["channels by parameters"]) == pytest.approx(48, abs=1e-6)
    assert float(imdn.figures["channels by MACs"]) == pytest.approx(626, abs=1)
    assert "impossible" in imdn.computed
    assert not with_word(found, "aidn2022-t3-aidn")


def test_macs_and_parameters_of_one_row_have_the_density_of_its_network() -> None:
    found = channels.run_density(of())
    assert with_word(found, "aidn2022-t3-imdn-x4-density")
    assert not with_word(found, "aidn2022-t3-imdn-x2-density")


def test_ranks_and_sums_of_ntire_2022_hold_but_for_one_tie_of_scores_and_two_of_parameters() -> None:
    found = ranks.run(of())
    assert found.checked == 10 * 35
    tie = one(found, "sub1-rank-tie")
    assert "MegSR and Alpan Team with 18 are ranked 9 and 10" in tie.cases[0]
    order = one(found, "ties-in-table-order")
    assert {c.cell.row for c in order.cells} == {"ByteESR", "Aselsan Research", "Super", "Alpan Team"}
    assert any("317,218 and 316,552" in case for case in order.cases)
    rest = [f for f in found.findings if f not in (tie, order)]
    assert {f.verdict for f in rest} == {"explained"}


@pytest.mark.parametrize(
    ("metric", "value", "complaint"),
    [
        ("sub2_score", "71", "sub2_score is printed 71, 15 + 3 + 4 + 23 + 25 is 70"),
        ("params_rank", "4", "HiImageTeam is printed 4, 0.242 gives 3"),
        ("main_rank", "16", "HiImageTeam is printed 16, 47.75 gives 15"),
    ],
)
def test_a_wrong_rank_or_sum_is_named(metric: str, value: str, complaint: str) -> None:
    cells = changed(published.cells(), value, paper="ntire2022", table="esr", row="HiImageTeam", metric=metric)
    assert [f for f in with_word(ranks.run(of(cells)), complaint) if f.verdict == "contradiction"]


def test_entries_ranked_below_the_stated_floor_are_named() -> None:
    found = one(ranks.run_floor(of()), "ntire2022-esr-floor")
    assert {c.cell.row for c in found.cells} == {
        "TieGuoDun Team", "NJUST_ESR", "cceNBgdd", "NJUST_RESTORARION", "NJU_MCG", "neptune",
    }  # fmt: skip
    raised = tuple(
        replace(c, value=replace(c.value, number=29.0))
        if c.paper == "ntire2022" and c.cell.dataset == "div2k-valid" and c.cell.metric == "psnr"
        else c
        for c in published.cells()
    )
    assert not ranks.run_floor(of(raised)).findings


def test_symptoms_become_evidence_of_the_cause_of_their_cells() -> None:
    report = audit.run(["aidn2022"])
    lapsrn = report.get("aidn2022-t3-lapsrn-x4-set14-psnr")
    assert lapsrn.severity == "ranking"
    assert [case for case in lapsrn.cases if case.startswith("also: ") and "SSIM" in case]
    assert not [f for f in report.findings if f.id.startswith("ssim-lapsrn")]
    order = [list(audit.SEVERITIES).index(f.severity) for f in report.findings]
    assert order == sorted(order)


def test_what_is_read_first_is_the_gravest_finding_of_each_kind() -> None:
    named = [("a", "claim"), ("b", "claim"), ("c", "copy"), ("d", "marks")]
    findings = tuple(Finding(ident, kind, "claim", "contradiction", ident, "p", "c") for ident, kind in named)
    report = audit.Report(findings, {}, ())
    assert [f.id for f in report.strongest(3)] == ["a", "c", "d"]
    assert [f.id for f in report.strongest(9)] == ["a", "c", "d", "b"]
