"""The pages of papers, in Chromium from file://."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from paper_samples import SPEC, load

from srbench.leaderboard import audit
from srbench.report import paper_page, papers, site, specs
from srbench.report.pages import audit as audit_page
from srbench.report.pages import challenge_2022
from srbench.report.pages import genealogy as genealogy_page
from srbench.report.papers import load_data

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site: a made-up paper with results beside it, a real paper, the genealogy, the index."""
    root = tmp_path_factory.mktemp("site")
    report, data = load(tmp_path_factory.mktemp("toy"))
    pages = site.Site()
    pages.pages["toy.html"] = paper_page.html(report, papers.draw(SPEC, data), data, site.NAV)
    pages.pages["genealogy.html"] = genealogy_page.html(site.NAV)[0]
    pages.pages["challenge.html"] = challenge_2022.PAGE.render(nav=site.NAV)[0]
    site.add_report(pages, specs.load_spec("rfdn2020"), load_data())
    site.add_index(pages)
    site.write(pages, root)
    return root


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", ["toy", "rfdn2020", "genealogy", "index", "challenge"])
def test_no_page_is_wider_than_the_window(open_page: Any, folder: Path, name: str, width: int) -> None:
    assert open_page(folder / f"{name}.html", width=width).overflow() <= 0


def test_the_views_of_a_table(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "toy.html").page
    row = page.locator("tr", has_text="RFDN [2]").first
    assert "32.24‡ / 0.8952‡" in row.inner_text()
    page.locator(".views").first.get_by_text("Measured by us").click()
    assert "32.20≈ / 0.8951" in row.inner_text()
    page.keyboard.press("ArrowRight")
    assert "−0.04 / −0.0001" in row.inner_text()
    assert "off by −0.04" in row.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_a_number_opens_a_card_beside_it(open_page: Any, folder: Path, width: int, scheme: str) -> None:
    opened = open_page(folder / "toy.html", width=width, scheme=scheme)
    page = opened.page
    number = page.locator("tr", has_text="RFDN [2]").first.locator("a[data-i]", has_text="550K")
    number.focus()
    place = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog")
    words = " ".join(card.inner_text().split())
    assert (
        "RFDN [2], Params ×4 Printed 550K Measured 550K Difference 0K State reproduced Ours 549,624 Command srbench run"
        in words
    )
    assert page.evaluate("scrollY") == place
    assert opened.overflow() <= 0
    page.keyboard.press("Escape")
    assert not card.is_visible()
    assert number.evaluate("link => link === document.activeElement")


def test_measured_only_leaves_the_rows_that_were(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "toy.html").page
    rows = page.locator(".viewed").first.locator("tbody tr[data-key]:visible")
    before = rows.all_inner_texts()
    page.get_by_label("Measured only").first.check()
    after = rows.all_inner_texts()
    assert 0 < len(after) < len(before)
    assert not any(text.startswith("Old_net") for text in after)


def test_marks_are_the_authors_until_those_of_the_digits_are_asked_for(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "toy.html").page

    def weight(text: str) -> int:
        return int(page.locator("a:visible", has_text=text).first.evaluate("a => getComputedStyle(a).fontWeight"))

    assert weight("32.00") > 600 > weight("32.24")
    page.get_by_label("Marks by the digits").first.check()
    assert weight("32.24") > 600 > weight("32.00")


def test_a_number_links_to_its_printed_row_and_to_its_result(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "toy.html").page
    row = page.locator("tr", has_text="IMDN (Ours)").first
    row.locator("a:visible", has_text="32.21").click()
    page.get_by_role("dialog").get_by_role("link", name="Printed row").click()
    assert "Table 1, row “IMDN (Ours)”" in page.locator(".prov:target").inner_text()
    page.locator(".views").first.get_by_text("Measured by us").click()
    row.locator("a:visible", has_text="32.21").click()
    page.get_by_role("dialog").get_by_role("link", name="Result file").click()
    assert "leaderboards/measured/imdn" in page.locator(".prov:target").inner_text()


def test_sorting_keeps_scales_apart(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "rfdn2020.html").page
    table = page.locator("table").first
    table.locator("th[data-col='3'] button").click()
    scales = table.locator("tbody td:nth-child(2)").all_inner_texts()
    assert scales == sorted(scales)
    assert table.locator("tbody th").first.inner_text().startswith("RFDN-L")


def test_hovering_a_block_marks_its_lines(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "genealogy.html").page
    page.locator(".wide .node", has_text="ESA").first.hover()
    assert page.locator(".family .use.hl").count() >= 1
    page.mouse.move(0, 0)
    page.locator(".wide .node[data-key='srcnn']").focus()
    assert page.locator("table.matrix tr.hl").inner_text().startswith("SRCNN")


def test_the_index_opens_a_report(open_page: Any, folder: Path) -> None:
    opened = open_page(folder / "index.html")
    opened.page.locator(".card").first.click()
    assert opened.page.title() == "RFDN (2020)"
    opened.requests.clear()  # the report itself


def test_figures_follow_the_page_into_the_dark(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "toy.html", scheme="dark").page
    fill = "e => getComputedStyle(e).fill"
    assert page.locator("#figure-fig1 .pt text").first.evaluate(fill) == "rgb(231, 234, 238)"
    page.click("#theme")
    assert page.locator("#figure-fig1 .pt text").first.evaluate(fill) == "rgb(25, 29, 34)"


def test_a_card_opens_by_touch_and_another_touch_closes_it(browser: Any, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((folder / "toy.html").as_uri())
    page.locator("tr", has_text="IMDN (Ours)").first.locator("a[data-i]", has_text="32.21").tap()
    card = page.get_by_role("dialog")
    assert "Measured 32.21" in " ".join(card.inner_text().split())
    box = card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("h1").tap()
    assert not card.is_visible()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_a_papers_table_has_the_tools_and_its_views_are_kept_in_the_url(
    open_page: Any, folder: Path, width: int, scheme: str
) -> None:
    page = open_page(folder / "toy.html", width=width, scheme=scheme).page
    rows = page.locator("table[data-tools='toy2020-t1'] tbody tr:visible th")
    names = lambda: [name.strip() for name in rows.all_inner_texts()]  # noqa: E731
    assert names() == ["Old_net [1]", "IMDN (Ours)", "RFDN [2]", "AIDN [3]"]
    page.get_by_role("combobox", name="State").first.select_option("off")
    assert names() == ["IMDN (Ours)", "RFDN [2]"]
    page.get_by_role("combobox", name="Year").first.select_option("2020")
    assert names() == ["RFDN [2]"]
    page.get_by_role("combobox", name="Year").first.select_option("")
    page.locator(".views").first.get_by_text("Measured by us").click()
    page.locator("table[data-tools='toy2020-t1'] th[data-col='3'] button").click()
    assert names() == ["IMDN (Ours)", "RFDN [2]"]  # 32.21 and 32.20; as printed 32.21 and 32.24
    page.reload()
    assert names() == ["IMDN (Ours)", "RFDN [2]"]
    assert "32.20" in page.locator("tr", has_text="RFDN [2]").first.inner_text()
    page.evaluate("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }")
    page.get_by_role("button", name="Copy as CSV").first.click()
    assert "RFDN [2],×4,550K,32.20≈ / 0.8951,off by −0.04" in page.evaluate("window.copied").splitlines()


def test_the_narrow_genealogy_is_whole_and_legible(open_page: Any, folder: Path) -> None:
    page = open_page(folder / "genealogy.html", width=390).page
    assert not page.locator(".fig.wide").is_visible()
    sizes = page.evaluate(
        """() => { const svg = document.querySelector('.narrow svg'), box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect())
            .map(t => [t.left >= box.left - 1 && t.right <= box.right + 1, t.height]); }"""
    )
    assert all(inside and height > 10 for inside, height in sizes)


def test_the_audit_page(open_page: Any, tmp_path: Path) -> None:
    file = tmp_path / "audit.html"
    file.write_text(audit_page.html(site.NAV, audit.run(kinds=["marks", "copy"]))[0], encoding="utf-8")
    for width in (1400, 390):
        opened = open_page(file, width=width)
        assert opened.overflow() <= 0
        assert opened.page.locator(".finding").count() > 10


def test_findings_are_filtered_and_a_permalink_shows_what_a_filter_hides(open_page: Any, tmp_path: Path) -> None:
    file = tmp_path / "audit.html"
    report = audit.run(kinds=["marks", "copy"])
    file.write_text(audit_page.html(site.NAV, report)[0], encoding="utf-8")
    page = open_page(file).page
    page.locator("select[name=kind]").select_option("copy")
    shown = page.locator(".finding:visible")
    assert shown.count() == len(report.of("copy"))
    page.locator("select[name=papers]").select_option("aidn2022")
    assert 0 < shown.count() < len(report.of("copy"))
    hidden = report.of("marks")[0].id
    page.evaluate(f"location.hash = '{hidden}'")
    page.locator(f"#{hidden}").wait_for(state="visible")
    assert shown.count() == len(report.findings)
