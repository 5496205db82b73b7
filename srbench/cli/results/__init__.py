"""``srbench results``: look after folders of results; one file per subcommand."""

from __future__ import annotations

import click

from srbench.cli.subcommands import FolderGroup


@click.group(cls=FolderGroup, package=__name__, path=__path__)
def command() -> None:
    """Look after folders of results.

    \b
    Examples:
      srbench results verify srbench-results
      srbench results merge part1 part2 --into srbench-results
    """
