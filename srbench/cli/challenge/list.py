"""``srbench challenge list``: the challenges whose rules are known."""

from __future__ import annotations

import json

import click

from srbench.cli.options import json_option, plugin_option


@click.command("list")
@json_option
@plugin_option
def command(as_json: bool) -> None:
    """List the challenges whose rules are known.

    \b
    Examples:
      srbench challenge list
      srbench challenge list --json
    """
    from srbench.rules import RULES

    rows = [
        {
            "id": rules.id,
            "year": rules.year,
            "baseline": rules.baseline.name,
            "scale": rules.scale,
            "tracks": [track.id for track in rules.tracks],
            "unknown": list(rules.gaps()),
            "title": rules.title,
        }
        for rules in RULES
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "year", "baseline", "tracks", "not known", box=None)
    for rules in RULES:
        tracks = ", ".join(track.id for track in rules.tracks) or "unknown"
        table.add_row(rules.id, str(rules.year), rules.baseline.name, tracks, f"{len(rules.gaps())} pieces")
    Console(highlight=False).print(table)
