"""axe-core on every kind of page: no serious or critical finding, wide and narrow, light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from paper_samples import SPEC, load
from samples import MACHINES, record, results, zoo

from srbench.report import front_page, paper_page, papers, run_page
from srbench.report.front_page import Entry
from srbench.report.page import Highlight
from srbench.report.pages import genealogy
from srbench.report.papers import Data

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("SRBENCH_AXE", "node_modules/axe-core/axe.min.js"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not AXE.is_file():
        pytest.skip(f"no axe-core at {AXE} (npm install axe-core, or set SRBENCH_AXE)")
    root = tmp_path_factory.mktemp("axe")
    report, data = load(tmp_path_factory.mktemp("toy"))
    front = Data((), {str(index): made for index, made in enumerate(results(zoo()).records)}, MACHINES)
    pages = {
        "paper": paper_page.html(report, papers.draw(SPEC, data), data),
        "run": run_page.html(results([*zoo(), record(scale=2)]), MACHINES),
        "index": front_page.html(front, [Entry("The zoo", "All", "zoo.html")], [Highlight("one", "audit.html#one")]),
        "genealogy": genealogy.html()[0],
    }
    for name, text in pages.items():
        (root / f"{name}.html").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", ["index", "run", "paper", "genealogy"])
def test_no_serious_finding(open_page: Any, folder: Path, name: str, width: int, scheme: str) -> None:
    page = open_page(folder / f"{name}.html", width=width, scheme=scheme).page
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
             .filter(v => ['serious', 'critical'].includes(v.impact))
             .map(v => [v.id, v.nodes.length, v.nodes[0].html, v.nodes[0].failureSummary])"""
    )
    assert found == []
