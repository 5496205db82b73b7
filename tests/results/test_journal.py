"""The journal of a run: rows come back whole or not at all, whatever was cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.results import journal

HEADER = {"model": "m", "protocols": ["y"], "threads": 1}


def written(folder: Path, indices: list[int], header: dict[str, object] = HEADER) -> Path:
    with journal.Part(folder, header) as part:
        for index in indices:
            part.append({"index": index, "value": index / 7})
    return part.path


def rows(folder: Path) -> dict[int, journal.Row]:
    return {row["index"]: row for row in journal.rows(folder, HEADER)}


def test_rows_of_all_parts_come_back_by_index(tmp_path: Path) -> None:
    written(tmp_path, [0, 3])
    written(tmp_path, [1, 3, 2])
    found = rows(tmp_path)
    assert sorted(found) == [0, 1, 2, 3]
    assert found[3]["value"] == 3 / 7


def test_rows_of_another_header_are_worth_nothing(tmp_path: Path) -> None:
    written(tmp_path, [0], {**HEADER, "threads": 2})
    written(tmp_path, [1])
    assert list(rows(tmp_path)) == [1]
    assert len(journal.headers(tmp_path)) == 2


def test_no_row_no_file(tmp_path: Path) -> None:
    written(tmp_path / "new", [])
    assert not (tmp_path / "new").exists()
    assert rows(tmp_path / "new") == {}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_cut_anywhere_loses_the_cut_row_only(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("cut")
    path = written(folder, [4, 5, 6, 7])
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    complete = whole[:cut].count(b"\n") - 1
    assert sorted(rows(folder)) == [4, 5, 6, 7][: max(0, complete)]


def test_zeros_that_a_power_cut_left_are_passed_over(tmp_path: Path) -> None:
    path = written(tmp_path, [0, 1])
    with path.open("ab") as stream:
        stream.write(b"\0" * 100 + b"\n")
    assert sorted(rows(tmp_path)) == [0, 1]


def test_a_killed_process_loses_no_row_it_has_appended(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from srbench.results import journal\n"
        f"part = journal.Part(Path(sys.argv[1]), {HEADER!r})\n"
        "for index in range(3): part.append({'index': index})\n"
        "print('there', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        os.kill(process.pid, signal.SIGKILL)
    assert sorted(rows(tmp_path)) == [0, 1, 2]


def test_parts_are_gathered_from_other_folders_and_removed(tmp_path: Path) -> None:
    for number, indices in enumerate(([0, 2], [1])):
        written(journal.folder_of(tmp_path / str(number), "net_x4"), indices)
    target = tmp_path / "all"
    assert journal.passes(tmp_path / "0") == ["net_x4"]
    assert journal.gather(target, [tmp_path / "0", tmp_path / "1"], "net_x4") == 2
    assert journal.gather(target, [tmp_path / "0", tmp_path / "1"], "net_x4") == 0
    folder = journal.folder_of(target, "net_x4")
    assert sorted(rows(folder)) == [0, 1, 2]
    journal.remove(folder)
    assert not (target / journal.FOLDER).exists()


def test_a_journal_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SrbenchError, match="cannot write the journal"):
        written(tmp_path / "file" / "below", [0])
