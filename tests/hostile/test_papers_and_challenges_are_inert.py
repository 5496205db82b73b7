"""One hostile title through what goes into papers and through what a challenge writes: nothing in it acts."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parent))
from test_output_is_inert import ACTS, TITLES, _Page

from srbench.challenge import standing, tables
from srbench.cli import choose
from srbench.cli.challenge._import_view import text_table
from srbench.printable import spreadsheet_cell
from srbench.report import challenge_page, challenge_table
from srbench.report.formats import FORMATS
from srbench.report.handin import api
from srbench.rules import get_rules
from tests.fuzz import seeds

RULES = get_rules("ntire2026-esr")


def folder_with(title: str, folder: Path) -> Path:
    for name, sound in (("mine.json", seeds.quality()[0]), ("costs/mine.json", seeds.costs()[0])):
        data = json.loads(sound)
        data["model"]["title"] = title
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(json.dumps(data), encoding="utf-8")
    return folder


def outcome_with(title: str, folder: Path) -> standing.Outcome:
    data = json.loads(seeds.RANKED_JSON)
    file = folder / "results.json"
    file.write_text(json.dumps({"00_Base": data["00_Base"], f"01_{title}": data["01_A"]}), encoding="utf-8")
    rows, base = tables.with_baseline(tables.read_rows(file, RULES), None, RULES)
    return standing.outcome_of_rows(rows, RULES, base)


def check(text: str, name: str) -> None:
    assert text.encode("utf-8")
    if name == "json":
        json.loads(text)
        return
    assert not ACTS.search(text)
    if name == "csv":
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if re.match(r"\s*[=+@]", cell)]
    if name == "markdown":
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines}) == 1
        assert not re.search(r"(?<!\\)<(?!u>|/u>)", text)
    if name == "latex":
        assert not re.search(r"\\input|\\frac", text)
    if name == "html":
        page = _Page()
        page.feed(text)
        assert (page.scripts, page.handlers) == (0, [])


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_tables_for_papers(title: str, tmp_path: Path) -> None:
    made = api.table(folder_with(title, tmp_path))
    for name in FORMATS.names():
        check(made.text(name), name)
    assert not ACTS.search(str(made))
    assert "<script>alert" not in made._repr_html_()
    assert not ACTS.search(made.bibtex())


@pytest.mark.parametrize("title", TITLES[::4], ids=ascii)
def test_figures_for_papers(title: str, tmp_path: Path) -> None:
    drawn = api.plot(folder_with(title, tmp_path), x="params").bytes_of("svg").decode("utf-8")
    assert "<script" not in drawn


@pytest.mark.parametrize("title", TITLES[1::3], ids=ascii)
def test_a_choice(title: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        choose.command, [str(folder_with(title, tmp_path)), "--max-params", "1M", "--size", "64x64", "--dataset", "own"]
    )
    assert done.exit_code == 0, done.output
    assert not ACTS.search(done.output)
    if "red" in title and "\x1b" not in title:
        assert "[red]" in done.output


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_what_a_challenge_writes(title: str, tmp_path: Path) -> None:
    outcome, usual = outcome_with(title, tmp_path), outcome_with("A", tmp_path)
    header, rows = challenge_table.overview(outcome)
    for name in ("table", "csv", "markdown"):
        check(text_table(header, rows, name), name)
    check(challenge_table.as_csv(outcome), "csv")
    check(challenge_table.as_latex(outcome), "latex")
    check(challenge_table.organisers_json(outcome), "json")
    pages = []
    for one in (outcome, usual):
        page = _Page()
        text = challenge_page.html(one)
        page.feed(text)
        pages.append((page.scripts, page.handlers))
        assert not ACTS.search(text.replace("\r", "\n"))  # an end of a line, to a page
    assert pages[0] == pages[1]


def test_titles_that_begin_a_line_of_a_challenge(tmp_path: Path) -> None:
    text = text_table(["Entry"], [["=1+1"], ["\\| x"], [" +1"]], "csv")
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == [
        spreadsheet_cell(cell) for cell in ("=1+1", "\\| x", " +1")
    ]
