"""``srbench results merge``: the results of a run out of its parts."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option
from srbench.printable import visible

if TYPE_CHECKING:
    from srbench.evaluation.copying import Copied
    from srbench.evaluation.merging import Merged

SHOWN_FILES = 3
"""Names of files that one line shows."""
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=_FOLDER)
@click.option("--into", type=_FOLDER, help="Results folder to write; default: the first of FOLDERS.")
@json_option
def command(folders: tuple[Path, ...], into: Path | None, as_json: bool) -> None:
    """Write the results of a run whose parts ('srbench run --shard K/N') are in FOLDERS.

    Parts may share one folder or have one each. Images are put together in the order of the dataset, so that the
    values are those of one run of all. What lacks images is named, and its parts are kept; exit code 1 then, and
    where there is nothing to merge. Finished results are copied; of two for one cell that of the first folder stands.

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
            "copied": {str(folder): count for folder, count in done.copied.taken.items()},
            "not_taken": [
                {"folder": str(folder), "stands": str(standing), "files": names}
                for (folder, standing), names in done.copied.others.items()
            ],
            "skipped_files": [{"file": str(path), "reason": reason} for path, reason in done.copied.skipped],
            "without_costs": [
                {"model": model, "scale": scale, "command": shown}
                for (model, scale), shown in done.without_costs.items()
            ],
        }
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        _say(done, target)
    if done.missing or not (done.written or any(target.glob("*.json")) or any(target.glob("costs/*.json"))):
        sys.exit(1)


def _say_copied(copied: Copied) -> None:
    """What came of results that were finished in the folders."""
    for path, reason in copied.skipped:
        click.echo(f"skipped {visible(str(path))}: it {reason}; it is not copied.", err=True)
    for folder, count in copied.taken.items():
        click.echo(f"copied: {count} result{'s' if count != 1 else ''} of '{visible(str(folder))}'", err=True)
    for (folder, standing), names in copied.others.items():
        more = f" and {len(names) - SHOWN_FILES} more" if len(names) > SHOWN_FILES else ""
        shown = visible(f"{', '.join(names[:SHOWN_FILES])}{more}")
        click.echo(
            f"not taken from '{visible(str(folder))}', since '{visible(str(standing))}' has them too and its own "
            f"stand: {shown}",
            err=True,
        )


def _say(done: Merged, target: Path) -> None:
    for path in done.written:
        click.echo(f"written: {path}", err=True)
    _say_copied(done.copied)
    if not done.written and not done.missing and not done.copied.taken:
        none = "nothing to merge: neither results nor a journal of a run are in these folders."
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
