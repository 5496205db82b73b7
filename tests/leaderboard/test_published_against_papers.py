"""Every number of a printed table stands in the data, and the data hold no number that is not printed."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from srbench.leaderboard import published

SHARED = Path(os.environ.get("SRBENCH_TEST_PAPERS", Path(__file__).resolve().parents[3] / "shared"))

# table -> (how it begins in the text, how the text after it begins, header lines, cells that label a row)
TABLES: dict[str, tuple[str, str, int, int]] = {
    "imdn2019/t1": ("**Table 1:", "**3.2.1", 1, 1),
    "imdn2019/t2": ("**Table 2:", "**Table 3", 2, 4),
    "imdn2019/t3": ("**Table 3:", "**4.3.2", 1, 1),
    "imdn2019/t4": ("**Table 4:", "**4.3.3", 1, 1),
    "imdn2019/t5": ("**Table 5:", "**Table 6", 2, 2),
    "imdn2019/t6": ("**Table 6:", "Figure 8", 2, 2),
    "imdn2019/t7": ("Table 7:", "Figure 9", 1, 1),
    "rfdn2020/t1": ("Table 1: Inv", "Table 2: Inv", 1, 1),
    "rfdn2020/t2": ("Table 2: Inv", "4.3 Model", 1, 1),
    "rfdn2020/t3": ("Table 3: Average", "Table 4: Perf", 2, 1),
    "rfdn2020/t4": ("Table 4: Perf", "RFDN, we train", 1, 1),
    "rfdn2020/t5": ("Table 5: AIM", "5 CONCLUSION", 1, 1),
    "aidn2022/t1": ("Table 1. Comparison", "Table 2. Inv", 1, 2),
    "aidn2022/t2": ("Table 2. Inv", "of parameters. but", 1, 1),
    "aidn2022/t3": ("Table 3. Comparison", "Figure 5", 1, 1),
    "lrfdn2023/t1": ("**Experimental results.", "Table 1. Comparison", 1, 1),
}
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?[KMG]?(?![\w.])")


def printed_lines(paper: str, table: str) -> list[str]:
    file = SHARED / "papers" / f"{paper}.txt"
    if not file.is_file():
        pytest.skip(f"no papers at {SHARED} (set SRBENCH_TEST_PAPERS)")
    begin, end, header, _ = TABLES[f"{paper}/{table}"]
    text = file.read_text(encoding="utf-8")
    start = text.index(begin)
    lines = [line for line in text[start : text.index(end, start)].splitlines()[1:] if "\t" in line]
    return [line for line in lines[header:] if not line.startswith("Scale")]


def numbers_in(text: str) -> list[str]:
    return NUMBER.findall(re.sub(r"</?[bu]>|\$[^$]*\$", " ", text))


@pytest.mark.parametrize("name", TABLES)
def test_every_printed_number_is_in_the_data_once_and_nothing_else(name: str) -> None:
    paper, table = name.split("/")
    labels = TABLES[name][3]
    printed: Counter[str] = Counter()
    for line in printed_lines(paper, table):
        printed.update(numbers_in(" ".join(line.split("\t")[labels:])))
    kept = Counter(c.cell.value for c in published.cells([paper], table) if c.value.is_number)
    assert kept == printed


@pytest.mark.parametrize("name", TABLES)
def test_every_number_stands_in_the_row_and_the_order_it_is_printed_in(name: str) -> None:
    paper, table = name.split("/")
    transposed = published.paper(paper).table(table).orientation == "columns"
    for index, line in enumerate(printed_lines(paper, table)):
        printed = numbers_in(" ".join(line.split("\t")[TABLES[name][3] :]))
        scale = index + 2  # a table with methods as columns has a row per scale
        mine = [c for c in published.cells([paper], table) if c.value.is_number]
        row = [c for c in mine if (c.cell.scale == scale if transposed else c.cell.row_index == index)]
        assert [c.cell.value for c in row] == printed


@pytest.mark.parametrize("name", [n for n in TABLES if n != "imdn2019/t7"])
def test_rows_keep_the_order_of_printing_and_their_labels(name: str) -> None:
    paper, table = name.split("/")
    lines = [re.sub(r"[\\$*]", "", line) for line in printed_lines(paper, table)]
    rows = {c.cell.row_index: c.cell for c in published.cells([paper], table)}
    assert list(rows) == list(range(len(lines)))
    for line, cell in zip(lines, rows.values(), strict=True):
        assert all(word in line for word in cell.row.split())


@pytest.mark.parametrize("name", [n for n in TABLES if n.startswith(("imdn2019/t5", "aidn2022/t3", "aidn2022/t1"))])
def test_marked_numbers_are_the_marked_ones_of_the_text(name: str) -> None:
    paper, table = name.split("/")
    text = "\n".join(printed_lines(paper, table))
    for tag, mark in (("b", "bold"), ("u", "underline")):
        marked = Counter(n for span in re.findall(rf"<{tag}>(.*?)</{tag}>", text) for n in numbers_in(span))
        assert Counter(c.cell.value for c in published.cells([paper], table) if c.cell.mark == mark) == marked


def test_the_table_of_ntire_2022_is_the_organisers_field_by_field() -> None:
    source = SHARED / "facts" / "ntire2022_esr.csv"
    if not source.is_file():
        pytest.skip(f"no table of NTIRE 2022 at {SHARED}")
    with source.open(encoding="utf-8") as handle:
        lines = list(csv.DictReader(handle))
    cells = published.cells(["ntire2022"], "esr")
    for index, line in enumerate(lines):
        mine = [c.cell for c in cells if c.cell.row_index == index]
        assert {c.row for c in mine} == {line.pop("team")}
        assert Counter(c.value for c in mine) == Counter(v for v in line.values() if v)
        assert {c.metric: c.value for c in mine}["macs"] == line["flops_g"]
    assert len(lines) == 45
