"""Reading and checking the published tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.leaderboard import published
from srbench.leaderboard.values import parse_value, rounding_that_gives, within_rounding
from srbench.paths import leaderboards_dir


def test_shipped_tables_pass_the_check() -> None:
    assert published.check() == []


@pytest.mark.parametrize(
    ("paper", "table", "rows"),
    [("imdn2019", "t5", 39), ("rfdn2020", "t3", 42), ("aidn2022", "t3", 45), ("ntire2022", "esr", 45)],
)
def test_large_tables_have_all_their_rows(paper: str, table: str, rows: int) -> None:
    assert len({c.cell.row_index for c in published.cells([paper], table)}) == rows


def test_load_gives_one_row_per_cell_with_digits_and_number() -> None:
    frame = published.load(["imdn2019"])
    cell = frame.query(
        "table == 't5' and model == 'imdn' and scale == 4 and dataset == 'set5' and metric == 'psnr'"
    ).iloc[0]
    assert (cell.value, cell.number, cell.quantum, cell.unit, cell.marks) == ("32.21", 32.21, 0.01, "dB", "bold")
    params = frame.query("table == 't5' and model == 'drcn' and scale == 2 and metric == 'params'").iloc[0]
    assert (params.value, params.number, params.quantum) == ("1,774K", 1_774_000.0, 1000.0)


def test_costs_of_different_papers_come_in_one_unit() -> None:
    frame = published.load(["imdn2019", "lrfdn2023"])
    times = frame[frame.metric == "runtime"].set_index(["paper", "row", "dataset"]).number
    assert times["imdn2019", "EDSR [18]", "bsd100"] == 5.8
    assert times["lrfdn2023", "LRFDN", "div2k-valid"] == 19.26


def test_unknown_papers_and_tables_are_named_with_the_nearest() -> None:
    with pytest.raises(SrbenchError, match="did you mean imdn2019"):
        published.paper("imdn2018")
    with pytest.raises(SrbenchError, match="unknown table of rfdn2020 't9'"):
        published.cells(["rfdn2020"], "t9")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(leaderboards_dir() / "published" / "lrfdn2023", tmp_path / "published" / "lrfdn2023")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("0.198", "", "value"),
        ("params,0.198", "parameters,0.198", "metric 'parameters' is not one of"),
        ("19.26,none", "19.26,bold", "mark 'bold' has no meaning"),
        ("1,LRFDN,lrfdn,4,,num_conv,56,none,\n", "", "no problem"),
        ("1,LRFDN,", "2,LRFDN,", "rows, paper.toml says 2"),
        ("0,RFDN,e-rfdn,4,,num_conv,64,none,\n", "0,RFDN,e-rfdn,4,,num_conv,64,none,\n" * 2, "a second time"),
        ("row_index,row", "index,row", "header is"),
        (
            "params,0.198,none,\n1,LRFDN,lrfdn,4,,macs,11.23",
            "macs,11.23,none,\n1,LRFDN,lrfdn,4,,params,0.198",
            "is printed before",
        ),
        ("4,,macs", "4,set5,macs", "no column of paper.toml holds macs"),
    ],
)
def test_the_check_names_file_and_line_of_what_is_wrong(copy: Path, old: str, new: str, complaint: str) -> None:
    file = copy / "published" / "lrfdn2023" / "t1.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    problems = published.check(copy)
    if complaint == "no problem":  # one method may lack a cell that the other has
        assert problems == []
    else:
        assert any(complaint in p.text and "t1.csv" in p.where for p in problems), problems


def test_the_check_finds_tables_without_cells_and_cells_without_table(copy: Path) -> None:
    folder = copy / "published" / "lrfdn2023"
    (folder / "t1.csv").rename(folder / "t2.csv")
    assert {p.text for p in published.check(copy)} == {
        "no table of paper.toml has this id",
        "missing, but paper.toml describes Table 1",
    }


@given(st.integers(1, 10**7), st.integers(0, 4))
def test_a_number_prints_and_parses_to_itself(steps: int, decimals: int) -> None:
    text = f"{steps / 10**decimals:,.{decimals}f}"
    value = parse_value(text)
    assert value.number == steps / 10**decimals
    assert value.quantum == pytest.approx(10**-decimals)
    assert within_rounding(value.number, value.number, value.quantum)
    assert rounding_that_gives(value.number, value.number, value.quantum) == "half up"


@pytest.mark.parametrize("text", ["-", "✓", "Yes", "IMDN", "1.2.3", "12 dB"])
def test_cells_without_a_number_stay_text(text: str) -> None:
    assert not parse_value(text).is_number


def test_the_check_knows_the_protocols(copy: Path) -> None:
    file = copy / "published" / "lrfdn2023" / "paper.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("rgb-ntire", "rgb-ntyre"), encoding="utf-8")
    (problem,) = published.check(copy)
    assert "Table 1: unknown protocol 'rgb-ntyre'" in problem.text
