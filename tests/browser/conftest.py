"""Chromium without a network, and the pages it opens; tests skip, saying so, where either is absent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "report"), str(Path(__file__).resolve().parent)]

CHROMIUM = Path(os.environ.get("SRBENCH_CHROMIUM", "/usr/bin/chromium"))
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the whole run."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed (pip install playwright)"
    )
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM} (set SRBENCH_CHROMIUM)")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Opened:
    """A page in the browser, with what it printed and asked for; both must stay empty."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def overflow(self) -> int:
        """Pixels by which the body is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """A function (file, width, scheme) that opens a page from file:// and, at the end, asserts that it was quiet."""
    opened: list[Opened] = []

    def open_file(file: Path, width: int = 1400, scheme: str = "light") -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(5000)
        found = Opened(context.new_page())
        address = file.resolve().as_uri()
        found.page.on("console", lambda message: found.errors.append(message.text))
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on(
            "request",
            lambda request: (
                None if request.url.split("#")[0].split("?")[0] == address or request.url.startswith("data:")
                else found.requests.append(request.url)
            ),
        )  # fmt: skip
        found.page.goto(address)
        opened.append(found)
        return found

    yield open_file
    for found in opened:
        assert found.errors == []
        assert found.requests == []
        found.page.context.close()
