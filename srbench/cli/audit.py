"""``srbench audit``: check the published tables, or a table of one's own, by computation."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.options import comma_list, json_option, plugin_option, root_option
from srbench.errors import CheckFailed, SrbenchError

if TYPE_CHECKING:
    from srbench.leaderboard.audit import Finding, Report

SCREEN_LINES = 48
LEAST_HEADLINE = 56
TABLE_FILES = (".csv", ".tex")


@click.command("audit")
@click.argument("what", nargs=-1, metavar="[PAPER|FINDING|CHECK|TABLE.csv|TABLE.tex]...")
@click.option("--kinds", callback=comma_list, help="Comma-separated kinds of findings, e.g. cost,marks; default: all.")
@click.option("--severity", callback=comma_list, help="Only these: claim, ranking, value, convention, rounding.")
@click.option("--details", is_flag=True, help="Everything about each finding, with its cases.")
@click.option("--all", "show_all", is_flag=True, help="List every finding, not only what fits two screens.")
@click.option("--scale", type=click.IntRange(1), help="Scale of your own table, where it has no column for it.")
@click.option("--gpu", default="", help="GPU of your table's runtimes, a key of hardware.toml, e.g. rtx-3090.")
@click.option("--strict", is_flag=True, help="Exit with code 3 if a finding is not explained.")
@root_option
@plugin_option
@json_option
def command(
    what: tuple[str, ...], kinds: tuple[str, ...], severity: tuple[str, ...], details: bool, show_all: bool,
    scale: int | None, gpu: str, strict: bool, as_json: bool,
) -> None:  # fmt: skip
    """Check the published tables by computation; findings by cause, the gravest first.

    Name papers (imdn2019, aidn2022 ...) to see theirs, a finding to see all about it, or a check (srbench list checks)
    to see what it found. A file TABLE.csv or TABLE.tex
    is a table of your own: every check that applies to it is run, against the published rows too.

    \b
    Examples:
      srbench audit imdn2019
      srbench audit my-table.tex --scale 4 --details
    """
    from srbench.leaderboard import audit

    files = [w for w in what if Path(w).suffix in TABLE_FILES]
    if files and len(what) > 1:
        raise SrbenchError(f"'{files[0]}' is a table of its own; audit one table at a time, without papers beside it.")
    one: Finding | None = None
    if files:
        report = audit.own_table(Path(files[0]), scale=scale, gpu=gpu, kinds=kinds or None)
    else:
        papers, one_id = _split(what)
        report = audit.run(papers or None, kinds or None)
        if one_id in audit.CHECKS and one_id not in [f.id for f in report.findings]:
            report = _of_check(report, one_id)
        else:
            one = report.get(one_id) if one_id else None
    found = [one] if one else _of_severity(report, severity)
    if as_json:
        shown = report.as_dict() | {"findings": [f.as_dict() for f in found]}
        click.echo(json.dumps(one.as_dict() if one else shown, indent=1, ensure_ascii=False))
    elif one or details:
        for finding in found:
            _print_details(finding)
    else:
        _print_list(report, found, show_all or bool(files), own=bool(files))
    open_findings = sum(f.verdict != "explained" for f in found)
    if strict and open_findings:
        are = "is" if open_findings == 1 else "are"
        raise CheckFailed(f"{_findings(open_findings)} {are} not explained; see the list.")


def _split(what: tuple[str, ...]) -> tuple[list[str], str]:
    """Papers, and the one finding, among the arguments."""
    from srbench.leaderboard import published

    known = published.paper_folders()
    papers = [w for w in what if w.lower() in known or "-" not in w]
    others = [w for w in what if w not in papers]
    if len(others) > 1 or (others and papers):
        raise SrbenchError(f"'{others[0]}' names one finding; give it alone, or papers without it.")
    return papers, others[0] if others else ""


def _of_check(report: Report, name: str) -> Report:
    """The findings of the one check that was named."""
    from dataclasses import replace

    from srbench.leaderboard.audit import CHECKS

    check = CHECKS.get(name)
    found = tuple(f for f in report.findings if f.check == check.name)
    return replace(report, findings=found, key_fact=None, checked={check.kind: report.checked[check.kind]})


def _of_severity(report: Report, severity: tuple[str, ...]) -> list[Finding]:
    from srbench.errors import unknown_name
    from srbench.leaderboard.audit import SEVERITIES

    for name in severity:
        if name not in SEVERITIES:
            raise unknown_name("severity", name, SEVERITIES)
    return [f for f in report.findings if not severity or f.severity in severity]


_COLOUR = {"contradiction": "red", "suspicious": "yellow", "explained": "green"}


def _print_list(report: Report, found: list[Finding], everything: bool, own: bool) -> None:
    """One line per finding, cut to two screens: what is of least consequence is only counted."""
    from srbench.leaderboard.audit import SEVERITIES, VERDICTS

    width = _width()
    head = []
    if report.key_fact and report.key_fact.text:
        head = textwrap.wrap(report.key_fact.text, width)
    for line in head:
        click.secho(line, bold=True)
    groups = {name: [f for f in found if f.severity == name] for name in SEVERITIES}
    room = SCREEN_LINES - len(head) - 3 - sum(bool(g) for g in groups.values())
    shown = found if everything else found[:room]
    for name, words in SEVERITIES.items():
        if groups[name]:
            click.secho(f"{name}: {words} ({len(groups[name])})", bold=True)
        for finding in groups[name]:
            if finding in shown:
                _print_line(finding, width, own)
    if len(shown) < len(found):
        click.echo(f"  and {len(found) - len(shown)} more of least consequence: --all lists them")
    counts = ", ".join(f"{sum(f.verdict == v for f in found)} {v}" for v in VERDICTS)
    click.secho(f"{_findings(len(found))}: {counts}.", bold=True)
    if report.quoted:
        are = "is" if report.quoted == 1 else "are"
        click.echo(f"{_findings(report.quoted)} about rows quoted unchanged from published tables {are} left out.")
    if found:
        click.echo(f"More: srbench audit {'TABLE --details' if own else found[0].id}")
    for note in report.unchecked if everything else ():
        click.echo(f"not checked: {note}", err=True)


def _findings(number: int) -> str:
    return f"{number} finding{'' if number == 1 else 's'}"


def _width() -> int:
    import shutil

    return max(80, min(160, shutil.get_terminal_size((120, 24)).columns))


def _print_line(finding: Finding, width: int, own: bool) -> None:
    mark = click.style("●", fg=_COLOUR[finding.verdict])
    ident = "" if own else f"  [{finding.id}]"
    room = max(width - 4 - len(ident), LEAST_HEADLINE)
    headline = finding.headline
    if len(headline) > room:
        headline = textwrap.shorten(headline, room, placeholder=" …")
    click.echo(f"  {mark} {headline}{click.style(ident, dim=True)}")
    if own and finding.cause:
        click.echo(textwrap.fill(finding.cause, width, initial_indent="      ", subsequent_indent="      "))


def _print_details(finding: Finding) -> None:
    click.secho(finding.headline, bold=True)
    click.echo(f"  {finding.id} · {finding.kind} · {finding.severity} · {finding.verdict}")
    parts = (
        ("printed", finding.printed), ("computed", finding.computed), ("probably", finding.cause),
        ("what falls", finding.falls),
    )  # fmt: skip
    for name, text in parts:
        if text:
            indent = " " * 14
            click.echo(textwrap.fill(text, _width(), initial_indent=f"  {name + ':':<12}", subsequent_indent=indent))
    for case in finding.cases:
        click.echo(f"  - {case}")
    click.echo()
