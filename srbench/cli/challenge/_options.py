"""Options and progress that several subcommands of ``srbench challenge`` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from srbench.cli.options import Decorator

rules_option: Decorator = click.option(
    "--rules",
    "rules_id",
    required=True,
    metavar="ID",
    help="Rules of the challenge: an id (srbench challenge list) or a rules.toml.",
)


@contextmanager
def progress_of_images() -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on stderr, on terminals only, that is told (images done, of how many, name)."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("images")

        def step(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=f"image {name}"[:40])

        yield step
