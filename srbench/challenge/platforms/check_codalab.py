"""A CodaLab bundle by the rules of its version 1.5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from srbench.challenge.platforms.looking import (
    as_time,
    check_bundle,
    check_command,
    check_given_references,
    check_program,
    compare_columns,
    load_yaml,
    need_file,
    unpacked,
    wrong,
)
from srbench.challenge.verdict import Problem


def check(bundle: Path) -> list[Problem]:
    """Everything that the platform would refuse, drop or misread.

    Raises:
        SrbenchError: the bundle cannot be opened.
    """
    return check_bundle(bundle, "competition.yaml", _look)


def _look(root: Path, competition: dict[str, Any], problems: list[Problem]) -> None:
    _head(root, competition, problems)
    keys = _columns(competition.get("leaderboard"), problems)
    _phases(root, competition.get("phases"), keys, problems)


def _head(root: Path, competition: dict[str, Any], problems: list[Problem]) -> None:
    if "version" in competition:
        problems.append(wrong("version is given", "none in this format", str(competition["version"])))
    if not competition.get("title"):
        problems.append(wrong("title is missing"))
    need_file(root, competition.get("image"), "image (the logo)", problems)
    pages = competition.get("html")
    if not isinstance(pages, dict) or "terms" not in pages:
        problems.append(wrong("html is missing or has no terms"))
    for name, file in (pages if isinstance(pages, dict) else {}).items():
        need_file(root, file, f"page '{name}'", problems)
    image = str(competition.get("competition_docker_image", ""))
    if not image or image.endswith(":py37"):
        mend = "set competition_docker_image to one with Python 3.9 or newer, numpy and Pillow"
        problems.append(wrong("the container image has no Python 3.9", found=image or "the default", mend=mend))


def _columns(leaderboard: Any, problems: list[Problem]) -> set[str]:
    """Check the leaderboard; returns the keys that a scorer has to write."""
    if not isinstance(leaderboard, dict) or not leaderboard.get("leaderboards") or not leaderboard.get("columns"):
        problems.append(wrong("leaderboard needs leaderboards and columns"))
        return set()
    boards = list(leaderboard["leaderboards"].values())
    for key, column in leaderboard["columns"].items():
        if not isinstance(column, dict) or not column.get("label") or "rank" not in column:
            problems.append(wrong(f"column {key} needs a label and a rank"))
        elif column.get("leaderboard") not in boards:
            problems.append(wrong(f"column {key} belongs to no leaderboard"))
        elif column.get("sort", "desc") not in ("asc", "desc"):
            problems.append(wrong(f"column {key}: sort", "asc or desc", str(column["sort"])))
    return {str(key) for key in leaderboard["columns"]}


def _phases(root: Path, phases: Any, keys: set[str], problems: list[Problem]) -> None:
    if not isinstance(phases, dict) or not phases:
        problems.append(wrong("phases is missing or empty"))
        return
    before = None
    for number, phase in phases.items():
        where = f"phase {number}"
        if not isinstance(phase, dict) or "phasenumber" not in phase or not phase.get("label"):
            problems.append(wrong(f"{where} needs a phasenumber and a label"))
            continue
        begin = as_time(phase.get("start_date"))
        if begin is None or (before is not None and begin <= before):
            problems.append(wrong(f"{where} has no start_date, or not after the one before"))
        before = begin or before
        program = need_file(root, phase.get("scoring_program"), f"scoring_program of {where}", problems)
        with unpacked(program) as folder:
            plan = None
            if folder is not None and (folder / "metadata").is_file():
                command = load_yaml(folder / "metadata", problems).get("command")
                check_command(command, problems, f"{where} (metadata)", placeholders=True)
                plan = check_program(folder, problems, where)
            elif program is not None:
                problems.append(wrong(f"{where}: the scoring program is no zip, or has no file 'metadata'"))
        compare_columns(keys, plan, problems, where)
        check_given_references(root, phase, "reference_data", plan, (where, problems))
