"""``srbench results figure``: any two quantities of a folder of results against each other."""

from __future__ import annotations

from pathlib import Path

import click

from srbench.cli.apart_view import say_apart
from srbench.cli.options import plugin_option
from srbench.quantities import DEFAULT_QUALITY


@click.command("figure")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--x", default="params", show_default=True, help="Quantity across (srbench list quantities).")
@click.option("--y", default=DEFAULT_QUALITY[0], show_default=True, help="Quantity up.")
@click.option("--dataset", default="set5", show_default=True)
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--protocol", default="y-matlab", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write: .svg or .pdf."
)
@plugin_option
def command(folder: Path, x: str, y: str, dataset: str, scale: int, protocol: str, out: Path) -> None:
    """Draw two quantities of the results in FOLDER against each other, a point per model.

    \b
    Examples:
      srbench results figure srbench-results --x params --out params.svg
      srbench results figure srbench-results --x macs --y runtime --scale 4 --out runtimes.pdf
    """
    from srbench.errors import SrbenchError
    from srbench.metrics.protocols import get_protocol
    from srbench.report import figure_data, figures
    from srbench.results import trust
    from srbench.writing import write_bytes

    if out.suffix not in (".svg", ".pdf"):
        raise SrbenchError(f"'{out}' is neither .svg nor .pdf; give --out with one of the two.")
    read = trust.read(folder)
    say_apart(read.apart)
    for path, reason in read.skipped:
        click.echo(f"skipped {path}: it {reason}", err=True)
    wanted = get_protocol(protocol).id
    of_protocol = read.results.where(lambda record: record.protocol_id == wanted, lambda _cost: True)
    drawn = figure_data.figure_of(of_protocol, (x, y), dataset, scale)
    write_bytes(out, figures.pdf(drawn) if out.suffix == ".pdf" else figures.svg(drawn).encode("utf-8"))
    click.echo(f"figure: {out}", err=True)
