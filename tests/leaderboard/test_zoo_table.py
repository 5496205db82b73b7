"""Every model's parameters and MACs beside published ones: equal, or with a cause, and the page says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from srbench.leaderboard import causes, recount, zoo_table
from srbench.leaderboard.causes import stored_counts
from srbench.paths import reports_dir

PAGE = reports_dir() / "zoo" / "parameters_and_macs.md"
UNKNOWN = {
    ("lapsrn", "76K"), ("idn", "175K"), ("idn", "75K"), ("srresnet", "101.44G"), ("srresnet", "121.43G"),
    ("lapsrn", "199.36G"), ("bsrn", "19.4"),
}  # fmt: skip


def test_the_page_and_the_stored_counts_are_current() -> None:
    """Every network is counted anew; what is stored is not read."""
    counted = recount.text()
    with stored_counts.ignored():
        page = zoo_table.render()
    if os.environ.get("SRBENCH_UPDATE"):
        PAGE.write_text(page, encoding="utf-8")
        stored_counts.FILE.write_text(counted, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run with SRBENCH_UPDATE=1 and commit the page"
    assert stored_counts.FILE.read_text(encoding="utf-8") == counted, "run with SRBENCH_UPDATE=1 and commit the counts"


def test_a_count_of_another_source_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = stored_counts.question("counts", 4, (256, 256))
    assert stored_counts.find("imdn", asked)
    assert stored_counts.stale() == []
    monkeypatch.setattr(stored_counts, "_source", lambda model: "0" * 64)
    assert stored_counts.find("imdn", asked) is None
    assert "imdn" in stored_counts.stale()


def test_a_papers_report_needs_no_torch_where_counts_are_stored() -> None:
    code = "import sys; from srbench.report import site, specs; data = site.load_data(); " \
           "site.committed(specs.load_spec('imdn2019'), data); print('torch' in sys.modules)"  # fmt: skip
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert made.stdout.strip() == "False"


def test_every_printed_cost_is_equal_or_has_a_computed_cause_but_for_those_named_here() -> None:
    unknown = {
        (v.cell.cell.model, v.cell.cell.value)
        for found in zoo_table.verdicts().values()
        for v in found
        if v.cause is not None and not v.cause.known and not v.cell.paper.startswith("smfanet")
    }
    assert unknown == UNKNOWN


def test_a_cause_gives_the_printed_digits() -> None:
    for found in zoo_table.verdicts().values():
        for v in found:
            if v.cause is not None and v.cause.how in (
                "network",
                "blocks",
                "layers",
                "positions",
                "weights",
                "convention",
            ):
                assert v.cause.value is not None
                assert abs(v.cause.value - v.cell.value.number) <= v.cell.value.quantum / 2 * (1 + 1e-9), v.cell.place


def test_the_state_of_a_cell_and_the_audit_give_one_cause() -> None:
    from srbench.leaderboard import audit

    of_table = causes.of_table("aidn2022", "t3")
    report = audit.run(["aidn2022"], ["cost"])
    told = {cell: finding for finding in report.findings for cell in finding.cells if cell in of_table}
    assert set(told) == set(of_table)
    kinds = Counter(cause.how for cause in of_table.values())
    assert kinds["quoted"] == 20
    assert all(of_table[cell].text in " ".join(finding.cases) for cell, finding in told.items())
