"""A runtime that its samples speak against is marked where it stands, in the console, in formats and on the page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from samples import MACHINES, costs, record, results

from srbench.cli import run_view
from srbench.evaluation.outcome import Outcome
from srbench.report import run_page, tables
from srbench.results.collection import Results
from srbench.results.record import CostRecord

WARNINGS = ("only 3 samples: at least 5 are needed to see the spread", "load: other programs kept 2.0 of 2 cores busy")


def doubtful(cost: CostRecord) -> CostRecord:
    runtime = cost.runtime
    if runtime is None:
        return cost
    return cost.model_copy(update={"runtime": replace(runtime, warnings=WARNINGS)})


STEADY = results([record()])
UNSTEADY = Results.of([record(), *map(doubtful, costs("imdn", 4))])


def test_the_console_marks_it_and_says_what_the_mark_means() -> None:
    text = tables.render(UNSTEADY, "table", width=200)
    assert re.search(r"│\s+~11\.0 │", text)
    assert "box-1; ~ unsteady (only 3 samples, load); srbench time measures soundly." in text
    assert "~" not in tables.render(STEADY, "table", width=200)


def test_a_column_that_was_asked_for_marks_it_in_every_format() -> None:
    assert "| ~11.0 |" in tables.render(UNSTEADY, "markdown", costs=["runtime"])
    assert "Runtime: ~ unsteady (only 3 samples, load)." in tables.render(UNSTEADY, "markdown", costs=["runtime"])
    assert r"\textasciitilde{}11.0" in tables.render(UNSTEADY, "latex", costs=["runtime"])
    assert ",11.0," in tables.render(UNSTEADY, "csv", costs=["runtime"]), "data for machines stay numbers"
    assert "~" not in tables.render(STEADY, "markdown", costs=["runtime"])


def test_a_format_without_runtimes_says_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome(costs=list(STEADY.costs))
    run_view.show_left_out(outcome, ())
    assert "not in this table; --quantities psnr,ssim,runtime adds them." in " ".join(capsys.readouterr().err.split())
    run_view.show_left_out(outcome, ("runtime",))
    run_view.show_left_out(Outcome(), ())
    assert not capsys.readouterr().err


def test_the_page_marks_it_and_explains_the_words() -> None:
    page = run_page.html(UNSTEADY, MACHINES, costs=["runtime"])
    marked = re.findall(r'<td data-v="11" data-note="([^"]*)">~11\.0', page)
    assert len(marked) == 2, "in the table and among the costs"
    assert all(f"unsteady: {WARNINGS[0]}" in note for note in marked)
    assert "fewer than 5, which is too few to see the spread; load: other programs kept more than 10%" in page
    steady = run_page.html(STEADY, MACHINES, costs=["runtime"])
    assert ">~" not in steady
    assert "unsteady" not in steady.partition("</style>")[2].partition("<script")[0]
