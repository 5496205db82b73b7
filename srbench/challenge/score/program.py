"""A platform's scoring program: ``INPUT/ref`` and ``INPUT/res`` to ``OUTPUT/scores.json``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from srbench.challenge.score.output import (
    DETAILS,
    OutputError,
    clear,
    details_html,
    report_lines,
    scores_json,
    scores_txt,
    shown_values,
    write_whole,
)
from srbench.challenge.score.plan import Plan, PlanError, plan_from_json
from srbench.challenge.score.scoring import score_submission

USAGE = "usage: score INPUT OUTPUT [--txt]"
_SECONDS_BETWEEN = 5.0


def main(arguments: Sequence[str], plan_file: Path) -> int:
    """Score ``INPUT/res`` against ``INPUT/ref`` and write into OUTPUT; the exit code says what came of it.

    0: scores were written. 3: the submission is invalid, or a limit stopped it. 1: the organisers' files are at fault,
    or the program is. Without scores the platform shows what was printed.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    folders = [argument for argument in arguments if not argument.startswith("--")]
    if len(folders) != 2 or set(arguments) - set(folders) - {"--txt"}:
        _say(USAGE)
        return 1
    try:
        plan = plan_from_json(plan_file.read_text(encoding="utf-8"))
        return score_folders(Path(folders[0]), Path(folders[1]), plan, "--txt" in arguments, _say)
    except (PlanError, OutputError, OSError) as error:
        _say(f"organiser error: {error}")
    except Exception as error:
        _say(f"organiser error: the scoring program failed ({type(error).__name__}: {error})")
    return 1


def score_folders(given: Path, output: Path, plan: Plan, as_text: bool, say: Callable[[str], None]) -> int:
    """Do what :func:`main` says, with a plan at hand."""
    clear(output)
    scored = score_submission(given / "res", given / "ref", plan, _SpacedProgress(say))
    for line in report_lines(scored):
        say(line)
    write_whole(output / DETAILS, details_html(scored, plan))
    if scored.verdict.outcome == "valid":
        name, text = ("scores.txt", scores_txt) if as_text else ("scores.json", scores_json)
        write_whole(output / name, text(scored, plan))
        say(f"valid: {shown_values(scored.published(plan), plan)}")
    else:
        say(f"{scored.verdict.outcome}: no scores were written")
    return scored.verdict.exit_code


def _say(line: str) -> None:
    print(line, flush=True)


class _SpacedProgress:
    """Progress every few seconds and at the end, so that a log shows where a slow run is."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._next = say, time.monotonic() + _SECONDS_BETWEEN

    def __call__(self, done: int, total: int, _name: str) -> None:
        if done == total or time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS_BETWEEN
            self._say(f"{done} of {total} images read")
