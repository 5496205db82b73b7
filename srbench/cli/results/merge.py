"""``srbench results merge``: the results of a run out of its parts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from srbench.cli.options import json_option

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
        missing = {name: {"images": there, "of": wanted} for name, (there, wanted) in done.missing.items()}
        report = {"results": str(target), "written": [str(path) for path in done.written], "missing": missing}
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        for path in done.written:
            click.echo(f"written: {path}", err=True)
        if not done.written and not done.missing:
            click.echo("nothing to merge: no journal of a run is in these folders.", err=True)
        for name, (there, wanted) in done.missing.items():
            click.echo(f"not all there: {name} has {there} of {wanted} images; run the other parts.", err=True)
    if done.missing:
        sys.exit(1)
