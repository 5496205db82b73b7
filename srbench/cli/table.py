"""``srbench table``: the table of a paper out of stored results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import comma_integers, comma_list, json_option, plugin_option, root_option
from srbench.cli.sections import Sectioned
from srbench.errors import SrbenchError
from srbench.quantities import DEFAULT_QUALITY, get_quantity

if TYPE_CHECKING:
    from srbench.report.formats import Export
    from srbench.report.handin.table import TableSpec

_SUFFIXES = {"tex": "latex", "md": "markdown", "typ": "typst", "htm": "html"}


def named_values(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """``NAME=TEXT`` given once or several times, as a mapping."""
    found = {}
    for part in value:
        name, equals, text = part.partition("=")
        if not equals or not name or not text:
            raise click.BadParameter(f"'{part}' is not NAME=TEXT.")
        found[name] = text
    return found


_MOST_DIGITS = 15


def _digits(_ctx: click.Context, _param: click.Parameter, value: str | None) -> dict[str, int]:
    found = {}
    for part in filter(None, (value or "").split(",")):
        name, _, count = part.strip().partition("=")
        if not (count.isascii() and count.isdigit()) or len(count) > 2 or int(count) > _MOST_DIGITS:
            raise click.BadParameter(
                f"'{part}' is not QUANTITY=NUMBER, such as {DEFAULT_QUALITY[0]}=3, with a number up to {_MOST_DIGITS}."
            )
        found[get_quantity(name).name] = int(count)
    return found


def _marks(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in value.split(",") if part.strip() and part.strip() != "none")
    for part in parts:
        if part not in ("best", "second"):
            raise click.BadParameter(f"'{part}' is no mark; expected best, second or none.")
    return parts


@click.command("table", context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@click.argument("results", nargs=-1, metavar="[RESULTS]...")
@click.option(
    "--layout",
    type=click.Choice(["paper", "rows"]),
    default="paper",
    show_default=True,
    help="paper: a block per scale, a column per dataset (IMDN's Table 5); rows: one row per method.",
)
@click.option("--models", callback=comma_list, metavar="A,B", help="These of the results only; default: all.")
@click.option(
    "--published",
    callback=comma_list,
    metavar="A,B",
    help="Rows as papers print them, marked and cited: carn, or carn@rfdn2020 to say which paper's.",
)
@click.option("--ours", metavar="NAME", help="The method that stands last and is called (ours).")
@click.option("--order", callback=comma_list, metavar="A,B", help="Methods that come first, in this order.")
@click.option(
    "--title",
    "titles",
    multiple=True,
    callback=named_values,
    metavar="NAME=TEXT",
    help="Print a method under another name (repeatable).",
)
@click.option("--scale", "scales", callback=comma_integers, metavar="2,3,4", help="Scales in this order.")
@click.option("--datasets", callback=comma_list, metavar="A,B", help="Datasets in this order.")
@click.option(
    "--columns",
    callback=comma_list,
    metavar="A,B",
    help=f"Quantities in this order; default: params,macs,{','.join(DEFAULT_QUALITY)} where they are known.",
)
@click.option("--protocol", help="Which of several protocols; default: that of the papers where it is there.")
@click.option("--digits", callback=_digits, metavar="QUANTITY=N,...", help="Decimals of measured quantities.")
@click.option("--marks", default="best,second", show_default=True, callback=_marks, help="best, second or none.")
@click.option("--caption", help="In the place of the sentence that says what is shown.")
@click.option("--label", default="tab:comparison", show_default=True, help="For LaTeX and Typst.")
@click.option("--wide", is_flag=True, help="LaTeX: over two columns of a paper (table*).")
@click.option("--no-cite", is_flag=True, help="Cite no papers.")
@click.option(
    "--format",
    "fmt",
    metavar="FORMAT",
    help="latex, markdown, html, typst, csv, json or a plugin's; default: by --out, else for the terminal.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; beside a .tex or .typ its .bib.",
)
@root_option
@plugin_option
@json_option
def command(results: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Make the table of a paper from stored results, with printed rows beside them.

    RESULTS are folders that srbench run wrote, single files of them, or 'measured' for those that come with srbench;
    default: srbench-results.

    \b
    Examples:
      srbench table --published carn,rcan --ours litenet -o table.tex
      srbench table measured --models imdn,rfdn --scale 4 --layout rows
    """
    from srbench.report.handin.build import build_table
    from srbench.report.handin.table import bibtex

    out: Path | None = options["out"]
    fmt = "json" if as_json else options["fmt"] or _by_suffix(out)
    export, notes = build_table(results, spec(options), options["models"], options["published"], options["protocol"])
    for note in notes:
        click.echo(f"note: {note}", err=True)
    text = _text(export, fmt)
    if out is None:
        click.echo(text, nl=False)
        return
    from srbench.writing import write_text

    write_text(out, text)
    written = [out]
    if (cited := bibtex(export)) and fmt in ("latex", "typst"):
        written.append(out.with_suffix(".bib"))
        write_text(written[-1], cited)
    for path in written:
        click.echo(f"wrote {path}", err=True)
    if fmt == "latex":
        click.echo(r"it needs \usepackage{booktabs,graphicx,amssymb}", err=True)


def spec(options: dict[str, Any]) -> TableSpec:
    """The options as the report room takes them."""
    from srbench.report.handin.table import TableSpec

    return TableSpec(
        layout=options["layout"],
        scales=options["scales"],
        datasets=options["datasets"],
        columns=options["columns"],
        order=options["order"],
        ours=options["ours"],
        titles=options["titles"],
        marks=options["marks"],
        digits=options["digits"],
        caption=options["caption"],
        label=options["label"],
        wide=options["wide"],
        cite=not options["no_cite"],
    )


def _by_suffix(out: Path | None) -> str:
    """The format that a file's ending stands for; the terminal's where there is no file."""
    from srbench.report.formats import FORMATS

    if out is None:
        return "table"
    ending = out.suffix.lower().removeprefix(".")
    known = {**{fmt.suffix: fmt.name for fmt in FORMATS}, **_SUFFIXES}
    if ending not in known:
        raise SrbenchError(
            f"'{out}' has no ending that says a format; give one of {', '.join(sorted(known))}, or --format."
        )
    return known[ending]


def _text(export: Export, fmt: str) -> str:
    import sys

    from srbench.report.formats import FORMATS
    from srbench.report.grid_console import console_text

    if fmt == "table":
        return console_text(export.grids[0], sys.stdout.isatty())
    return FORMATS.get(fmt).text(export)
