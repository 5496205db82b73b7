"""``srbench challenge rank``: floors, scores, ranks and ties of measured entries or of a table of values."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.challenge.printed import PrintedRow, Reading
    from srbench.challenge.standing import Outcome
    from srbench.rules import Floor, Rules

FORMATS = ("table", "csv", "markdown", "latex", "organisers")


def floors_option(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, Decimal | None]:
    """``COLUMN=26.9`` or ``COLUMN=none`` each."""
    found: dict[str, Decimal | None] = {}
    for text in value:
        key, _, number = text.partition("=")
        try:
            found[key.strip()] = None if number.strip().lower() == "none" else Decimal(number.strip())
        except InvalidOperation:
            raise click.BadParameter(f"'{text}' is not COLUMN=NUMBER or COLUMN=none.") from None
        number_found = found[key.strip()]
        if number_found is not None and not math.isfinite(number_found):
            raise click.BadParameter(f"'{text}' is not finite; give COLUMN=NUMBER or COLUMN=none.")
    return found


class _File(click.Path):
    """A file; of the folder that ``evaluate`` wrote, its results are named."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            inside = Path(value) / "results.json"
            with contextlib.suppress(OSError):  # a name that is too long
                if inside.is_file():
                    self.fail(f"File '{value}' is a directory; give '{inside}'.", param, ctx)
            raise


@click.command("rank")
@click.argument("file", required=False, type=_File())
@click.option("--rules", "rules_id", required=True, help="Challenge (srbench challenge list), or a rules.toml.")
@click.option(
    "--baseline",
    metavar="NAME",
    help="Entry that is the baseline, by name or id; default: the one measured as such, or as the rules call it.",
)
@click.option("--floor", "floors", multiple=True, callback=floors_option, metavar="COLUMN=VALUE",
              help="Another floor than the rules' (to rehearse on other images), or none (repeatable).")  # fmt: skip
@click.option("--format", "fmt", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Also write the page.")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), help="Also write all formats into a folder."
)
@plugin_option
@json_option
def command(
    file: Path | None, rules_id: str, baseline: str | None, floors: dict[str, Decimal | None], fmt: str,
    page: Path | None, output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Rank FILE: results of 'challenge evaluate', a CSV of values, or the organisers' results.json.

    Without FILE the organisers' own printed table is ranked by its own rules, and what does not follow is listed.

    \b
    Examples:
      srbench challenge rank results.json --rules ntire2024-esr --output ranking
      srbench challenge rank --rules ntire2022-esr --html ntire2022.html
    """
    from srbench.challenge.standing import with_floors
    from srbench.report import challenge_page, challenge_table
    from srbench.rules import get_rules

    rules = get_rules(rules_id)
    wanted = with_floors(rules, floors) if floors else None
    outcome = _outcome(file, rules, baseline, wanted)
    printed: tuple[PrintedRow, ...] = ()
    readings: tuple[Reading, ...] = ()
    if file is None:
        from srbench.challenge.printed import read_printed
        from srbench.challenge.printed import readings as all_readings

        printed, readings = read_printed(rules), all_readings(rules)
    text = _text(outcome, fmt)
    click.echo(json.dumps(challenge_table.as_data(outcome), indent=1, ensure_ascii=False) if as_json else text)
    from srbench.cli.challenge import _rank_view as view

    for line in view.remarks(outcome, readings):
        click.echo(line, err=True)
    targets = {page: challenge_page.html(outcome, printed, readings)} if page else {}
    if output is not None:
        targets |= {output / name: content for name, content in view.files(outcome, printed, readings).items()}
    from srbench.writing import write_text

    for target, content in targets.items():
        write_text(target, content)
        click.echo(f"written: {target}", err=True)


def _outcome(file: Path | None, rules: Rules, baseline: str | None, floors: tuple[Floor, ...] | None) -> Outcome:
    from srbench.challenge import printed, standing, tables
    from srbench.challenge.entries import SCHEMA, read_results

    if file is None:
        rows, base = tables.with_baseline([one.row for one in printed.read_printed(rules)], baseline, rules)
        return standing.outcome_of_rows(rows, rules, base, floors)
    if file.suffix == ".json" and SCHEMA in file.read_text(encoding="utf-8", errors="replace")[:2000]:
        results = read_results(file)
        return standing.outcome_of_results(results.with_baseline(baseline) if baseline else results, rules, floors)
    table = tables.read_table(file, rules)
    rows, base = tables.with_baseline(table.rows, baseline, rules)
    found = standing.outcome_of_rows(rows, rules, base, floors)
    return replace(found, notes=(*table.notes(rules), *found.notes))


def _text(outcome: Outcome, fmt: str) -> str:
    from srbench.cli.challenge._import_view import text_table
    from srbench.report import challenge_table

    if fmt == "latex":
        return challenge_table.as_latex(outcome).rstrip("\n")
    if fmt == "organisers":
        return challenge_table.organisers_json(outcome).rstrip("\n")
    header, rows = challenge_table.overview(outcome)
    return text_table(header, rows, fmt)
