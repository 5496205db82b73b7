"""``srbench challenge score``: a platform's scoring program, and scores of result archives on one's own machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.challenge._options import progress_of_images, rules_option
from srbench.cli.options import comma_list, json_option, plugin_option

if TYPE_CHECKING:
    from srbench.challenge.score.plan import Plan
    from srbench.challenge.score.scoring import Scored


@click.command("score")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@rules_option
@click.option(
    "--references",
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="HR images: a folder, zip or tar. Each PATH is then a folder, zip or tar of SR images.",
)
@click.option(
    "--quantities",
    callback=comma_list,
    metavar="NAMES",
    help="Only these of what the scorer measures, separated by commas: PSNR alone takes a small part of the time.",
)
@click.option("--fail-equal", is_flag=True, help="An image that equals its reference makes a submission invalid.")
@click.option("--txt", is_flag=True, help="With INPUT OUTPUT: write scores.txt instead of scores.json.")
@json_option
@plugin_option
def command(
    paths: tuple[Path, ...],
    rules_id: str,
    references: Path | None,
    quantities: tuple[str, ...],
    fail_equal: bool,
    txt: bool,
    as_json: bool,
) -> None:
    """Score results submissions by the rules of a challenge.

    With --references, PATH... are submissions: they are ranked by PSNR, the best first. Without it, give INPUT OUTPUT
    as a platform does: INPUT/res against INPUT/ref, into OUTPUT/scores.json. Exit code 0, 3 where any is invalid, 1
    where the references are wrong.

    \b
    Examples:
      srbench challenge score results.zip --rules ntire2026-esr --references HR_DIR
      srbench challenge score *.zip --rules ntire2026-esr --references HR_DIR --json
    """  # fmt: skip
    import sys

    from srbench.challenge.planning import plan_of
    from srbench.challenge.score.output import OutputError
    from srbench.challenge.score.program import score_folders
    from srbench.challenge.score.scoring import Work, score_many
    from srbench.errors import SrbenchError
    from srbench.rules import get_rules

    wanted = _wanted(quantities)
    plan = plan_of(get_rules(rules_id), equal_to_reference="fail" if fail_equal else "note")
    if references is None:
        if quantities:
            raise SrbenchError("a platform's scores have all quantities; --quantities goes with --references DIR.")
        if len(paths) != 2:
            raise SrbenchError("give INPUT OUTPUT, or --references DIR and any number of submissions.")
        try:
            sys.exit(score_folders(paths[0], paths[1], plan, txt, click.echo))
        except OutputError as error:
            raise SrbenchError(str(error)) from error
    for path in paths:
        if not path.exists():
            raise SrbenchError(f"'{path}' does not exist; give a folder, zip or tar of a submission.")
    with progress_of_images() as progress:
        found = score_many(paths, references, plan, progress, Work(wanted))
    rows = [
        {"submission": path.name, "values": _values(scored, plan), **scored.verdict.as_dict()}
        for path, scored in zip(paths, found, strict=True)
    ]
    first = next(column.key for column in plan.columns if column.value == wanted[0])
    rows.sort(key=lambda row: (row["outcome"] != "valid", -row["values"].get(first, 0.0), row["submission"]))
    click.echo(json.dumps(rows, indent=1, ensure_ascii=False) if as_json else _table(rows, plan))
    outcomes = {row["outcome"] for row in rows}
    sys.exit(1 if "organiser error" in outcomes else 3 if outcomes - {"valid"} else 0)


def _wanted(quantities: tuple[str, ...]) -> tuple[str, ...]:
    """Names of what is measured, in the scorer's order: all of it where nothing is asked for."""
    from srbench.challenge.score.plan import MEASURED_NAMES
    from srbench.errors import unknown_name

    asked = [name.lower() for name in quantities]
    for name in asked:
        if name not in MEASURED_NAMES:
            raise unknown_name("quantity of the scorer", name, MEASURED_NAMES)
    return tuple(name for name in MEASURED_NAMES if name in asked) or MEASURED_NAMES


def _values(scored: Scored, plan: Plan) -> dict[str, float]:
    return scored.published(plan) if scored.verdict.outcome == "valid" else {}


def _table(rows: list[dict[str, Any]], plan: Plan) -> str:
    """One line for each submission, and below them what is wrong with it."""
    from srbench.challenge.score.output import shown_values
    from srbench.challenge.score.verdict import Problem, sentences

    lines = []
    for row in rows:
        values = shown_values(row["values"], plan)
        lines.append(f"{row['submission']}: {row['outcome']}{': ' + values if values else ''}")
        lines += [f"  {sentence}" for sentence in sentences(Problem(**problem) for problem in row["problems"])]
        lines += [f"  note: {note['text']}" for note in row["notes"]]
    return "\n".join(lines)
