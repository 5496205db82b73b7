from __future__ import annotations

from pathlib import Path

import pytest

from srbench.challenge.entries import EntryResult, IsolationNote, ResultsFile, read_results, write_results
from srbench.errors import SrbenchError


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    entry = EntryResult(id="00", title="base", status="measured", values={"params": 150688.0})
    results = ResultsFile(
        rules="ntire2026-esr", baseline="00", isolation=IsolationNote(kind="process"), entries=(entry,)
    )
    path = write_results(results, tmp_path / "folder" / "results.json")
    assert read_results(path) == results
    assert [p.name for p in path.parent.iterdir()] == ["results.json"]


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other"}', "{"])
def test_another_file_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(SrbenchError, match="results file"):
        read_results(file)
