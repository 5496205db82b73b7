"""The cases of bad input, cheating and abuse are numbered 1 to 72; each has a test that bears its number."""

from __future__ import annotations

import re
from pathlib import Path

ROOMS = (Path(__file__).parent, Path(__file__).parents[1] / "isolation")
FILES = (
    "test_cases_*.py",
    "test_validate.py",
    "test_evaluate.py",
    "test_ranking.py",
    "test_opening.py",
    "test_walls.py",
)
_ROW = re.compile(r'^\s*"(\d\d) ', re.MULTILINE)
_NAME = re.compile(r"^def test_((?:\d\d_)+)", re.MULTILINE)


def numbered() -> dict[int, set[str]]:
    """The files that have a row or a test of each number."""
    found: dict[int, set[str]] = {}
    for file in (file for room in ROOMS for pattern in FILES for file in room.glob(pattern)):
        text = file.read_text(encoding="utf-8")
        names = [number for name in _NAME.findall(text) for number in name.strip("_").split("_")]
        for number in (*_ROW.findall(text), *names):
            found.setdefault(int(number), set()).add(file.name)
    return found


def test_all_72_cases_have_a_test() -> None:
    found = numbered()
    print(f"{len(found)} of 72 cases have tests of their number")
    assert sorted(found) == list(range(1, 73))
