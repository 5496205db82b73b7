"""EvalAI's ``evaluate``: files in, a dictionary out, an exception where a submission is invalid; nothing else happens.

EvalAI calls it inside its worker's own process, so it neither prints nor changes the working directory, leaves no
thread that works on, and never raises ``SystemExit``. Hosted and remote evaluation call it in different orders.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from srbench.challenge.score.output import report_lines
from srbench.challenge.score.plan import Plan, plan_from_json
from srbench.challenge.score.scoring import Scored, Work, score_submission


class InvalidSubmission(Exception):
    """The submission, or the organisers' data, cannot be scored; the text has one line for each problem."""


def evaluate_from(folder: Path, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
    """Score one submission with ``plan.json`` and ``splits.json`` of ``folder``.

    Args:
        folder: where the two files lie.
        arguments: positional, as hosted evaluation gives them (references, submission, phase) or as remote does
            (submission, phase, references).
        keywords: the same by name, and whatever else the platform adds.

    Raises:
        InvalidSubmission: with every problem; also for an unknown phase.
    """
    references, submission, phase = _arguments(arguments, keywords)
    splits = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    if phase not in splits:
        raise InvalidSubmission(f"unknown phase '{phase}'; this challenge has {', '.join(sorted(splits))}.")
    plan = plan_from_json((folder / "plan.json").read_text(encoding="utf-8"))
    scored = score_submission(Path(submission), Path(references), plan, work=Work(threads=False))
    if scored.verdict.outcome != "valid":
        raise InvalidSubmission("\n".join([scored.verdict.outcome, *report_lines(scored)]))
    return result_of(scored, plan, splits[phase], keywords.get("submission_metadata"))


def result_of(scored: Scored, plan: Plan, split: str, metadata: Any) -> dict[str, Any]:
    """The dictionary that EvalAI stores."""
    values = scored.published(plan)
    return {
        "result": [{split: values}],
        "submission_metadata": metadata,
        "submission_result": {"values": values, "notes": [note.text for note in scored.verdict.notes]},
    }


def _arguments(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[str, str, str]:
    """References, submission and phase, in whichever of the two orders they came."""
    named = {
        "references": keywords.get("test_annotation_file"),
        "submission": keywords.get("user_annotation_file", keywords.get("user_submission_file")),
        "phase": keywords.get("phase_codename"),
    }
    hosted = ("references", "submission", "phase")
    remote = ("submission", "phase", "references")
    is_remote = "user_submission_file" in keywords or (len(arguments) >= 2 and not Path(str(arguments[1])).exists())
    if len(arguments) >= 3 and Path(str(arguments[2])).exists():
        is_remote = True
    order = [name for name in (remote if is_remote else hosted) if named[name] is None]
    for position, value in enumerate(arguments[:3]):
        if position < len(order):
            named[order[position]] = value
    missing = [name for name in hosted if not named[name]]
    if missing:
        raise InvalidSubmission(f"evaluate was called without {', '.join(missing)}.")
    return str(named["references"]), str(named["submission"]), str(named["phase"])
