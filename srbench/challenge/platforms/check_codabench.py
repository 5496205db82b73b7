"""A Codabench bundle by the rules of its unpacker (version 2) and of its compute worker; v1.25."""

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

_LONGEST = {"title": 36, "key": 36}
_LONGEST_BOARD_TITLE = 64
_RULES = (
    "Add", "Add_And_Delete", "Add_And_Delete_Multiple", "Force_Last", "Force_Latest_Multiple", "Force_Best",
)  # fmt: skip
_DEFAULT_LIMIT = 600


def check(bundle: Path) -> list[Problem]:
    """Everything that the platform would refuse, drop or misread.

    Raises:
        SrbenchError: the bundle cannot be opened.
    """
    return check_bundle(bundle, "competition.yaml", _look)


def _look(root: Path, competition: dict[str, Any], problems: list[Problem]) -> None:
    _head(root, competition, problems)
    keys = _leaderboards(competition, problems)
    known = _tasks(root, competition, keys, problems)
    _phases(competition, known, problems)


def _head(root: Path, competition: dict[str, Any], problems: list[Problem]) -> None:
    if "version" not in competition:
        mend = "without 'version: 2' it is read as an old competition"
        problems.append(wrong("version is missing", "2", mend=mend))
    elif str(competition["version"]) != "2":
        problems.append(wrong("wrong version", "2", str(competition["version"])))
    if not competition.get("title"):
        problems.append(wrong("title is missing"))
    need_file(root, competition.get("image"), "image (the logo)", problems)
    need_file(root, competition.get("terms"), "terms", problems)
    pages = competition.get("pages")
    if not isinstance(pages, list) or not pages:
        problems.append(wrong("pages is missing or empty"))
    for page in pages if isinstance(pages, list) else ():
        if not isinstance(page, dict) or not page.get("title"):
            problems.append(wrong("a page has no title"))
        else:
            need_file(root, page.get("file"), f"page '{page['title']}'", problems)
    image = str(competition.get("docker_image", ""))
    if not image or image.endswith(":py37"):
        mend = "set docker_image to one with Python 3.9 or newer, numpy and Pillow"
        problems.append(
            wrong("the container image has Python 3.7", "Python 3.9 or newer", image or "the default", mend)
        )


def _tasks(root: Path, competition: dict[str, Any], keys: set[str], problems: list[Problem]) -> set[Any]:
    """Check the tasks; returns their indexes."""
    tasks = competition.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        problems.append(wrong("tasks is missing or empty"))
        return set()
    indexes = [task.get("index") if isinstance(task, dict) else None for task in tasks]
    if len(set(map(str, indexes))) != len(indexes) or None in indexes:
        problems.append(wrong("tasks need an index each, all different", found=str(indexes)))
    for task in (task for task in tasks if isinstance(task, dict) and not task.get("key")):
        where = f"task '{task.get('name') or task.get('index')}'"
        program = need_file(root, task.get("scoring_program"), f"scoring_program of {where}", problems)
        plan = None
        with unpacked(program) as folder:
            if folder is not None:
                plan = _program(folder, where, problems)
            elif program is not None:
                problems.append(wrong(f"{where}: '{program.name}' is neither a folder nor a zip"))
        compare_columns(keys, plan, problems, where)
        check_given_references(root, task, "reference_data", plan, (where, problems))
    return set(indexes)


def _program(folder: Path, where: str, problems: list[Problem]) -> Any:
    metadata = next((folder / n for n in ("metadata.yaml", "metadata") if (folder / n).is_file()), None)
    if metadata is None:
        problems.append(wrong(f"{where}: the scoring program has no metadata.yaml"))
    else:
        command = load_yaml(metadata, problems).get("command")
        check_command(command, problems, f"{where} ({metadata.name})", placeholders=True)
    return check_program(folder, problems, where)


def _phases(competition: dict[str, Any], tasks: set[Any], problems: list[Problem]) -> None:
    phases = competition.get("phases")
    if not isinstance(phases, list) or not phases:
        problems.append(wrong("phases is missing or empty"))
        return
    before = None
    for number, phase in enumerate(phase for phase in phases if isinstance(phase, dict)):
        name = f"phase '{phase.get('name', number)}'"
        begin, end = as_time(phase.get("start")), as_time(phase.get("end"))
        if not phase.get("tasks"):
            problems.append(wrong(f"{name} has no tasks"))
        elif set(phase["tasks"]) - tasks:
            problems.append(wrong(f"{name} has unknown tasks", str(sorted(tasks, key=str)), str(phase["tasks"])))
        if begin is None:
            problems.append(wrong(f"{name} has no start, or one that is no date", found=str(phase.get("start"))))
        if end is None and number < len(phases) - 1:
            problems.append(wrong(f"{name} has no end", mend="only the last phase may do without"))
        if begin and end and end <= begin:
            problems.append(wrong(f"{name} ends before it starts"))
        if before is not None and begin is not None and begin <= before:
            mend = "start it at least a minute later"
            problems.append(
                wrong(f"{name} does not start after the end of the one before", found=str(begin), mend=mend)
            )
        before = end
        limit = phase.get("execution_time_limit", _DEFAULT_LIMIT)
        if not isinstance(limit, int) or limit <= 0:
            problems.append(wrong(f"{name} has no sound execution_time_limit", "seconds", str(limit)))


def _leaderboards(competition: dict[str, Any], problems: list[Problem]) -> set[str]:
    """Check the leaderboards; returns the keys that a scorer has to write."""
    if "leaderboard" in competition:
        problems.append(wrong("'leaderboard' is not read", "leaderboards, a list", mend="write the plural"))
    boards = competition.get("leaderboards")
    if not isinstance(boards, list) or not boards:
        problems.append(wrong("leaderboards is missing or empty"))
        return set()
    keys: set[str] = set()
    for board in (board for board in boards if isinstance(board, dict)):
        title = str(board.get("title", ""))
        if not title or len(title) > _LONGEST_BOARD_TITLE or not board.get("key"):
            most = f"a title of at most {_LONGEST_BOARD_TITLE} characters and a key"
            problems.append(wrong(f"leaderboard '{title}' has no sound title or key", most))
        if board.get("submission_rule", "Force_Last") not in _RULES:
            problems.append(wrong("unknown submission_rule", " or ".join(_RULES), str(board["submission_rule"])))
        keys |= _columns([c for c in board.get("columns") or () if isinstance(c, dict)], title, problems)
    return keys


def _columns(columns: list[dict[str, Any]], board: str, problems: list[Problem]) -> set[str]:
    if not columns:
        problems.append(wrong(f"leaderboard '{board}' has no columns"))
    for part in ("key", "index"):
        values = [column.get(part) for column in columns]
        if len(set(map(str, values))) != len(values) or None in values:
            found = ", ".join(map(str, values))
            problems.append(wrong(f"columns of '{board}' need a {part} each, all different", found=found))
    for column in columns:
        for part, longest in _LONGEST.items():
            text = str(column.get(part, ""))
            if not 0 < len(text) <= longest:
                what = f"column {column.get('key')}: {part} of {len(text)} characters"
                problems.append(wrong(what, f"1 to {longest}", text))
        if column.get("sorting", "desc") not in ("asc", "desc"):
            problems.append(wrong(f"column {column.get('key')}: sorting", "asc or desc", str(column["sorting"])))
        if column.get("computation") not in (None, "sum", "avg", "min", "max"):
            found = str(column["computation"])
            problems.append(wrong(f"column {column.get('key')}: computation", "sum, avg, min or max", found))
    return {str(column.get("key")) for column in columns if not column.get("computation")}
