"""axe-core on every kind of page: no serious or critical finding, wide and narrow, light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from compared import comparison
from paper_samples import SPEC, load
from samples import MACHINES, record, results, zoo

from srbench.leaderboard import audit
from srbench.report import front_page, paper_page, papers, run_page, site, specs, visual_page
from srbench.report.front_page import Entry
from srbench.report.page import Highlight
from srbench.report.pages import audit as audit_page
from srbench.report.pages import challenge_2022, genealogy
from srbench.report.papers import Data, load_data

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("SRBENCH_AXE", "node_modules/axe-core/axe.min.js"))
KINDS = ("index", "run", "paper", "genealogy", "audit", "challenge", "compare")
REAL = ("imdn2019", "common-recipe")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not AXE.is_file():
        pytest.skip(f"no axe-core at {AXE} (npm install axe-core, or set SRBENCH_AXE)")
    root = tmp_path_factory.mktemp("axe")
    report, data = load(tmp_path_factory.mktemp("toy"))
    front = Data((), {str(index): made for index, made in enumerate(results(zoo()).records)}, MACHINES)
    pages = {
        "paper": paper_page.html(report, papers.draw(SPEC, data), data),
        "run": run_page.html(
            results([*zoo(), record(scale=2)]), MACHINES, beside=run_page.Beside(published=data.printed)
        ),
        "index": front_page.html(front, [Entry("The zoo", "All", "zoo.html")], [Highlight("one", "audit.html#one")]),
        "genealogy": genealogy.html()[0],
        "audit": audit_page.html(site.NAV, audit.run(kinds=["marks", "copy"]))[0],
        "challenge": challenge_2022.PAGE.render(nav=site.NAV)[0],
        "compare": visual_page.html([comparison(), comparison("made/other")]),
    }
    assert set(pages) == set(KINDS)
    real = site.Site()
    shipped = load_data()
    for name in REAL:
        site.add_report(real, specs.load_spec(name), shipped)
        pages[name] = str(real.pages[f"{name}.html"])
    for name, text in pages.items():
        (root / f"{name}.html").write_text(text, encoding="utf-8")
    return root


def findings(page: Any) -> list[Any]:
    """What axe calls serious or critical of the page as it is now."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
             .filter(v => ['serious', 'critical'].includes(v.impact))
             .map(v => [v.id, v.nodes.length, v.nodes[0].html, v.nodes[0].failureSummary])"""
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", KINDS)
def test_no_serious_finding(open_page: Any, folder: Path, name: str, width: int, scheme: str) -> None:
    assert findings(open_page(folder / f"{name}.html", width=width, scheme=scheme).page) == []


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
@pytest.mark.parametrize("name", REAL)
def test_no_serious_finding_on_pages_of_the_site(
    open_page: Any, folder: Path, name: str, width: int, scheme: str
) -> None:
    assert findings(open_page(folder / f"{name}.html", width=width, scheme=scheme).page) == []


@pytest.mark.parametrize(("width", "scheme"), [(1400, "dark"), (390, "light")])
def test_no_serious_finding_when_all_is_open(open_page: Any, folder: Path, width: int, scheme: str) -> None:
    page = open_page(folder / "paper.html", width=width, scheme=scheme).page
    page.locator(".views").first.get_by_text("Measured by us").click()
    page.locator("a[data-i]").nth(4).focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog").is_visible()
    assert findings(page) == []
    page = open_page(folder / "run.html", width=width, scheme=scheme).page
    page.locator("details.later summary").first.press("Enter")
    page.locator(".picker summary").first.press("Enter")
    page.get_by_label("At most").fill("500K")
    assert page.locator("#charts .answer").is_visible()
    assert findings(page) == []
