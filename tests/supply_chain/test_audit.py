"""An audit that could ask nobody never passes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.supply_chain.audit import judged

FINE = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1)"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([FINE, FINE], 0, "2 packages looked up"),
        ([FINE, BAD], 3, "b 2: PYSEC-1, mended in 3"),
        ([UNKNOWN, BAD], 3, "1 known vulnerabilities in 1 packages"),
        ([FINE, UNKNOWN], 2, "1 of 2 packages could not be looked up"),
        ([UNKNOWN, UNKNOWN], 2, "NOTHING WAS CHECKED"),
        ([], 2, "NOTHING WAS CHECKED"),
    ],
)
def test_what_a_report_means(packages: list[dict[str, Any]], code: int, said: str) -> None:
    found, lines = judged({"dependencies": packages})
    assert found == code
    assert any(said in line for line in lines)
