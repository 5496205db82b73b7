"""Results that cannot be believed, as verbs tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from srbench.printable import visible

if TYPE_CHECKING:
    from srbench.results.trust import Apart


def apart_json(apart: Iterable[Apart]) -> list[dict[str, Any]]:
    """Files and doubts for programs: what each doubt is about, what was expected, what the file says."""
    from dataclasses import asdict

    return [{"file": str(one.path), "doubts": [asdict(doubt) for doubt in one.doubts]} for one in apart]


def apart_lines(apart: Iterable[Apart]) -> list[str]:
    """A line for each, as consoles show it."""
    from srbench.results.words import doubt_lines

    return [visible(f"not believed: {name}: {why} It stands in no table.") for name, why in doubt_lines(apart)]


def say_apart(apart: Iterable[Apart]) -> None:
    """One line on stderr for each."""
    for line in apart_lines(apart):
        click.echo(line, err=True)
