"""``srbench leaderboard``: check and print published and measured tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import json_option, plugin_option, root_option, say_root
from srbench.errors import CheckFailed, SrbenchError

if TYPE_CHECKING:
    from srbench.leaderboard.new_paper import NewPaper
    from srbench.leaderboard.published import PrintedCell, Problem
    from srbench.leaderboard.schema import Column, Table


@click.group("leaderboard")
def command() -> None:
    """Check and print published and measured tables, and start new ones.

    \b
    Examples:
      srbench leaderboard show --paper imdn2019 --table t5 --states
      srbench leaderboard new mynet2026 --table table.csv --title "My network"
    """


@command.command("check")
@root_option
@plugin_option
@json_option
def check_command(as_json: bool) -> None:
    """Validate the published tables, the measured results and the bibliography; exit code 3 if something is wrong.

    \b
    Examples:
      srbench leaderboard check
      srbench leaderboard check --root our-leaderboard --json
    """
    from srbench.leaderboard import bibliography, measured, published
    from srbench.results import trust
    from srbench.results.words import doubt_sentences

    say_root()
    problems = published.check()
    if not problems:
        problems = bibliography.check()
    read = trust.read(measured.folder_or_default(None))
    results = read.results
    problems = [*problems, *(published.Problem(str(path), reason) for path, reason in read.skipped)]
    problems += [published.Problem(str(one.path), doubt_sentences(one)) for one in read.apart]
    tables = sum(len(p.tables) for p in published.papers()) if not problems else 0
    cells = len(published.cells()) if not problems else 0
    if as_json:
        report = {
            "tables": tables,
            "cells": cells,
            "results": len(results.records),
            "problems": [{"where": p.where, "problem": p.text} for p in problems],
        }
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(f"{problem.where}: {problem.text}")
    if problems:
        raise CheckFailed(f"{len(problems)} problems in the leaderboards; the list names file and line of each.")
    if not as_json:
        click.echo(f"{tables} published tables with {cells} cells and {len(results.records)} measured results hold.")


@command.command("new")
@click.argument("key")
@click.option("--table", "file", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="The printed table, CSV or TeX: a row per method, headers like MACs [G], Set5 PSNR.")  # fmt: skip
@click.option("--title", required=True, help="Of the paper.")
@click.option("--short", help="How the paper is called in running text; default: from KEY.")
@click.option("--authors", default="", help="Separated by ';'.")
@click.option("--venue", default="", help="Conference or journal.")
@click.option("--url", default="")
@click.option("--source", default="", help="What the digits were read from; default: the paper.")
@click.option("--number", default="Table 1", show_default=True, help="As the paper calls the table.")
@click.option("--scale", type=click.IntRange(min=1), help="Of all rows, where the table has no column for it.")
@click.option("--protocol", default="y-matlab", show_default=True, help="What its quality is comparable under.")
@click.option("--cost-size", metavar="720p|HxW", help="HR that its costs are printed for, if the paper says so.")
@root_option
@json_option
def new_command(key: str, file: Path, scale: int | None, cost_size: str | None, as_json: bool, **about: Any) -> None:
    """Start the folder of a new paper from its table: cells, description, citations, and the spec of its report.

    Look over what is written: rows are taken for registered models by their titles, bold for best, underlined for
    second best. srbench leaderboard check, audit and report then take the paper like any other.

    \b
    Examples:
      srbench leaderboard new mynet2026 --table table.csv --title "My network" --cost-size 720p
      srbench leaderboard new mynet2026 --table t3.tex --title "My network" --scale 4 --number "Table 3"
    """
    from srbench.cost.input_size import parse_size
    from srbench.leaderboard.new_paper import About, published_tables, write_paper
    from srbench.metrics.protocols import get_protocol
    from srbench.paths import own_root

    get_protocol(about["protocol"])
    year = int(key[-4:]) if key[-4:].isdigit() else 0
    authors = tuple(name.strip() for name in about.pop("authors").split(";") if name.strip()) or ("Unknown",)
    short = about.pop("short") or key.rstrip("0123456789").upper()
    size = parse_size(cost_size, 1) if cost_size else None
    described = About(key=key, short=short, authors=authors, year=year, cost_size=size, **about)
    root = own_root()
    made = write_paper(described, file, root, scale)
    problems = published_tables(root)
    if as_json:
        report = {"files": [str(path) for path in made.files], "columns": made.columns, "models": dict(made.models),
                  "uncited": made.uncited, "problems": [f"{p.where}: {p.text}" for p in problems]}  # fmt: skip
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    else:
        _say_new(made, problems)
    if problems:
        raise CheckFailed(f"the tables do not hold yet: {len(problems)} to be mended, as listed.")


def _say_new(made: NewPaper, problems: list[Problem]) -> None:
    for path in made.files:
        click.echo(f"wrote {path}", err=True)
    click.echo(f"columns: {', '.join(made.columns)}")
    known = [f"{label} ({model})" for label, model in made.models.items() if model]
    click.echo(f"rows of registered models: {', '.join(known) or 'none'}")
    others = [label for label, model in made.models.items() if not model]
    click.echo(f"other rows: {', '.join(others) or 'none'}")
    if made.marked:
        click.echo("marks: bold is taken as best, underlined as second; paper.toml says so, correct it if it is not.")
    for label in made.uncited:
        click.echo(f"note: nothing known cites '{label}'; add it to citations.toml and references.bib.", err=True)
    for problem in problems:
        click.echo(f"{problem.where}: {problem.text}")


@command.command("show")
@click.option("--paper", "paper_key", help="Key of a paper or challenge; without it, all are listed.")
@click.option("--table", "table_id", help="Table of that paper, e.g. t5; without it, its tables are listed.")
@click.option("--states", is_flag=True, help="Show the state of every cell beside our measured results.")
@root_option
@plugin_option
@json_option
def show_command(paper_key: str | None, table_id: str | None, states: bool, as_json: bool) -> None:
    """List papers and tables, or print one table as its paper prints it.

    \b
    Examples:
      srbench leaderboard show --paper imdn2019
      srbench leaderboard show --paper imdn2019 --table t5 --states
    """
    from srbench.leaderboard import published

    if paper_key is None:
        if table_id is not None:
            raise SrbenchError("--table needs --paper; tables are numbered within a paper.")
        _list_papers(as_json)
    elif table_id is None:
        paper = published.paper(paper_key)
        listed = [{"table": t.id, "number": t.number, "rows": t.rows, "caption": t.caption} for t in paper.tables]
        _list(listed, as_json)
    elif as_json:
        click.echo(json.dumps(_cells_as_json(paper_key, table_id, states), indent=1, ensure_ascii=False))
    else:
        _print_table(paper_key, table_id, states)


def _list_papers(as_json: bool) -> None:
    from srbench.leaderboard import published

    listed = [
        {"paper": p.key, "year": p.year, "tables": ",".join(t.id for t in p.tables), "title": p.title}
        for p in published.papers()
    ]
    _list(listed, as_json)


def _list(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as RichTable

    from srbench.printable import visible

    shown = RichTable(*rows[0], box=None)
    for row in rows:
        shown.add_row(*(escape(visible(str(value))) for value in row.values()))
    Console().print(shown)


def _cells_as_json(paper: str, table: str, states: bool) -> list[dict[str, Any]]:
    from srbench.leaderboard import published
    from srbench.leaderboard.states import compare

    printed = published.cells([paper], table)
    found = {c.printed: c for c in compare([paper])} if states else {}
    rows: list[dict[str, Any]] = []
    for one in printed:
        row: dict[str, Any] = {"paper": paper, "table": table, **one.cell.model_dump()}
        row["number"] = one.value.number if one.value.is_number else None
        row["unit"] = one.value.unit
        if one in found:
            c = found[one]
            row |= {"state": c.state, "reason": c.reason, "measured": c.measured, "difference": c.difference}
            row["file"] = c.source["file"] if c.source else None
        rows.append(row)
    return rows


def _print_table(paper_key: str, table_id: str, states: bool) -> None:
    from rich.console import Console
    from rich.table import Table as RichTable

    from srbench.leaderboard import published
    from srbench.leaderboard.states import compare

    paper = published.paper(paper_key)
    published.cells([paper_key], table_id)  # names the known tables when this one is not
    table = paper.table(table_id)
    state_of = {c.printed: c.state for c in compare([paper_key]) if c.printed.table == table.id} if states else {}
    rows: dict[tuple[int, int | None], dict[tuple[str, str], PrintedCell]] = {}
    for one in published.cells([paper_key], table_id):
        of_row = rows.setdefault((one.cell.row_index, one.cell.scale), {})
        of_row[one.cell.metric.removesuffix("_trend"), one.cell.dataset] = one
    shown = RichTable(title=f"{paper.short} ({paper.year}), {table.number}", caption=table.caption)
    shown.add_column("Row")
    shown.add_column("Scale")
    for column in table.columns:
        shown.add_column(_heading(column), justify="right")
    for (_, scale), cells in rows.items():
        label = next(iter(cells.values())).cell.row
        printed = [_text(table, index, cells, state_of) for index in range(len(table.columns))]
        shown.add_row(label.replace("[", r"\["), f"x{scale}" if scale else "", *printed)
    Console().print(shown)


def _heading(column: Column) -> str:
    """What the paper prints above a column; below it the unit of its numbers, where the print above has none."""
    printed = f"{column.header}\n{column.subheader}".strip()
    units = dict.fromkeys(filter(None, column.units or (column.unit,)))
    words = re.findall(r"\w+", printed)
    return "\n".join([printed, *([f"({', '.join(units)})"] if any(unit not in words for unit in units) else [])])


_STYLE = {"bold": "bold", "underline": "underline", "none": "default"}
_SIGN = {"reproduced": "=", "off": "≠"}


def _text(
    table: Table, index: int, cells: dict[tuple[str, str], PrintedCell], state_of: Mapping[PrintedCell, str]
) -> str:
    column = table.columns[index]
    parts = []
    for metric in column.metrics:
        one = cells.get((metric, column.dataset))
        if one is not None:
            sign = _SIGN.get(state_of.get(one, ""), "")
            parts.append(f"[{_STYLE[one.cell.mark]}]{one.cell.value}[/]{sign}")
    return column.separator.join(parts)
