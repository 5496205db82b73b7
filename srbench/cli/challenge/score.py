"""``srbench challenge score``: a platform's scoring program, and scores of result archives on one's own machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from srbench.cli.challenge._options import progress_of_images, rules_option
from srbench.cli.options import json_option, plugin_option


@click.command("score")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@rules_option
@click.option(
    "--references",
    type=click.Path(exists=True, path_type=Path),
    metavar="DIR",
    help="HR images: a folder, zip or tar. Each PATH is then a folder, zip or tar of SR images.",
)
@click.option("--psnr-only", is_flag=True, help="Leave SSIM out, which takes most of the time.")
@click.option("--fail-equal", is_flag=True, help="An image that equals its reference makes a submission invalid.")
@click.option("--txt", is_flag=True, help="With INPUT OUTPUT: write scores.txt instead of scores.json.")
@json_option
@plugin_option
def command(
    paths: tuple[Path, ...],
    rules_id: str,
    references: Path | None,
    psnr_only: bool,
    fail_equal: bool,
    txt: bool,
    as_json: bool,
) -> None:
    """Score results submissions by the rules of a challenge.

    With --references, PATH... are submissions: they are ranked by PSNR, the best first. Without it, give INPUT OUTPUT
    as a platform does: INPUT/res against INPUT/ref, into OUTPUT/scores.json. Exit code 0, 3 where any is invalid, 1
    where the references are wrong.
    """  # fmt: skip
    import sys

    from srbench.challenge.planning import plan_of
    from srbench.challenge.score.output import OutputError
    from srbench.challenge.score.program import score_folders
    from srbench.challenge.score.scoring import Work, score_many
    from srbench.errors import SrbenchError
    from srbench.rules import get_rules

    plan = plan_of(get_rules(rules_id), equal_to_reference="fail" if fail_equal else "note")
    if references is None:
        if len(paths) != 2:
            raise SrbenchError("give INPUT OUTPUT, or --references DIR and any number of submissions.")
        try:
            sys.exit(score_folders(paths[0], paths[1], plan, txt, click.echo))
        except OutputError as error:
            raise SrbenchError(str(error)) from error
    with progress_of_images() as progress:
        found = score_many(paths, references, plan, progress, Work(ssim=not psnr_only))
    rows = [
        {"submission": path.name, **_row(scored, plan, psnr_only)} for path, scored in zip(paths, found, strict=True)
    ]
    rows.sort(key=lambda row: (row["outcome"] != "valid", -row["values"].get("psnr", 0.0), row["submission"]))
    click.echo(json.dumps(rows, indent=1, ensure_ascii=False) if as_json else _table(rows))
    outcomes = {row["outcome"] for row in rows}
    sys.exit(1 if "organiser error" in outcomes else 3 if outcomes - {"valid"} else 0)


def _row(scored: Any, plan: Any, psnr_only: bool) -> dict[str, Any]:
    values = scored.published(plan) if scored.verdict.outcome == "valid" else {}
    if psnr_only:
        values.pop("ssim", None)
    return {"values": values, **scored.verdict.as_dict()}


def _table(rows: list[dict[str, Any]]) -> str:
    """One line for each submission, and below them what is wrong with it."""
    from srbench.challenge.verdict import Problem

    lines = []
    for row in rows:
        values = ", ".join(f"{key} {value:.6g}" for key, value in row["values"].items())
        lines.append(f"{row['submission']}: {row['outcome']}{': ' + values if values else ''}")
        lines += [f"  {Problem(**problem).sentence()}" for problem in row["problems"]]
        lines += [f"  note: {note['text']}" for note in row["notes"]]
    return "\n".join(lines)
