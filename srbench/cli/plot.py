"""``srbench plot``: the figure of a paper out of stored results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from srbench.cli.options import comma_list, inches, plugin_option, root_option
from srbench.cli.sections import Sectioned
from srbench.cli.table import named_values
from srbench.quantities import DEFAULT_QUALITY


@click.command("plot", context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@click.argument("results", nargs=-1, metavar="[RESULTS]...")
@click.option("-x", "x", default="params", show_default=True, metavar="QUANTITY", help="See srbench list quantities.")
@click.option("-y", "y", default=DEFAULT_QUALITY[0], show_default=True, metavar="QUANTITY")
@click.option("--area", default="", metavar="QUANTITY", help="A third quantity, as the area of bubbles.")
@click.option("--models", callback=comma_list, metavar="A,B", help="These of the results only; default: all.")
@click.option("--published", callback=comma_list, metavar="A,B", help="Hollow points as papers print them.")
@click.option("--highlight", callback=comma_list, metavar="A,B", help="Methods that stand out.")
@click.option(
    "--title",
    "titles",
    multiple=True,
    callback=named_values,
    metavar="NAME=TEXT",
    help="Call a method otherwise (repeatable).",
)
@click.option("--scale", type=click.IntRange(min=1), help="Default: 4 where it is there, else the largest.")
@click.option("--dataset", metavar="NAME", help="Default: the one that most methods were measured on.")
@click.option("--protocol", help="Which of several protocols; default: that of the papers where it is there.")
@click.option("--log-x/--linear-x", "log_x", default=None, help="Default: log where values span a factor of 3.")
@click.option("--log-y/--linear-y", "log_y", default=False, help="Default: linear.")
@click.option("--front/--no-front", default=True, help="Draw the Pareto front.")
@click.option("--width", callback=inches, default="6.4in", show_default=True, help="3.3in is a column of a paper.")
@click.option("--height", callback=inches, help="Default: two thirds of the width.")
@click.option("--style", metavar="FILE|NAME", help="A matplotlib style.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    default=("plot.pdf",),
    show_default=True,
    help="File to write: .pdf, .svg or .png (repeatable).",
)
@root_option
@plugin_option
def command(results: tuple[str, ...], out: tuple[Path, ...], **options: Any) -> None:
    """Draw stored results: any quantity against any other, printed points hollow, labels that do not collide.

    RESULTS are folders that srbench run wrote, single files of them, or 'measured' for those that come with srbench;
    default: srbench-results.

    \b
    Examples:
      srbench plot -x params --published carn,vdsr --highlight mynet --width 3.3in -o params.pdf
      srbench plot measured -x macs --area params --scale 4 --dataset set14 -o macs.svg
    """
    from srbench.report.handin.build import PlotChoice, build_plot
    from srbench.report.handin.plot import PlotSpec
    from srbench.writing import write_bytes

    for path in out:
        _check_ending(path)
    chosen = ("x", "y", "area", "scale", "dataset", "log_x", "log_y", "front", "highlight", "width", "height", "style")
    spec = PlotSpec(**{name: options[name] for name in chosen})
    choice = PlotChoice(options["models"], options["published"], options["protocol"], options["titles"])
    plot, notes = build_plot(results, spec, choice)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    for path in out:
        write_bytes(path, plot.bytes_of(path.suffix.lower().removeprefix(".")))
        click.echo(f"wrote {path}", err=True)


def _check_ending(path: Path) -> None:
    from srbench.errors import SrbenchError

    if path.suffix.lower() not in (".pdf", ".svg", ".png"):
        raise SrbenchError(f"'{path}' has no ending that says a format; give a name that ends in .pdf, .svg or .png.")
