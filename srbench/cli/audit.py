"""``srbench audit``: check the published tables by computation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from srbench.cli.options import comma_list, json_option, plugin_option
from srbench.errors import CheckFailed

if TYPE_CHECKING:
    from srbench.leaderboard.audit import Finding, Report


@click.command("audit")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@click.option("--kinds", callback=comma_list, help="Comma-separated kinds of findings, e.g. cost,marks; default: all.")
@click.option("--cells", "show_cells", is_flag=True, help="List the cells that each finding rests on.")
@click.option("--strict", is_flag=True, help="Exit with code 3 if a finding is not explained.")
@plugin_option
@json_option
def command(papers: tuple[str, ...], kinds: tuple[str, ...], show_cells: bool, strict: bool, as_json: bool) -> None:
    """Check the published tables by computation; findings grouped by kind, with counts.

    Without a PAPER (imdn2019, rfdn2020, aidn2022, lrfdn2023, ntire2022) all are shown.
    """
    from srbench.leaderboard.audit import run

    report = run(papers or None, kinds or None)
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=1, ensure_ascii=False))
    else:
        _print(report, papers, show_cells)
    open_findings = report.count("contradiction") + report.count("suspicious")
    if strict and open_findings:
        raise CheckFailed(f"{open_findings} findings are not explained; see the list.")


def _print(report: Report, papers: tuple[str, ...], show_cells: bool) -> None:
    from srbench.leaderboard.audit import KINDS, VERDICTS

    if papers:
        click.secho(_scope(report, papers) + "\n", bold=True)
    for kind, checked in report.checked.items():
        found = report.of(kind)
        counts = [f"{report.count(v, kind)} {v}" for v in VERDICTS if report.count(v, kind)]
        what = ("claims" if kind == "claim" else "cells") + (" of all papers" if papers else "")
        click.secho(
            f"{KINDS[kind]}: {len(found)} findings ({', '.join(counts) or 'none'}; {checked} {what} checked)", bold=True
        )
        for finding in found:
            _print_finding(finding, show_cells)
        click.echo()
    totals = ", ".join(f"{report.count(v)} {v} ({text})" for v, text in VERDICTS.items())
    click.secho(f"{len(report.findings)} findings: {totals}.", bold=True)
    for note in report.unchecked:
        click.echo(f"not checked: {note}", err=True)


def _scope(report: Report, papers: tuple[str, ...]) -> str:
    """Which findings are shown, and whose cells besides take part in them."""
    shared = [f for f in report.findings if set(f.papers) - set(papers)]
    others = sorted({paper for f in shared for paper in f.papers} - set(papers))
    text = f"Findings in which a cell of {', '.join(papers)} takes part"
    if not shared:
        return f"{text}."
    return f"{text}; in {len(shared)} of {len(report.findings)} so do cells of {', '.join(others)}."


_COLOUR = {"contradiction": "red", "suspicious": "yellow", "explained": "green"}


def _print_finding(finding: Finding, show_cells: bool) -> None:
    click.echo("  " + click.style(f"[{finding.verdict}]", fg=_COLOUR[finding.verdict]) + f" {finding.text}")
    if finding.explanation:
        click.echo(f"      {finding.explanation}.")
    if show_cells:
        for cell in finding.cells:
            mark = "" if cell.cell.mark == "none" else f" ({cell.cell.mark})"
            click.echo(f"      - {cell.place}: {cell.cell.value}{mark}")
