"""``srbench results migrate``: rewrite results of an old schema as what is written today."""

from __future__ import annotations

import json
from pathlib import Path

import click

from srbench.cli.options import json_option
from srbench.errors import SrbenchError


@click.command("migrate")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@json_option
def command(folder: Path, dry_run: bool, as_json: bool) -> None:
    """Rewrite the results in FOLDER that follow an old schema; the numbers stay as they are.

    Old results are read without this too. A result of the first schema becomes a file of quality, in its place, and
    files of costs under FOLDER/costs, one per model, scale, input size and machine. Files that are no results are left
    alone and named.

    \b
    Examples:
      srbench results migrate srbench-results
      srbench results migrate old-results --json
    """
    from srbench.results.migrate import migrate

    if not folder.is_dir():
        raise SrbenchError(f"'{folder}' is no folder; give the one that srbench run --results wrote.")

    done = migrate(folder, dry_run=dry_run)
    if as_json:
        report = {
            "folder": str(folder),
            "old_files": [str(path) for path in done.old],
            "written": [str(path) for path in done.written],
            "removed": [str(path) for path in done.removed],
            "skipped_files": [{"file": str(path), "reason": reason} for path, reason in done.skipped],
        }
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
        return
    for path, reason in done.skipped:
        click.echo(f"left alone: {path}: it {reason}", err=True)
    if not done.old:
        click.echo(f"nothing to do: no result in {folder} follows an old schema.", err=True)
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{len(done.old)} files of the first schema {would}rewritten as {len(done.written)} results; "
        f"{len(done.removed)} of them held costs only and {would}removed.",
        err=True,
    )
