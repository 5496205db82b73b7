"""``srbench results merge``: the results of a run out of its parts."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option

if TYPE_CHECKING:
    from srbench.evaluation.merging import Merged

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=_FOLDER)
@click.option("--into", type=_FOLDER, help="Results folder to write; default: the first of FOLDERS.")
@json_option
def command(folders: tuple[Path, ...], into: Path | None, as_json: bool) -> None:
    """Write the results of a run whose parts ('srbench run --shard K/N') are in FOLDERS.

    Parts may share one folder or have one each. Images are put together in the order of the dataset, so that the
    values are those of one run of all. What lacks images is named, and its parts are kept; exit code 1 then.

    \b
    Examples:
      srbench results merge part1 part2 part3 --into srbench-results
      srbench results merge srbench-results --json
    """
    from srbench.evaluation.merging import merge

    target = into or folders[0]
    done = merge(folders, target)
    if as_json:
        missing = {
            name: {
                "images": there,
                "of": wanted,
                "parts": done.lacking.get(name, []),
                "computed_unlike": [
                    {"folder": str(one.folder), "images": one.images, "how": one.how}
                    for one in done.unlike.get(name, [])
                ],
            }
            for name, (there, wanted) in done.missing.items()
        }
        report = {
            "results": str(target),
            "written": [str(path) for path in done.written],
            "missing": missing,
            "without_costs": [
                {"model": model, "scale": scale, "command": shown}
                for (model, scale), shown in done.without_costs.items()
            ],
        }
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        _say(done, target)
    if done.missing:
        sys.exit(1)


def _say(done: Merged, target: Path) -> None:
    for path in done.written:
        click.echo(f"written: {path}", err=True)
    if not done.written and not done.missing:
        none = "nothing to merge: no journal of a run is in these folders."
        there = any(target.glob("*.json"))
        click.echo(f"already merged: the records are in '{target}'." if there else none, err=True)
    for name, (images, wanted) in done.missing.items():
        parts = done.lacking.get(name, [])
        which = f"lacking: part {', '.join(parts)}" if parts and name not in done.unlike else "run the other parts"
        click.echo(f"not all there: {name} has {images} of {wanted} images; {which}.", err=True)
        for one in done.unlike.get(name, []):
            click.echo(f"  {one.folder} holds {one.images} images computed with {one.how}", err=True)
        if name in done.unlike:
            click.echo("  parts must be computed alike; run those that differ again.", err=True)
    if done.without_costs:
        click.echo("costs are not measured by parts; this measures them:", err=True)
    for command in dict.fromkeys(done.without_costs.values()):
        again = f"{command or 'the same srbench run, without --shard,'} --results {shlex.quote(str(target))}"
        click.echo(f"  {again}", err=True)
