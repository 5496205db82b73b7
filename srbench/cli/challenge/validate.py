"""``srbench challenge validate``: is a submission fit to be sent? All checks, before anything is uploaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.challenge._options import progress_of_images, rules_option
from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.challenge.checks import Validation

_SHOWN = 10
"""Problems of one check."""
_MARKS = {"passed": "passed", "failed": "FAILED", "could not run": "could not run"}


@click.command("validate")
@click.argument("path", type=click.Path(path_type=Path))
@rules_option
@click.option(
    "--references",
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="HR images, where you have them: the scores are then those of the platform's scorer.",
)
@click.option(
    "--lr",
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="LR images, which every participant has: names and sizes of the results follow from them.",
)
@click.option(
    "--dataset", metavar="SET", help="Dataset of the rules that the images are of; default: any, floors of the first."
)
@json_option
@plugin_option
def command(
    path: Path, rules_id: str, references: Path | None, lr: Path | None, dataset: str | None, as_json: bool
) -> None:
    """Check a submission (a folder, zip or tar of results or of a model) before it is sent.

    Nothing of it is run. Every check runs, none stops at the first problem. Exit code 0, or 3 where one failed.

    \b
    Examples:
      srbench challenge validate results.zip --rules ntire2026-esr --lr LR_DIR
      srbench challenge validate team07/ --rules ntire2026-esr
    """  # fmt: skip
    import sys

    from srbench.challenge.checks import validate
    from srbench.rules import get_rules

    with progress_of_images() as progress:
        found = validate(path, get_rules(rules_id), references, dataset, progress, lr)
    if as_json:
        click.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False, allow_nan=False))
    else:
        click.echo(_text(found, path))
    sys.exit(found.verdict.exit_code)


def _text(found: Validation, path: Path) -> str:
    """The checks by theme, each with what it found."""
    from srbench.challenge.checks.likeness import is_warning
    from srbench.challenge.score.hints import DIAGNOSIS

    lines = [f"{path.name or path.resolve().name}: {found.kind} submission, rules {found.rules}"]
    theme = ""
    for result in found.results:
        if result.check.theme != theme:
            theme = result.check.theme
            lines.append(f"{theme}")
        doubtful = result.status == "passed" and any(is_warning(note) for note in result.notes)
        mark = "WARNING" if doubtful else _MARKS[result.status]
        lines.append(f"  {mark}: {result.check.title}{f' ({result.reason})' if result.reason else ''}")
        for problem in result.problems[:_SHOWN]:
            lines.append(f"    {problem.what}")
            parts = (("expected", problem.expected), ("found", problem.found), ("to mend", problem.mend))
            lines += [f"      {label}: {text}" for label, text in parts if text]
        if len(result.problems) > _SHOWN:
            lines.append(f"    and {len(result.problems) - _SHOWN} more; --json has all of them")
        lines += [f"    note: {note.text}" for note in result.notes]
    failed = sum(result.status == "failed" for result in found.results)
    open_ = sum(result.status == "could not run" for result in found.results)
    summary = f"{failed} of {len(found.results)} checks failed" if failed else "no check failed"
    warned = [note.kind.removeprefix(DIAGNOSIS) for note in found.warnings]
    warnings = f", {len(warned)} warning{'s' if len(warned) > 1 else ''}: {', '.join(warned)}; " if warned else ": "
    lines.append(f"{found.verdict.outcome}{warnings}{summary}{f', {open_} could not run' if open_ else ''}")
    return "\n".join(lines)
