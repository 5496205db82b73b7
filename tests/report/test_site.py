"""All reports at once: specs, the site, the check of committed tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from paper_samples import load
from test_papers import check_latex
from test_run_page import parse

from srbench.cli.report import command
from srbench.errors import CheckFailed, SrbenchError
from srbench.report import site, specs
from srbench.report.pages import genealogy as genealogy_page
from srbench.report.papers import Data, load_data, selected


@pytest.fixture(scope="module")
def shipped() -> Data:
    return load_data()


def test_every_spec_names_tables_and_rows_that_exist(shipped: Data) -> None:
    names = specs.spec_names()
    assert {"imdn2019", "rfdn2020", "aidn2022", "lrfdn2023", "ntire2022", "zoo"} <= set(names)
    for name in names:
        spec = specs.load_spec(name)
        if spec.kind == "paper":
            assert site.text(spec, shipped, "csv")
            check_latex(site.text(spec, shipped, "latex"))
            printed = {c.printed.cell.row for c in shipped.comparisons if c.printed.paper == spec.paper}
            left_out = {row for figure in spec.figures for row in figure.leave_out}
            assert all(any(row.startswith(name) for row in printed) for name in left_out)


def test_forms_that_compute_the_same_may_be_left_out(shipped: Data) -> None:
    spec = specs.load_spec("zoo").model_copy(update={"origins": ("released",), "datasets": (), "lr": ()})
    every, once = (
        {record.model.name for record in selected(each, shipped).quality}
        for each in (spec, spec.model_copy(update={"equivalents": False}))
    )
    assert {"ecbsr-m4c16", "ecbsr-et-m4c16"} <= every
    assert "ecbsr-m4c16" in once
    assert "ecbsr-et-m4c16" not in once


@pytest.mark.parametrize(("name", "rows"), [("imdn2019", 39), ("rfdn2020", 42), ("aidn2022", 45), ("ntire2022", 45)])
def test_the_main_tables_have_all_their_rows(shipped: Data, name: str, rows: int) -> None:
    from srbench.report.papers import build

    assert max(len(table.rows) for table in build(specs.load_spec(name), shipped).tables) == rows


def test_what_is_read_for_one_paper_gives_its_pages_as_all_of_it_does(shipped: Data) -> None:
    spec, pages = specs.load_spec("lrfdn2023"), []
    few = load_data(papers=("lrfdn2023",))
    assert {c.printed.paper for c in few.comparisons} == {"lrfdn2023"}
    for data in (shipped, few):
        made = site.Site()
        site.add_report(made, spec, data)
        site.add_index(made, data)
        pages.append(made.pages)
    assert pages[0] == pages[1]


def test_an_unknown_report_gets_a_suggestion() -> None:
    with pytest.raises(SrbenchError, match="did you mean imdn2019"):
        specs.load_spec("imdn2109")


def test_a_broken_spec_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "x.toml").write_text('name = "x"\nkind = "poem"\ntitle = "X"\n', encoding="utf-8")
    with pytest.raises(SrbenchError, match=r"breaks the schema of report specs: kind"):
        specs.load_spec("x", tmp_path)


def reports_folder(tmp_path: Path) -> tuple[Path, Data]:
    """A reports/ folder with one spec of measured results, and its data."""
    root = tmp_path / "reports"
    (root / "specs").mkdir(parents=True)
    (root / "specs" / "mini.toml").write_text(
        'name = "mini"\nkind = "measured"\ntitle = "Mini"\nmodels = ["imdn"]\n', encoding="utf-8"
    )
    return root, load(tmp_path)[1]


def test_check_fails_with_a_diff_when_a_committed_table_would_change(tmp_path: Path) -> None:
    root, data = reports_folder(tmp_path)
    assert {path.name for path in site.update(["mini"], data, root)} == {"tables.md", "tables.csv"}
    site.check(["mini"], data, root)
    table = root / "mini" / "tables.md"
    table.write_text(table.read_text(encoding="utf-8").replace("32.21", "32.99"), encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"1 committed tables? would change") as failure:
        site.check(["mini"], data, root)
    assert failure.value.exit_code == 3
    assert "-| IMDN | imdn.released | 715K | 40.9G | 32.99/0.8948 |" in str(failure.value)
    assert "+| IMDN | imdn.released | 715K | 40.9G | 32.21/0.8948 |" in str(failure.value)
    assert site.update(["mini"], data, root) == [table]


def test_a_missing_committed_table_fails_the_check(tmp_path: Path) -> None:
    root, data = reports_folder(tmp_path)
    with pytest.raises(CheckFailed, match=r"mini/tables\.md, mini/tables\.csv"):
        site.check(["mini"], data, root)


def test_a_spec_of_measured_results_takes_only_what_it_names(tmp_path: Path) -> None:
    root, data = reports_folder(tmp_path)
    assert "rfdn" not in site.text(specs.load_spec("mini", root), data, "csv")


def test_pages_are_under_three_megabytes_and_the_index_leads_to_all(shipped: Data) -> None:
    pages = site.Site()
    for name in ("imdn2019", "zoo"):
        site.add_report(pages, specs.load_spec(name), shipped)
    site.add_index(pages)
    assert all(len(page) < 3_000_000 for page in pages.pages.values())
    index = str(pages.pages["index.html"])
    parse(index)
    assert 'href="imdn2019.html"' in index
    assert 'href="zoo.html"' in index


def test_every_page_is_told_of_when_it_is_written(tmp_path: Path) -> None:
    said: list[str] = []
    site.write(site.Site(pages={"a.html": "x", "figures/a.svg": "x"}), tmp_path, said.append)
    assert said == [f"wrote {tmp_path / 'a.html'}"]


def test_the_genealogy_names_every_block_and_model() -> None:
    html, words = genealogy_page.html()
    parse(html)
    assert words.endswith("models")
    for part in ("distillation-frame", "ESA", "LRFDN", "IMDN"):
        assert part in html


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_without_a_name_the_reports_are_listed() -> None:
    assert "imdn2019" in run()
    assert {entry["name"] for entry in json.loads(run("--json"))} >= {"zoo", "ntire2022"}


@pytest.mark.parametrize(
    ("fmt", "start"), [("latex", r"\begin{filecontents*}"), ("markdown", "# LRFDN"), ("csv", "paper,table")]
)
def test_text_formats_go_to_stdout(fmt: str, start: str) -> None:
    assert run("lrfdn2023", "--format", fmt).startswith(start)


def test_json_is_json_and_out_writes_files(tmp_path: Path) -> None:
    assert json.loads(run("lrfdn2023", "--format", "json"))["report"] == "lrfdn2023"
    run("lrfdn2023", "--format", "markdown", "--out", str(tmp_path))
    assert (tmp_path / "lrfdn2023.md").read_text(encoding="utf-8").startswith("# LRFDN")
