"""``srbench init-site``: a repository for a lab's own leaderboard."""

from __future__ import annotations

import json
from pathlib import Path

import click

from srbench.cli.options import json_option


@click.command("init-site", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", default="Our leaderboard", show_default=True, help="Heading of every page.")
@click.option("--requirement", metavar="LINE",
              help="Where srbench comes from, as pip takes it; default: this version of it.")  # fmt: skip
@json_option
def command(folder: Path, title: str, requirement: str | None, as_json: bool) -> None:
    """Start a lab's own leaderboard in DIR: title and logo, results, tables of papers, reports, and its workflows.

    A pull request with result files is validated, the tables and pages are made after the merge, and published to
    Pages; contributors commit their JSON alone. srbench report --all makes the pages here too. No page of srbench
    itself is among them unless site.toml names it.

    \b
    Examples:
      srbench init-site our-leaderboard --title "Results of our lab"
      srbench init-site board --requirement 'srbench @ git+https://example.org/srbench'
    """
    from importlib.metadata import version

    from srbench.errors import SrbenchError
    from srbench.report.starters import write_starter

    if not title.strip() or any(char in title for char in '"\\\n\r'):
        raise SrbenchError(f"the title {title!r} is empty or holds a quote, backslash or line end; give a plain one.")
    line = requirement or f"srbench=={version('srbench')}"
    files = write_starter("lab", folder, {"title": title.strip(), "requirement": line})
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "files": [str(file) for file in files]}, indent=1))
        return
    click.echo(f"{len(files)} files in {folder}; next:")
    click.echo(f"  cd {folder} && git init -b main && git add . && git commit -m 'A leaderboard'")
    click.echo("  srbench run --models bicubic --results leaderboards/measured   # a first result")
    click.echo("  srbench report --all --serve                                   # the pages")
