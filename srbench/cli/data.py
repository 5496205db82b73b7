"""``srbench data``: check a folder of images against a known dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.datasets.verify import Verification


@click.group()
def command() -> None:
    """Look at folders of images.

    \b
    Examples:
      srbench data verify DIR --as set5
      srbench data verify DIR --as div2k-valid --scale 4
    """


@command.command("verify")
@click.argument("folder", metavar="DIR")
@click.option("--as", "name", metavar="DATASET", help="The dataset it should be, e.g. set5 (required).")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True, help="The scale it is used at.")
@plugin_option
@json_option
def verify_command(folder: str, name: str | None, scale: int, as_json: bool) -> None:
    """Compare the decoded pixels of DIR with a dataset and name known variants; exit code 3 when they differ.

    DIR may have any of the usual layouts (HR + LR_bicubic/X4, GTmod12 + LRbicx4, image_SRF_4, DIV2K_valid_HR, flat).

    \b
    Examples:
      srbench data verify DIR --as set5
      srbench data verify DIR --as bsd100 --scale 3 --json
    """
    import json
    from dataclasses import asdict

    from srbench.datasets.verify import require_match, verify

    result = verify(folder, name, scale)
    if as_json:
        click.echo(json.dumps(asdict(result), indent=2))
    else:
        _print_table(result)
    require_match(result)
    if not as_json:
        click.echo(f"{folder} is {name}: {result.summary}")


def _print_table(result: Verification) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from srbench.printable import visible

    table = Table("file", "is", "HR", "detail", "LR", title=f"layout {result.layout}, x{result.scale}")
    for image in result.images:
        cells = (image.file, image.reference or "?", image.verdict, image.detail, image.lr or "-")
        table.add_row(*(escape(visible(cell)) for cell in cells))
    Console().print(table)
