"""An EvalAI challenge by what its importer and its worker look up."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from srbench.challenge.platforms.looking import (
    as_time,
    check_bundle,
    check_given_references,
    check_program,
    compare_columns,
    need_file,
    unpacked,
    wrong,
)
from srbench.challenge.score.plan import Plan
from srbench.challenge.verdict import Problem

_TEMPLATES = ("description", "evaluation_details", "terms_and_conditions", "image")


def check(bundle: Path) -> list[Problem]:
    """Everything that the platform would refuse, drop or misread.

    Raises:
        SrbenchError: the bundle cannot be opened.
    """
    return check_bundle(bundle, "challenge_config.yaml", _look)


def _look(root: Path, config: dict[str, Any], problems: list[Problem]) -> None:
    for name in _TEMPLATES:
        need_file(root, config.get(name), name, problems)
    if not config.get("title"):
        problems.append(wrong("title is missing"))
    plan, splits = _script(need_file(root, config.get("evaluation_script"), "evaluation_script", problems), problems)
    compare_columns(_labels(config.get("leaderboard"), problems), plan, problems, "leaderboard")
    _phases(root, config, plan, problems)
    _phase_splits(config, splits, problems)


def _script(path: Path | None, problems: list[Problem]) -> tuple[Plan | None, dict[str, str]]:
    """Check the evaluation package; its plan, and the split that it answers for each phase."""
    with unpacked(path) as folder:
        if folder is None:
            return None, {}
        init = folder / "__init__.py"
        tree = ast.parse(init.read_text(encoding="utf-8")) if init.is_file() else ast.Module([], [])
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        defined |= {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
        if "evaluate" not in defined:
            problems.append(wrong("the evaluation script has no function evaluate in its __init__.py"))
        for file in sorted(folder.rglob("*.py")):
            if _exits(file.read_text(encoding="utf-8")):
                problems.append(wrong(f"{file.name} ends the process", mend="raise an Exception: the worker runs on"))
        plan = check_program(folder, problems, "evaluation script")
        splits_file = folder / "splits.json"
        splits = json.loads(splits_file.read_text(encoding="utf-8")) if splits_file.is_file() else {}
        return plan, splits


def _exits(source: str) -> bool:
    """Whether code calls exit() or sys.exit(), or raises SystemExit."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return False
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    called = {n.func.attr for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    return bool(names & {"SystemExit", "exit", "quit"}) or bool(called & {"exit", "_exit"})


def _labels(leaderboard: Any, problems: list[Problem]) -> set[str]:
    """Check the leaderboards' schemas; returns their labels."""
    found: set[str] = set()
    for board in leaderboard or ():
        schema = board.get("schema") or {}
        labels = schema.get("labels") or []
        if not labels or schema.get("default_order_by") not in labels:
            order = str(schema.get("default_order_by"))
            problems.append(wrong("leaderboard: default_order_by is none of its labels", ", ".join(labels), order))
        if set(schema.get("metadata") or {}) - set(labels):
            problems.append(wrong("leaderboard: metadata of labels that there are not"))
        found |= set(labels)
    if not found:
        problems.append(wrong("leaderboard is missing or has no labels"))
    return found


def _phases(root: Path, config: dict[str, Any], plan: Plan | None, problems: list[Problem]) -> None:
    phases = config.get("challenge_phases") or []
    if not phases:
        problems.append(wrong("challenge_phases is missing or empty"))
    for part in ("id", "codename"):
        values = [phase.get(part) for phase in phases]
        if None in values or len(set(values)) != len(values):
            problems.append(wrong(f"challenge_phases need a {part} each, all different", found=str(values)))
    for phase in phases:
        where = f"phase '{phase.get('codename')}'"
        begin, end = as_time(phase.get("start_date")), as_time(phase.get("end_date"))
        if begin is None or end is None or end <= begin:
            problems.append(wrong(f"{where} needs start_date and a later end_date"))
        check_given_references(root, phase, "test_annotation_file", plan, (where, problems))


def _phase_splits(config: dict[str, Any], splits: dict[str, str], problems: list[Problem]) -> None:
    """Every split that the script answers for a phase exists for it."""
    phases = {phase.get("id"): phase.get("codename") for phase in config.get("challenge_phases") or ()}
    sets = {split.get("id"): split.get("codename") for split in config.get("dataset_splits") or ()}
    boards = {board.get("id") for board in config.get("leaderboard") or ()}
    given = config.get("challenge_phase_splits") or []
    for entry in given:
        ids = (entry.get("challenge_phase_id"), entry.get("dataset_split_id"), entry.get("leaderboard_id"))
        if ids[0] not in phases or ids[1] not in sets or ids[2] not in boards:
            problems.append(wrong("challenge_phase_splits names what there is not", found=str(ids)))
        if entry.get("visibility") not in (1, 2, 3):
            problems.append(wrong("challenge_phase_splits: visibility", "1, 2 or 3", str(entry.get("visibility"))))
    known = {(phases.get(e.get("challenge_phase_id")), sets.get(e.get("dataset_split_id"))) for e in given}
    for phase in phases.values():
        if (phase, splits.get(str(phase))) not in known:
            problems.append(wrong(f"phase '{phase}': the script answers split '{splits.get(str(phase))}', not its own"))
