"""What ``eval-images`` and ``explain-metric`` share on the console: progress, notes and figures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class Step(Protocol):
    """Called when one more image is done, with the name of it."""

    def __call__(self, name: str = "") -> None:
        """Advance by one image."""


@contextmanager
def image_progress(total: int) -> Iterator[Step]:
    """A progress bar on stderr (terminals only); warnings of image reading become notes on stderr afterwards."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("scoring", total=total)

            def step(name: str = "") -> None:
                progress.update(task, advance=1, description=f"scoring {name}".rstrip())

            yield step
    for warning in caught:
        click.echo(f"note: {warning.message}", err=True)


def figure(value: float | None, digits: int) -> str:
    """A figure for a table: "inf" for identical images, "-" where there is none."""
    if value is None:
        return "-"
    return "inf" if math.isinf(value) else f"{value:.{digits}f}"


def null_safe(value: float | None) -> Any:
    """A figure for JSON: null for an infinite PSNR."""
    return None if value is None or not math.isfinite(value) else value
