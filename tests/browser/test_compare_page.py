"""The page of ``srbench compare`` in a real browser: slider, free crop, flicker, images, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compared import comparison

from srbench.report import visual_page

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (tox -e browser)")

pytestmark = pytest.mark.browser


@pytest.fixture(params=[1400, 390])
def page(browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The page at one width; the test fails on a console error or a request that leaves the page."""
    file = visual_page.write(comparison(), tmp_path / "compare.html")
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


def tile(page: Any, method: str) -> tuple[int, int]:
    """Red of the first and the last pixel of a method's crop as it is on the screen."""
    import io

    from PIL import Image

    shown = page.locator(f".shot:not([hidden]) [data-pick={method}]")
    shot = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    first, last = (shot.getpixel((place, shot.height // 2)) for place in (3, shot.width - 4))
    return first[0], last[0]  # type: ignore[index]


def test_a_crop_drawn_on_the_image_is_shown_of_every_method(page: Any) -> None:
    pane = page.locator(".overview .in")
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    at = lambda x, y: (box["x"] + box["width"] * x / 128, box["y"] + box["height"] * y / 96)  # noqa: E731
    page.mouse.move(*at(16, 16))
    page.mouse.down()
    page.mouse.move(*at(80, 64))
    page.mouse.up()
    x, y, width, height = map(int, page.locator("[data-typed]").input_value().split(","))
    assert (x, y, width, height) == pytest.approx((16, 16, 64, 48), abs=1)
    for method, shift in (("hr", 0), ("imdn", 5), ("arfdn", -9)):
        assert tile(page, method) == pytest.approx((60 + x + shift, 60 + x + width - 1 + shift), abs=3)
    assert page.locator(".of-crop").first.is_hidden()  # figures of another crop
    page.get_by_role("button", name="As made").click()
    assert page.locator("[data-typed]").input_value() == "40,24,32,32"
    assert page.locator(".of-crop").first.is_visible()


def test_the_crop_moves_and_zooms_by_keyboard_in_step(page: Any) -> None:
    page.locator(".overview .in").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-typed]").input_value() == "44,24,32,32"
    page.keyboard.press("Shift+ArrowUp")
    assert page.locator("[data-typed]").input_value() == "44,23,32,32"
    page.keyboard.press("-")
    assert page.locator("[data-typed]").input_value() == "40,19,40,40"
    page.locator("[data-typed]").fill("0,0,16,16")
    page.locator("[data-typed]").press("Enter")
    assert [tile(page, method)[0] for method in ("hr", "imdn")] == pytest.approx([60, 65], abs=2)


def test_f_flickers_between_the_two_images_but_not_while_typing(page: Any) -> None:
    page.select_option("#view", "crop")
    page.select_option("#left", "hr")
    page.select_option("#right", "bicubic")
    page.keyboard.press("f")
    assert at(page) == "100%"
    assert page.get_attribute("#flicker", "aria-pressed") == "true"
    page.keyboard.press("f")
    assert at(page) == "0%"
    page.locator("[data-typed]").focus()
    page.keyboard.press("f")
    assert at(page) == "0%"


def test_the_address_brings_back_what_is_shown(page: Any) -> None:
    page.select_option("#left", "hr")
    page.select_option("#right", "arfdn")
    page.locator(".overview .in").focus()
    page.keyboard.press("ArrowDown")
    page.focus("#divider")
    page.keyboard.press("Home")
    assert "crop=40,28,32,32" in page.url
    page.reload()
    assert (page.input_value("#left"), page.input_value("#right"), at(page)) == ("hr", "arfdn", "0%")
    assert page.locator("[data-typed]").input_value() == "40,28,32,32"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_of_several_images_is_chosen_and_keeps_the_methods(open_page: Any, tmp_path: Path, scheme: str) -> None:
    file = visual_page.write([comparison(), comparison("made/other")], tmp_path / "two.html")
    opened = open_page(file, width=390, scheme=scheme)
    page = opened.page
    page.select_option("#left", "hr")
    page.locator("#image").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".shot:visible h2.of").inner_text() == "other"
    assert page.input_value("#i1-left") == "hr"
    assert "image=1" in page.url
    page.reload()
    assert page.locator(".shot:visible h2.of").inner_text() == "other"
    assert opened.overflow() <= 0
