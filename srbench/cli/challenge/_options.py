"""Options that several subcommands of ``srbench challenge`` share."""

from __future__ import annotations

import click

from srbench.cli.options import Decorator

rules_option: Decorator = click.option(
    "--rules",
    "rules_id",
    required=True,
    metavar="ID",
    help="Rules of the challenge: an id (srbench challenge list) or a rules.toml.",
)
