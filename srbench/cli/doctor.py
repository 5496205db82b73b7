"""``srbench doctor``: the machine, what is wrong with it for measuring, and what other libraries measure on it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from srbench.cli.options import FiniteRange, comma_list, json_option
from srbench.errors import CheckFailed, SrbenchError


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seconds", type=FiniteRange(0, 3600), default=1.0, show_default=True,
              help="How long to watch the load of other programs.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit code 3 when there is a problem.")
@click.option(
    "--witness",
    is_flag=True,
    help="Instead: hold PSNR and SSIM against scikit-image, counts against fvcore, ptflops and torch; exit code 3 "
    "where they differ.",
)
@click.option("--networks", callback=comma_list, metavar="NAME,...", help="With --witness: count these networks.")
@json_option
def command(seconds: float, strict: bool, witness: bool, networks: tuple[str, ...], as_json: bool) -> None:
    """Describe this machine and what is wrong with it for measuring runtimes.

    With --witness, let other libraries measure the same images and count the same networks here.

    \b
    Examples:
      srbench doctor --seconds 5
      srbench doctor --witness --networks imdn,rfdn
    """
    if networks and not witness:
        raise SrbenchError("--networks goes with --witness; add it, or see srbench profile --models.")
    if witness:
        _call_witnesses(networks, as_json)
        return
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


def _call_witnesses(networks: tuple[str, ...], as_json: bool) -> None:
    from srbench.evaluation.witness import NETWORKS, Statement, statements

    heard: list[Statement] = []
    for one in statements(networks or NETWORKS):
        heard.append(one)
        if not as_json:
            verdict = "agree" if one.agrees else "DIFFER"
            click.echo(
                f"{verdict:<7} {one.quantity:<19} {one.subject:<37} {one.ours:>15.12g} here, "
                f"{one.theirs:.12g} by {one.witness}" + (f" ({one.note})" if one.note else "")
            )
    apart = [one for one in heard if not one.agrees]
    if as_json:
        listed = [asdict(one) | {"agrees": one.agrees} for one in heard]
        click.echo(json.dumps({"witnesses": listed, "disagreements": len(apart)}, indent=1, ensure_ascii=False))
    if apart:
        raise CheckFailed(
            f"{len(apart)} of {len(heard)} values differ from those of another library; the first is "
            f"{apart[0].quantity} of {apart[0].subject}: {apart[0].ours:.12g} here, {apart[0].theirs:.12g} by "
            f"{apart[0].witness}."
        )
    if not as_json:
        click.echo(f"{len(heard)} values of this machine agree with those of other libraries.")
