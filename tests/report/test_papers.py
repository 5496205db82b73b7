"""A paper's tables in three views, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from paper_samples import SPEC, load
from samples import record
from test_run_page import parse

from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import PublishedCell
from srbench.leaderboard.values import parse_value
from srbench.report import figures, latex, pairs, paper_page, paper_text, paper_visuals, papers
from srbench.report.formats import FORMATS
from srbench.report.grid import Block, Grid, Span, plain
from srbench.report.layout import like_printed, parts_of
from srbench.report.papers import Data, Report
from srbench.report.specs import VisualSpec


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Data]:
    return load(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def report(toy: tuple[Report, Data]) -> Report:
    return toy[0]


def printed(text: str, unit: str = "") -> PrintedCell:
    cell = PublishedCell(row_index=0, row="A", model="", scale=4, dataset="", metric="params", value=text, mark="none")
    return PrintedCell("p", "t", cell, parse_value(text, unit))


@pytest.mark.parametrize(
    ("text", "unit", "number", "shown", "difference"),
    [
        ("32.21", "dB", 32.2104, "32.21", "+32.21"),
        ("715K", "", 715_176, "715K", "+715K"),
        ("1,592K", "", 1_591_939, "1,592K", "+1,592K"),
        ("0.433", "M", 433_448, "0.433", "+0.433"),
        ("27.10", "G", 27_102_600_000, "27.10", "+27.10"),
        ("0.00285", "s", 2.9, "0.00290", "+0.00290"),
    ],
)
def test_our_values_take_the_digits_of_the_printed_ones(
    text: str, unit: str, number: float, shown: str, difference: str
) -> None:
    assert like_printed(printed(text, unit), number) == shown
    assert like_printed(printed(text, unit), number, signed=True) == difference


def test_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    assert like_printed(printed("32.21", "dB"), -0.001, signed=True) == "0.00"
    assert like_printed(printed("32.21", "dB"), -0.04, signed=True) == "−0.04"


def test_the_layout_is_the_papers(report: Report) -> None:
    table = report.tables[0]
    assert [row.leads for row in table.rows] == [
        ("Old_net [1]", "×4"),
        ("IMDN (Ours)", "×4"),
        ("RFDN [2]", "×4"),
        ("AIDN [3]", "×4"),
    ]
    assert [(cell.text, cell.subs) for cell in table.header] == [("Params", ("",)), ("Set5", ("PSNR / SSIM",))]


def test_a_turned_table_has_methods_as_columns_and_scales_as_rows(report: Report) -> None:
    table = report.tables[1]
    assert [head.text for head in table.header] == ["A [1]", "B [2]"]
    assert [row.leads for row in table.rows] == [("×2",), ("×3",)]


def test_states_and_views_of_cells(report: Report) -> None:
    shown = {
        (part.comparison.printed.cell.row, part.comparison.printed.cell.metric): (part.state, *part.texts.values())
        for part in parts_of(report.tables[0])
    }
    assert shown["IMDN (Ours)", "psnr"] == ("reproduced", "32.21", "32.21", "0.00")
    assert shown["IMDN (Ours)", "ssim"] == ("off", "0.8949", "0.8948", "−0.0001")
    assert shown["RFDN [2]", "psnr"] == ("off", "32.24", "32.20", "−0.04")
    assert shown["RFDN [2]", "params"] == ("reproduced", "550K", "550K", "0K")
    assert shown["AIDN [3]", "psnr"] == ("weights unavailable", "32.10", "–", "–")
    assert shown["Old_net [1]", "psnr"] == ("published only", "32.00", "–", "–")


def written(report: Report, fmt: str, view: str = "printed") -> str:
    """The tables in a format."""
    made = paper_text.export("rows", "T", "", report.tables, view)  # type: ignore[arg-type]
    return FORMATS.get(fmt).text(made)


def test_marks_stand_as_printed_and_those_of_the_digits_beside(report: Report) -> None:
    text = written(report, "markdown")
    assert "| RFDN \\[2] | ×4 | 550K | 32.24 / 0.8952 |" in text
    assert "| Old\\_net \\[1] | ×4 | 1,592K | **32.00** / 0.8900 |" in text
    assert "| IMDN (Ours) | ×4 | 715K | 32.21 / **0.8949** |" in text
    earned = {
        (part.comparison.printed.method, part.comparison.printed.cell.metric): part.computed
        for part in parts_of(report.tables[0])
    }
    assert (earned["RFDN", "psnr"], earned["IMDN (Ours)", "psnr"], earned["Old_net", "psnr"]) == ("best", "second", "")
    assert "Mark: Old\\_net \\[1], ×4, set5 psnr: bold (best) in print, computed neither best nor second." in text
    assert "Mark: RFDN \\[2], ×4, set5 psnr: not marked in print, computed best." in text
    assert "IMDN (Ours), ×4, set5 psnr: " not in text


def test_best_and_second_within_noise_carry_a_quiet_mark(report: Report) -> None:
    noisy = {part.comparison.printed.cell.row: part.noise for part in parts_of(report.tables[0]) if part.noise}
    assert set(noisy) == {"IMDN (Ours)", "RFDN [2]"}
    assert "IMDN minus RFDN +0.010" in noisy["IMDN (Ours)"]
    assert "better on 1 of 2 images" in noisy["IMDN (Ours)"]


def test_models_that_differ_alike_on_every_image_are_beyond_noise() -> None:
    (pair,) = pairs.neighbours([record("imdn", 32.2), record("rfdn", 32.1)])
    assert (pair.better, pair.worse) == ("IMDN", "RFDN")
    assert not pair.difference.within_noise
    assert pairs.neighbours([record("imdn", None, 1.0), record("rfdn", 32.1)]) == []


def test_csv_and_json_have_every_number_once(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(written(report, "csv"))))
    assert len(rows) == 16
    assert len(json.loads(written(report, "json"))["cells"]) == 16
    imdn = next(row for row in rows if row["row"] == "IMDN (Ours)" and row["metric"] == "psnr")
    assert (imdn["printed"], imdn["measured"], imdn["difference"]) == ("32.21", "32.2104", "0.0004")
    assert imdn["file"].endswith(".json")


def test_the_page_links_every_number_to_where_it_comes_from(toy: tuple[Report, Data]) -> None:
    report, data = toy
    html = paper_page.html(report, papers.draw(SPEC, data), data)
    page = parse(html)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids)
    assert not re.search(r'src="(https?:)?//', html)
    held = json.loads(html.split('id="numbers">')[1].split("</script>")[0])
    known = [
        dict(zip(held["fields"], (held["texts"][place] for place in places), strict=False))
        for places in held["numbers"]
    ]
    (ours,) = (fact for fact in known if fact["what"] == "PSNR set5 ×4" and fact.get("how", "").startswith("32.2104"))
    assert (ours["state"], ours["measured"], ours["difference"]) == ("reproduced", "32.21", "0.00")
    assert ours["how"] == "32.2104 (imdn.released, y-matlab@1)"
    assert ours["source"] in page.ids
    assert "off by −0.04" in html
    assert html == paper_page.html(report, papers.draw(SPEC, data), data)


# --- LaTeX


def check_latex(text: str) -> None:
    """Braces balance, specials are escaped, and every row has as many cells as the table has columns."""
    body = re.sub(r"\\begin\{filecontents\*\}.*?\\end\{filecontents\*\}", "", text, flags=re.DOTALL)
    assert re.sub(r"\\[{}]", "", body).count("{") == re.sub(r"\\[{}]", "", body).count("}")
    for table in re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", body, flags=re.DOTALL):
        columns, rows = table
        for row in (line for line in rows.splitlines() if line.endswith(r"\\") and "multicolumn" not in line):
            assert len(re.findall(r"(?<!\\)&", row)) == len(columns) - 1
            assert not re.search(r"(?<!\\)[%#_]", row.split(r"\cite")[0])
            assert row.isascii()


@pytest.mark.parametrize("view", ["printed", "measured", "difference"])
def test_latex_is_well_formed(report: Report, view: str) -> None:
    text = written(report, "latex", view)
    check_latex(text)
    assert r"\toprule" in text


def test_latex_cites_rows_and_carries_its_bibliography(report: Report) -> None:
    text = written(report, "latex")
    assert r"RFDN~\cite{rfdn2020}" in text
    assert r"\begin{filecontents*}[overwrite]{rows.bib}" in text
    assert "{rfdn2020," in text
    assert r"\bibliography{rows}" in text
    assert {"imdn2019", "rfdn2020"} <= set(paper_text.cited(report.tables))


def test_latex_escapes_what_would_break_it() -> None:
    grid = Grid("50% & more", ("A_b", "C"), "lr", (Block("", ((plain("x_y"), (Span("1#", "best"),)),)),))
    text = latex.latex(grid)
    check_latex(text)
    assert r"\caption{50\% \& more}" in text
    assert r"x\_y & \textbf{1\#} \\" in text


@pytest.mark.skipif(not (shutil.which("pdflatex") or shutil.which("tectonic")), reason="neither pdflatex nor tectonic")
def test_latex_compiles(report: Report, tmp_path: Path) -> None:
    (tmp_path / "rows.tex").write_text(written(report, "latex"), encoding="utf-8")
    tool = "tectonic" if shutil.which("tectonic") else "pdflatex"
    flags = [] if tool == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    subprocess.run([tool, *flags, "rows.tex"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "rows.pdf").stat().st_size > 1000


# --- figures


def test_figures_have_the_same_bytes_each_time_and_no_date(toy: tuple[Report, Data]) -> None:
    first, again = papers.draw(SPEC, toy[1]), papers.draw(SPEC, toy[1])
    assert [(f.svg, f.pdf) for f in first] == [(f.svg, f.pdf) for f in again]
    assert "<dc:date>" not in first[0].svg
    assert b"CreationDate" not in first[0].pdf


def test_printed_points_are_hollow_and_measured_ones_filled(toy: tuple[Report, Data]) -> None:
    svg = papers.draw(SPEC, toy[1])[0].svg
    assert figures.PUBLISHED in svg
    assert re.search(rf'style="fill: {figures.MEASURED}', svg)


def test_a_figures_labels_overlap_nothing() -> None:
    dots = [figures.Dot(f"Network-{i}", 1e5 * (1 + i % 5) ** 2, 30 + (i * 7 % 11) / 10) for i in range(16)]
    figure = figures.scatter(dots, "Parameters", "PSNR (dB)")
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [text.get_window_extent(renderer) for text in figure.texts]
    assert len(boxes) == 16
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])
    axes = figure.axes[0]
    frame = axes.get_window_extent(renderer)
    points = [axes.transData.transform((dot.x, dot.y)) for dot in dots]
    for box in boxes:
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert not any(box.contains(*point) for point in points)


def test_a_pages_figure_names_a_network_once_and_links_its_print_files(toy: tuple[Report, Data]) -> None:
    report, data = toy
    html = paper_page.html(report, papers.draw(SPEC, data), data)
    drawn = html[html.index('id="figure-fig1"') :].split("</figure>")[0]
    assert len(re.findall(r">RFDN</text>", drawn)) == 1
    assert "RFDN, as printed: Params 550" in drawn
    assert 'class="m hollow"' in drawn
    assert 'href="figures/toy2020-fig1.pdf"' in drawn


# --- visual comparisons


def test_a_comparison_that_was_not_made_names_its_command(toy: tuple[Report, Data]) -> None:
    report, data = toy
    visual = VisualSpec(id="v", number="Fig. 8", image="nowhere/x", scale=4, models=("imdn",))
    spec = SPEC.model_copy(update={"visuals": (visual,)})
    html = paper_page.html(report, (), data, visuals=paper_visuals.visuals(spec, compute=False))
    assert "Not made with this site" in html
    assert "srbench compare --image nowhere/x --models imdn --scale 4" in html
    (failed,) = paper_visuals.visuals(spec, compute=True)
    assert failed.missing == "Could not be made: its image or weights were not at hand."
    assert "nowhere" in failed.reason
