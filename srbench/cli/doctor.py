"""``srbench doctor``: the machine, and what is wrong with it for measuring."""

from __future__ import annotations

import json

import click

from srbench.cli.options import json_option
from srbench.errors import CheckFailed


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seconds", default=1.0, show_default=True, help="How long to watch the load of other programs.")
@click.option("--strict", is_flag=True, help="Exit code 3 when there is a problem.")
@json_option
def command(seconds: float, strict: bool, as_json: bool) -> None:
    """Describe this machine and what is wrong with it for measuring runtimes."""
    from srbench.cost.doctor import diagnose
    from srbench.report.machine_text import facts
    from srbench.results.environment import machine

    described, findings = machine(), diagnose(seconds)
    if as_json:
        listed = [{"severity": f.severity, "what": f.what, "advice": f.advice} for f in findings]
        click.echo(json.dumps({"machine": described, "findings": listed}, indent=1, ensure_ascii=False))
    else:
        lines = facts(described)
        width = max(len(title) for title, _ in lines)
        for title, text in lines:
            click.echo(f"{title:<{width}}  {text}")
        click.echo("")
        for finding in findings:
            click.echo(f"{finding.severity}: {finding.what}; {finding.advice}.")
        if not findings:
            click.echo("nothing wrong with this machine for measuring was found.")
    problems = [f.what for f in findings if f.severity == "problem"]
    if strict and problems:
        raise CheckFailed(f"this machine is not fit for measuring: {'; '.join(problems)}.")
