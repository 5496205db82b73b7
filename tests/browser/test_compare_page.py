"""The page of ``srbench compare`` in a real browser: the slider by mouse and keyboard, at two widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srbench.evaluation import compare as visual
from srbench.evaluation import compare_source as visual_source
from srbench.evaluation.compare_crop import Crop
from srbench.report import visual_page
from srbench.results.record import WeightsRef

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (tox -e browser)")

pytestmark = pytest.mark.browser


def _comparison() -> visual.Comparison:
    """HR with a gradient; "models" that are brighter or darker by a constant."""
    from srbench.metrics import get_protocol

    y, x = np.mgrid[0:96, 0:128]
    hr = np.dstack([x + 60, y + 60, np.full_like(x, 90)]).astype(np.uint8)
    protocol, crop = get_protocol("y-matlab"), Crop(40, 24, 32, 32)
    ones = [
        visual.Shown(
            name=name, title=title, paper="p2020", year=2020, weights=WeightsRef(name=name, origin="released"),
            source_sha256="0" * 64, sr=(hr.astype(int) + shift).astype(np.uint8), reference=hr,
        )
        for name, title, shift in (("bicubic", "Bicubic", 20), ("imdn", "IMDN", 5), ("arfdn", "ARFDN", -9))
    ]  # fmt: skip
    return visual.Comparison(
        source=visual_source.Source("made/gradient", 4, hr[::4, ::4], hr, "imresize of HR"),
        scale=4,
        protocol=protocol,
        crop=crop,
        crop_found_between=("IMDN", "ARFDN"),
        shown=tuple(visual._scored(one, crop, 4, protocol) for one in ones),
        left_out=(),
        failed=(),
        versions={},
        command="srbench compare",
        created="2026-01-02T03:04:05+00:00",
    )


@pytest.fixture(params=[1400, 390])
def page(browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The page at one width; the test fails on a console error or a request that leaves the page."""
    file = visual_page.write(_comparison(), tmp_path / "compare.html")
    opened = browser.new_page(viewport={"width": request.param, "height": 900})
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda asked: said.append(asked.url) if asked.url.startswith(("http", "ws")) else None)
    opened.goto(file.as_uri())
    yield opened
    assert said == []
    opened.close()


def pixel(page: Any, fraction: float) -> tuple[int, int, int]:
    """Colour of the slider's stage at ``fraction`` of its width, in its lower half, as it is on the screen."""
    import io

    from PIL import Image

    shot = Image.open(io.BytesIO(page.locator("#stage").screenshot())).convert("RGB")
    red, green, blue = shot.getpixel((round(fraction * (shot.width - 1)), round(0.8 * shot.height)))  # type: ignore[misc]
    return red, green, blue


def at(page: Any) -> str:
    value: str = page.evaluate("getComputedStyle(document.getElementById('stage')).getPropertyValue('--at').trim()")
    return value


def test_each_side_of_the_divider_shows_the_image_chosen_for_it(page: Any) -> None:
    page.select_option("#view", "crop")
    page.select_option("#left", "hr")
    page.select_option("#right", "bicubic")
    assert pixel(page, 0.25)[2] == 90  # blue is 90 everywhere in HR
    assert pixel(page, 0.75)[2] == 110
    page.click("#swap")
    assert pixel(page, 0.25)[2] == 110
    assert pixel(page, 0.75)[2] == 90
    assert page.inner_text("#stage .name.l").startswith("Bicubic")


def test_the_divider_moves_by_keyboard_and_says_where_it_is(page: Any) -> None:
    page.focus("#divider")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert at(page) == "47%"
    page.keyboard.press("Home")
    assert at(page) == "0%"
    page.keyboard.press("End")
    assert at(page) == "100%"
    assert page.get_attribute("#divider", "aria-valuetext") == "Bicubic 100 %, IMDN 0 %"


def test_the_divider_follows_the_pointer(page: Any) -> None:
    page.locator("#stage").scroll_into_view_if_needed()
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 60)
    page.mouse.up()
    assert at(page) == "20%"
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 60)  # released: it stays
    assert at(page) == "20%"


def test_the_crop_view_shows_exactly_the_crop(page: Any) -> None:
    page.select_option("#view", "crop")
    page.select_option("#left", "hr")
    page.select_option("#right", "hr")
    red = [pixel(page, fraction)[0] for fraction in (0.01, 0.99)]
    assert red == pytest.approx([60 + 40, 60 + 71], abs=1)  # columns 40 and 71 of the image
    assert page.locator("#stage .cropmark").is_hidden()
    assert page.evaluate("getComputedStyle(document.getElementById('img-left')).imageRendering") == "pixelated"


def test_a_click_on_a_crop_puts_it_on_the_right(page: Any) -> None:
    page.click("[data-pick=arfdn]")
    assert page.input_value("#right") == "arfdn"
    assert page.inner_text("#stage .name.r").startswith("ARFDN")


def test_error_maps_can_be_seen_whole_or_in_the_crop_and_in_the_slider(page: Any) -> None:
    page.select_option("#errors-view", "crop")
    ratio = page.evaluate("(e => e.clientWidth / e.clientHeight)(document.querySelector('.errors .in'))")
    assert ratio == pytest.approx(1.0, abs=0.02)
    page.select_option("#right", "error-imdn")
    assert page.evaluate("document.getElementById('img-right').naturalWidth") == 128


def test_the_page_fits_its_width_and_changes_theme(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_the_table_sorts(page: Any) -> None:
    page.click("#figures th[data-col='2'] button")
    assert page.locator("#figures tbody th").first.inner_text() == "IMDN"
