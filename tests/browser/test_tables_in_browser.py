"""What every table and plot of a page can do, and the front page, in Chromium from file://."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import samples
from large_table import page_with_a_large_table
from paper_samples import load
from samples import MACHINES, record, results, zoo

from srbench.report import front_page, run_file, run_page
from srbench.report.front_page import Entry, Slider
from srbench.report.page import Highlight
from srbench.report.papers import Data
from srbench.report.scatter import Point, scatter_svg

pytestmark = pytest.mark.browser
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records = [*zoo(), record(scale=2, psnr=38.0, ssim=0.96), record("rfdn", 38.1, 0.961, scale=2)]
    return run_file.write(results(records), MACHINES, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = Data((), {str(index): made for index, made in enumerate(results(zoo()).records)}, MACHINES)
    findings = [Highlight(f"finding {index}", f"audit.html#{index}") for index in range(5)]
    slider = Slider(
        ("Bicubic", PIXEL, "26.83 dB"), ("IMDN", PIXEL, "29.36 dB"), "embedded/astronaut, ×4", "srbench compare"
    )
    file = tmp_path_factory.mktemp("front") / "index.html"
    file.write_text(
        front_page.html(
            data, [Entry("The zoo", "All", "zoo.html")], findings, slider, "https://example.org/lab", image="front.png"
        ),
        encoding="utf-8",
    )
    return file


def shown(page: Any) -> list[str]:
    names: list[str] = page.locator("#tables > .panel:not([hidden]) tbody tr:not([hidden]) th").all_inner_texts()
    return [name.strip() for name in names]


def test_search_filters_and_folded_rows(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    every = shown(page)
    assert "AIDN" not in every  # of which only costs are known
    page.get_by_label("costs only").first.check()
    assert shown(page) == [*every[:-1], *sorted(set(shown(page)) - set(every[:-1]), key=shown(page).index)]
    assert "AIDN" in shown(page)
    page.get_by_label("Search the rows").first.fill("e-rfdn")
    assert shown(page) == ["E-RFDN"]
    page.get_by_label("Search the rows").first.fill("")
    page.get_by_label("Weights", exact=True).first.select_option("bundled")
    assert shown(page) == ["RFDN"]


def test_the_url_keeps_sort_columns_and_rows(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    page.locator("#tables > .panel:not([hidden]) th[data-col='4'] button").click()
    order = shown(page)
    page.get_by_label("Select E-RFDN").first.check()
    page.get_by_label("Select LRFDN").first.check()
    page.get_by_role("button", name="Compare 2").click()
    assert set(shown(page)) == {"E-RFDN", "LRFDN"}
    page.get_by_text("Columns").first.click()
    page.get_by_label("MACs, G").first.uncheck()
    assert "sort=4d" in page.url
    page.reload()
    assert set(shown(page)) == {"E-RFDN", "LRFDN"}
    assert not page.locator("#tables > .panel:not([hidden]) th[data-col='3']").is_visible()
    page.get_by_role("button", name="Show all rows").click()
    assert shown(page) == order


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("LaTeX", r"\begin{tabular}{lrrrrrrrr}"),
        ("CSV", "E-RFDN,e-rfdn.released,433,23.8,32.16,0.8946,28.56,0.8046,–"),
        ("Markdown", "| RFDN | rfdn.bundled | 550 | 31.6 | **32.24** | **0.8952** | **28.64** | **0.8052** | – |"),
    ],
)
def test_copy_as_text(open_page: Any, page_file: Path, form: str, line: str) -> None:
    page = open_page(page_file).page
    page.evaluate("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }")
    page.get_by_role("button", name=f"Copy as {form}").first.click()
    assert page.get_by_text(f"{form} copied").is_visible()
    assert line in page.evaluate("window.copied").splitlines()


def test_tabs_by_keyboard_are_kept_in_the_url(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    panels = page.locator("#tables > .panel:visible")
    assert panels.count() == 1
    assert "×4" in panels.inner_text()
    page.locator(".tabs input[value='×4']").focus()
    page.keyboard.press("ArrowRight")
    assert "×2" in panels.inner_text()
    page.reload()
    assert "×2" in panels.inner_text()


def test_a_plot_says_hides_and_gives_its_points(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    plot = page.locator("#charts svg.scatter")
    page.locator("#charts a.pt[data-key^='lrfdn']").focus()
    assert page.locator(".tip").inner_text() == "LRFDN, lrfdn.released: PSNR, Set5 31.99 dB, Parameters 198.032K"
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()
    before = plot.locator("a.pt").count()
    page.locator("#charts .legend button", has_text="bundled").press("Enter")
    assert plot.locator("a.pt").count() == before - 1
    assert "chart.off=bundled" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_plot_can_be_taken_away_as_svg_and_pdf(open_page: Any, page_file: Path, scheme: str) -> None:
    page = open_page(page_file, scheme=scheme).page
    texts = {}
    for kind in ("SVG", "PDF"):
        with page.expect_download() as waiting:
            page.locator("#charts").get_by_role("button", name=f"Download {kind}").press("Enter")
        assert waiting.value.suggested_filename == f"psnr-against-parameters-4-y-matlab-1.{kind.lower()}"
        texts[kind] = Path(waiting.value.path()).read_text(encoding="latin-1" if kind == "PDF" else "utf-8")
    assert texts["SVG"].startswith("<svg")
    assert "rgb(25, 29, 34)" in texts["SVG"]  # black on white, whatever the page is
    pdf = texts["PDF"]
    assert pdf.startswith("%PDF-1.4")
    places = [int(line[:10]) for line in pdf[pdf.rindex("\nxref\n") :].splitlines() if line.endswith(" n ")]
    assert [pdf[place:].split(" obj")[0] for place in places] == [f"{number} 0" for number in range(1, 7)]
    length = int(pdf.split("/Length ")[1].split(" ")[0])
    assert pdf.index("endstream") - pdf.index("stream\n") - len("stream\n") == length
    assert pdf[int(pdf.split("startxref\n")[1].split("\n")[0]) :].startswith("xref")
    for word in ("(LRFDN) Tj", "(PSNR, Set5 \\(dB\\)) Tj", "0.098 0.114 0.133 rg"):
        assert word in pdf


@pytest.mark.parametrize(("width", "scheme"), [(1400, "dark"), (390, "light")])
def test_a_chart_over_other_columns_with_a_budget_is_kept_in_the_url(
    open_page: Any, page_file: Path, width: int, scheme: str
) -> None:
    opened = open_page(page_file, width=width, scheme=scheme)
    page = opened.page
    page.get_by_label("Up", exact=True).select_option(label="SSIM, Set5")
    page.get_by_label("Across", exact=True).select_option(label="Runtime, LR 64×64")
    assert page.locator("#charts svg.scatter").get_attribute("aria-label").startswith("SSIM against runtime, LR 64×64")
    page.get_by_label("Across", exact=True).select_option(label="Parameters")
    page.get_by_label("At most").focus()
    page.keyboard.type("500K")
    assert page.locator("#charts .answer").inner_text() == (
        "Best with at most 500K: E-RFDN, SSIM, Set5 0.8946, Parameters 433.448K."
    )
    assert page.locator("#charts svg .budget").count() == 1
    assert page.locator("#charts a.pt.over").count() == 2  # IMDN and RFDN
    page.get_by_label("logarithmic").focus()
    page.keyboard.press("Space")
    page.reload()
    assert page.get_by_label("At most").input_value() == "500K"
    assert not page.get_by_label("logarithmic").is_checked()
    assert "E-RFDN, SSIM, Set5 0.8946" in page.locator("#charts .answer").inner_text()
    assert opened.overflow() <= 0


def test_the_chart_shows_the_rows_of_the_table(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    assert page.locator("#charts a.pt").count() == 5
    page.get_by_label("Search the rows").first.fill("rfdn.released")
    assert page.locator("#charts a.pt").count() == 3
    assert {name.split(",")[0] for name in page.locator("#charts a.pt").evaluate_all(
        "points => points.map(point => point.getAttribute('aria-label'))")} == {"E-RFDN", "ARFDN", "LRFDN"}  # fmt: skip


def test_of_many_points_the_fronts_and_the_chosen_ones_are_named(open_page: Any, tmp_path: Path) -> None:
    models = [f"m{index:02}" for index in range(20)]
    with mock.patch.dict(samples.MODELS, {name: (name.upper(), 2020, 100_000 * (place + 1), 10**10)
                                          for place, name in enumerate(models)}):  # fmt: skip
        found = results([record(name, 33.0 - place / 10) for place, name in enumerate(models)])
        page = open_page(run_file.write(found, MACHINES, tmp_path / "many.html")).page
    named = page.locator("#charts a.pt text")
    assert named.all_text_contents() == ["M00"]
    page.get_by_label("Select M07").first.check()
    assert named.all_text_contents() == ["M00", "M07"]


def test_printed_points_are_hollow_and_wait_to_be_asked_for(open_page: Any, tmp_path: Path) -> None:
    _, data = load(tmp_path / "toy")
    file = tmp_path / "run.html"
    file.write_text(
        run_page.html(results(zoo()), MACHINES, beside=run_page.Beside(published=data.printed)), encoding="utf-8"
    )
    page = open_page(file).page
    assert page.locator("#charts a.pt.published").count() == 0
    page.locator("#charts .legend button", has_text="as printed in a paper").click()
    points = page.locator("#charts a.pt.published")
    assert [label.split(":")[0] for label in points.evaluate_all("p => p.map(e => e.getAttribute('aria-label'))")] == [
        "Old_net, printed in toy2020 t1", "IMDN (Ours), printed in toy2020 t1", "RFDN, printed in toy2020 t1",
    ]  # fmt: skip
    assert points.first.locator(".m").get_attribute("class") == "m hollow"
    assert page.locator("#charts .front").get_attribute("d").count("L") <= 8  # the front is of what was measured


def test_of_many_points_only_the_fronts_are_named() -> None:
    points = [Point(f"k{i}", f"r{i}", f"M{i}", 1e5 + 2e4 * i, 33.0 - i / 10, "released", f"tip {i}") for i in range(20)]
    drawn = scatter_svg(points, "x", "y", "many")
    assert drawn.count("<title>tip") == 20
    assert re.findall(r">(M\d+)</text>", drawn) == ["M0"]
    assert len(re.findall(r">(M\d+)</text>", scatter_svg(points[:15], "x", "y", "few"))) == 15


def test_200_rows_by_40_columns_sort_and_filter(open_page: Any, tmp_path: Path) -> None:
    file = tmp_path / "big.html"
    file.write_text(page_with_a_large_table(), encoding="utf-8")
    page = open_page(file).page
    page.evaluate("document.querySelector('th[data-col=\"3\"] button').click()")
    page.wait_for_function("!document.querySelector('tr.late')")
    numbers = page.locator("#tables tbody tr > :nth-child(4)").all_inner_texts()
    assert numbers == sorted(numbers, key=int)
    page.get_by_label("Search the rows").first.fill("row 19")
    assert page.locator("#tables tbody tr:visible").count() == 11  # 19 and 190 to 199


@pytest.mark.parametrize("width", [1400, 390])
def test_the_front_page(open_page: Any, front: Path, width: int) -> None:
    opened = open_page(front, width=width)
    page = opened.page
    assert opened.overflow() <= 0
    assert page.locator("svg.scatter:visible").count() == 1
    assert page.locator("svg.scatter").get_attribute("aria-label") == "PSNR against parameters, ×4, y-matlab@1"
    page.get_by_label("Across", exact=True).select_option("3")
    assert page.locator("svg.scatter").get_attribute("aria-label").startswith("PSNR against multiply-accumulates")
    assert page.locator("#findings ~ ol li").all_inner_texts() == ["finding 0", "finding 1", "finding 2"]
    page.locator(".compare input").focus()
    page.keyboard.press("End")
    assert page.locator(".compare").evaluate("e => e.style.getPropertyValue('--at')") == "100%"
    assert page.locator("nav a", has_text="Repository").get_attribute("href") == "https://example.org/lab"
    assert page.locator("meta[property='og:image']").get_attribute("content") == "front.png"
    rows = page.locator("tbody tr:visible th").all_inner_texts()
    assert "IMDN" in {row.strip() for row in rows}
