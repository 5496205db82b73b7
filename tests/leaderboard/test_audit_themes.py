"""Each theme of the audit: it finds what is wrong, and nothing when the cell is put right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from srbench.leaderboard import published
from srbench.leaderboard.audit import copies, disagree, marks, outliers, ranks
from srbench.leaderboard.audit.finding import Checks, Finding
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.values import parse_value

PAPERS = published.papers()


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
    new = parse_value(value)
    return tuple(
        replace(
            c, cell=c.cell.model_copy(update={"value": value}), value=replace(c.value, text=value, number=new.number)
        )
        if is_it(c)
        else c
        for c in cells
    )


def texts(result: Checks, word: str) -> list[str]:
    return [f.text for f in result.findings if word in f.text]


def one(result: Checks, word: str) -> Finding:
    (found,) = [f for f in result.findings if word in f.text]
    return found


def test_a_value_printed_differently_by_two_papers_names_both() -> None:
    found = one(disagree.check(published.cells(), PAPERS), "lapsrn x4: 6 of 10")
    assert "set14 psnr 28.09 (imdn2019 t5, rfdn2020 t3) against 29.19 (aidn2022 t3)" in found.text
    assert found.verdict == "contradiction"
    assert {c.cell.model for c in found.cells} == {"lapsrn"}


def test_coarser_digits_of_the_same_number_do_not_disagree() -> None:
    assert not texts(disagree.check(published.cells(), PAPERS), "imdn x4: one quantity printed differently: params")
    cells = changed(published.cells(), "0.8M", paper="imdn2019", table="t6", row="IMDN (Ours)", metric="params")
    cells = tuple(replace(c, value=replace(c.value, number=8e5)) if c.cell.value == "0.8M" else c for c in cells)
    assert "0.8M (imdn2019 t6)" in one(disagree.check(cells, PAPERS), "imdn x4: one quantity").text


def test_another_training_explains_a_difference() -> None:
    found = one(disagree.check(published.cells(), PAPERS), "imdn x4: 10 of 10")
    assert (found.verdict, found.explanation) == (
        "explained",
        "rfdn2020 t4 prints other trainings than the main tables",
    )


def test_marks_follow_the_column_ties_included() -> None:
    found = marks.check(published.cells(), PAPERS)
    wrong = one(found, "imdn2019 t5 x4, set14 ssim")
    assert "CARN 0.7806 is marked best but is neither best nor second" in wrong.text
    assert wrong.explanation == "the SSIM carries the mark of the PSNR printed beside it"
    assert not texts(found, "imdn2019 t5 x4, set5 psnr")
    tie = one(found, "imdn2019 t2 x4, set5 ssim")
    assert (tie.verdict, tie.explanation) == (
        "suspicious",
        "a tie of the printed digits, marked as if hidden digits decided it",
    )


def test_a_single_value_that_upsets_all_marks_is_named() -> None:
    found = one(marks.check(published.cells(), PAPERS), "aidn2022 t3 x4, set14 psnr")
    assert found.explanation == "without LapSRN 29.19 the marks hold"


def test_a_mark_turns_wrong_when_a_better_value_appears() -> None:
    cells = changed(published.cells(), "32.30", paper="imdn2019", table="t5", row="CARN", metric="psnr", dataset="set5")
    found = one(marks.check(cells, PAPERS), "imdn2019 t5 x4, set5 psnr")
    assert "CARN 32.30 is marked second but is best" in found.text
    assert "IMDN (Ours) 32.21 is marked best but is second best" in found.text


def test_a_pair_copied_from_another_dataset_is_found_and_gone_when_corrected() -> None:
    found = one(copies.check(published.cells(), PAPERS), "SRResNet [15]: manga109 x2 repeats the pair of set5 x2")
    assert (found.verdict, len(found.cells)) == ("contradiction", 4)
    cells = changed(
        published.cells(),
        "38.58",
        paper="aidn2022",
        table="t3",
        row="SRResNet",
        metric="psnr",
        dataset="manga109",
        scale=2,
    )
    assert not texts(copies.check(cells, PAPERS), "SRResNet [15]: manga109")


def test_entries_with_the_same_costs_are_the_same_network() -> None:
    found = one(copies.check(published.cells(), PAPERS), "TieGuoDun Team")
    assert "RFDN AIM2020 Winner" in found.text
    cells = changed(published.cells(), "27.11", paper="ntire2022", table="esr", row="TieGuoDun Team", metric="macs")
    assert not texts(copies.check(cells, PAPERS), "TieGuoDun Team")


def test_memory_taken_on_other_hardware_does_not_repeat_by_chance() -> None:
    assert "788.13" in one(copies.check(published.cells(), PAPERS), "A100 40G").text


def test_the_printed_outlier_goes_when_the_other_papers_value_takes_its_place() -> None:
    assert len(texts(outliers.check(published.cells()), "LapSRN [14], x4, set14 psnr: 29.19 is printed, 28.0")) == 1
    cells = changed(
        published.cells(), "28.09", paper="aidn2022", table="t3", row="LapSRN", metric="psnr", dataset="set14"
    )
    assert not texts(outliers.check(cells), "x4, set14 psnr")


@pytest.mark.parametrize(("row", "value"), [("MemNet", "29.26"), ("IMDN", "27.58"), ("CARN", "26.60")])
def test_a_decibel_too_many_or_too_few_is_an_outlier_of_its_row(row: str, value: str) -> None:
    cells = changed(published.cells(), value, paper="aidn2022", table="t3", row=row, metric="psnr", dataset="set14")
    assert len([t for t in texts(outliers.check(cells), f"set14 psnr: {value} is printed") if row in t]) == 1


def test_computation_that_does_not_grow_with_the_scale_is_an_outlier() -> None:
    assert len(texts(outliers.check(published.cells()), "computation per parameter")) == 2


def test_ranks_and_sums_of_ntire_2022_hold_but_for_one_tie() -> None:
    found = ranks.check(published.cells())
    assert found.checked == 10 * 35
    (wrong,) = [f for f in found.findings if f.verdict == "contradiction"]
    assert "MegSR and Alpan Team with 18 are ranked 9 and 10" in wrong.text
    assert {f.verdict for f in found.findings if f is not wrong} == {"explained"}


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
    assert any(complaint in f.text and f.verdict == "contradiction" for f in ranks.check(cells).findings)
