"""Every model's parameters and MACs, computed beside published: equal or explained, and the page says so."""

from __future__ import annotations

import os

from zoo_table import render

from srbench.paths import reports_dir

PAGE = reports_dir() / "zoo" / "parameters_and_macs.md"


def test_every_count_is_equal_or_explained_and_the_page_is_current() -> None:
    text, failures = render()
    assert not failures, "\n".join(failures)
    if os.environ.get("SRBENCH_UPDATE"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run with SRBENCH_UPDATE=1 and commit the page"
