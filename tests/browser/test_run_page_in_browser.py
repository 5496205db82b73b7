"""The page of a run, in Chromium from file://."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from printing import printed
from samples import MACHINES, record, results, zoo

from srbench.report import run_file

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records = [*zoo(), record(scale=2, psnr=38.0, ssim=0.96), record("rfdn", 38.1, 0.961, scale=2)]
    return run_file.write(results(records), MACHINES, tmp_path_factory.mktemp("page") / "report.html")


def first_column(page: Any) -> list[str]:
    names: list[str] = page.locator("#tables > .panel:not([hidden]) tbody th").all_inner_texts()
    return names


@pytest.mark.parametrize("width", [1400, 400, 390])
def test_nothing_is_wider_than_the_window(open_page: Any, page_file: Path, width: int) -> None:
    assert open_page(page_file, width=width).overflow() <= 0


def test_sorting_by_a_column(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    before = first_column(page)
    head = page.locator("#tables > .panel:not([hidden]) th[data-col='4']")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert first_column(page)[:3] == ["RFDN", "IMDN", "E-RFDN"]
    assert first_column(page)[-1] == "AIDN"  # without a figure: last in either direction
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert first_column(page)[0] == "Bicubic"
    assert first_column(page)[-1] == "AIDN"
    head.locator("button").click()
    assert first_column(page) == before


def test_a_point_and_its_rows_mark_each_other(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    row = page.locator("#tables > .panel:not([hidden]) tr", has_text="E-RFDN")
    row.hover()
    assert page.locator(".pt.hl").count() == 1
    assert {text.strip() for text in page.locator(".pt.hl text").all_text_contents()} == {"E-RFDN"}
    point = page.locator("a.pt[data-key^='lrfdn']").first
    page.mouse.move(0, 0)
    point.focus()
    assert "hl" in page.locator("#tables > .panel:not([hidden]) tr", has_text="LRFDN").get_attribute("class")
    assert "hl" not in (row.get_attribute("class") or "")


def test_the_chart_of_another_dataset_can_be_chosen(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    chart = page.locator("#charts")
    assert chart.locator("a.pt").count() == 5
    page.get_by_label("Results", exact=True).select_option(label="×2, y-matlab@1")
    assert chart.locator("a.pt").count() == 2
    assert chart.locator("svg.scatter").get_attribute("aria-label") == "PSNR against parameters, ×2, y-matlab@1"


def test_no_label_of_a_chart_lies_on_another(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('#charts svg.scatter')].map(svg =>
             [...svg.querySelectorAll('.pt text')].map(t => { const b = t.getBoundingClientRect();
               return [b.left, b.top + 2, b.right, b.bottom - 2]; }))"""
    )
    assert [len(labels) for labels in boxes] == [5]
    for labels in boxes:
        for index, a in enumerate(labels):
            assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in labels[index + 1 :])


def test_the_first_printed_page_has_the_title_and_the_table(open_page: Any, page_file: Path) -> None:
    pages = printed(open_page(page_file).page.pdf(format="A4"))
    assert len(pages) >= 2
    assert min(pages[:-1]) > 20, f"an empty page: {pages} runs of text"


def test_tables_that_are_made_when_asked_for_can_be_sorted(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    place = page.locator("details.later", has_text="Set5, ×4")
    assert place.locator("table").count() == 0
    place.locator("summary").press("Enter")
    assert place.locator("thead th").all_inner_texts()[:3] == ["Image", "Bicubic", "IMDN"]
    assert place.locator("tbody tr").first.inner_text().split("\t")[:3] == ["baby", "28.92/0.8104", "32.71/0.8948"]
    for _ in range(2):
        place.locator("th[data-col='2'] button").press("Enter")
    assert place.locator("tbody th").all_inner_texts() == ["bird", "baby"]


def test_a_count_says_its_exact_integer_when_pointed_at(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    cell = page.locator("#cost tr[data-key^='imdn']").first.get_by_text("40.91").first
    cell.hover()
    assert cell.get_attribute("title") == "40,908,000,000"
    quality = page.locator("#tables > .panel:not([hidden]) tr[data-key^='imdn'] td").nth(3)
    quality.hover()
    assert quality.get_attribute("title") == "32.21 dB"


def test_light_and_dark(open_page: Any, page_file: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = open_page(page_file).page
    dark = open_page(page_file, scheme="dark").page
    assert light.evaluate(background) == "rgb(247, 248, 249)"
    assert dark.evaluate(background) == "rgb(17, 20, 23)"
    light.click("#theme")
    assert light.evaluate(background) == "rgb(17, 20, 23)"
    dark.click("#theme")
    assert dark.evaluate(background) == "rgb(247, 248, 249)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(open_page: Any, page_file: Path, scheme: str) -> None:
    page = open_page(page_file, scheme=scheme).page
    assert page.evaluate(CONTRAST) == []


def test_print_is_black_on_white_without_controls(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file, scheme="dark").page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.locator("#theme").is_visible()


def test_a_rows_link_opens_its_provenance(open_page: Any, page_file: Path) -> None:
    page = open_page(page_file).page
    page.locator("#tables > .panel:not([hidden]) th a", has_text="E-RFDN").click()
    assert page.locator("#provenance details").first.get_attribute("open") is not None
    assert page.locator(".prov:target").inner_text().startswith("E-RFDN")


# WCAG AA: every text of at least 4.5 : 1 against the nearest opaque background.
CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = c => c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; })
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const bad = new Set();
  for (const e of document.querySelectorAll('main *, header *, footer *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(e);
    if (!own || e.closest('svg') || !e.offsetParent || style.color.startsWith('color(')) continue;
    let up = e, back = [0, 0, 0, 0];
    while (up && !(back.length === 3 || back[3] === 1)) {
      const c = getComputedStyle(up).backgroundColor;
      back = c.startsWith('rgb') ? parse(c) : [0, 0, 0, 0];
      up = up.parentElement;
    }
    const [a, b] = [lum(parse(style.color)), lum(back)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.add(e.className + ': ' + e.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
  }
  return [...bad];
}"""
