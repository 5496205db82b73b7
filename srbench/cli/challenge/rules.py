"""``srbench challenge rules``: the rules of one challenge, for people or as the start of rules of one's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.rules import Rules


@click.command("rules")
@click.argument("rules_id", metavar="ID")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "toml"]),
    default="text",
    show_default=True,
    help="toml: the year's own rules.toml, the start of rules of one's own.",
)
@json_option
@plugin_option
def command(rules_id: str, form: str, as_json: bool) -> None:
    """Show the rules of one challenge: images, floors, what is timed, how scores and ranks are made.

    ID is one of srbench challenge list, or a rules.toml of one's own, which is checked by the way.

    \b
    Examples:
      srbench challenge rules ntire2024-esr
      srbench challenge rules ntire2024-esr --format toml > mine.toml
    """
    from srbench.errors import SrbenchError
    from srbench.rules import get_rules, source_of

    rules = get_rules(rules_id)
    if rules_id.endswith(".toml"):
        _check_names(rules)
    if as_json:
        click.echo(json.dumps(rules.model_dump(mode="json"), indent=1, ensure_ascii=False))
    elif form == "toml":
        source = source_of(rules_id)
        if source is None:
            raise SrbenchError(f"the rules {rules.id} were added by a package and have no TOML file; use --json.")
        click.echo(source.read_text(encoding="utf-8"), nl=False)
    else:
        click.echo(_text(rules))


def _check_names(rules: Rules) -> None:
    """The protocol and the quantities that rules of one's own name are known.

    Raises:
        SrbenchError: one of them is not; says which, and what is known.
    """
    from srbench.errors import SrbenchError
    from srbench.metrics.protocols import get_protocol
    from srbench.quantities import get_quantity

    where = "protocol"
    try:
        if rules.protocol is not None:
            get_protocol(rules.protocol)
        for column in rules.columns:
            where = f"columns, {column.key}"
            get_quantity(column.quantity)
    except SrbenchError as error:
        raise SrbenchError(f"the rules {rules.id}: {where}: {error}") from error


def _text(rules: Rules) -> str:
    """All of it in short lines, under one heading for each part."""
    parts = {
        "Images": _images(rules),
        "Floors": _floors(rules),
        "What is timed": _timing(rules),
        "Tracks": _tracks(rules),
        "Baseline": _baseline(rules),
        "Not known": list(rules.gaps()),
    }
    lines = [f"{rules.id}: {rules.title} ({rules.year})"]
    for heading, found in parts.items():
        if found:
            lines += ["", heading, *(f"  {line}" for line in found)]
    return "\n".join(lines)


def _images(rules: Rules) -> list[str]:
    scale = rules.scale
    lines = [f"x{scale}, scored by {rules.protocol or 'a protocol that is not known'}"]
    for dataset in rules.datasets:
        hidden = ", HR never given out" if dataset.hidden else ""
        lines.append(f"{dataset.id}: {dataset.title}, {dataset.images or 'unknown number of'} images{hidden}")
    lines.append(f"results are named after the LR images: 0801x{scale}.png or 0801.png, {scale} times their size")
    if rules.submission is not None:
        lines += [f"readme: {label}" for label in rules.submission.results_readme]
        files = (rules.submission.model_file, rules.submission.weights_file)
        lines += [f"models: {name}" for name in files if name]
    return lines


def _floors(rules: Rules) -> list[str]:
    return [
        f"{rules.column(floor.column).title} at least {floor.value}"
        + (f", rounded to {floor.decimals} decimals ({floor.rounding})" if floor.decimals is not None else "")
        for floor in rules.floors
    ]


def _timing(rules: Rules) -> list[str]:
    timing = rules.timing
    lines = [f"timed: {', '.join(timing.timed)}"]
    if timing.excluded:
        lines.append(f"not timed: {', '.join(timing.excluded)}")
    shown = ("hardware", "precision", "batch", "warmup_images", "over_images", "over_datasets", "runs", "over_runs")
    known = [(name, getattr(timing, name)) for name in shown]
    lines.append(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in known if value is not None))
    return [line for line in lines if line]


def _tracks(rules: Rules) -> list[str]:
    from srbench.challenge.platforms.pages import formula

    lines = []
    for track in rules.tracks:
        main = " (main)" if track.main else ""
        lines.append(f"{track.id}{main}: {track.title}")
        lines.append(f"  score: {formula(rules, track)}")
        lines.append(f"  equal scores: {track.ties or 'not known'}")
        if track.no_worse_than_baseline:
            titles = ", ".join(rules.column(key).title for key in track.no_worse_than_baseline)
            lines.append(f"  not worse than the baseline in: {titles}")
    return lines


def _baseline(rules: Rules) -> list[str]:
    values = [f"{rules.column(key).title} {value}" for key, value in rules.baseline.values.items()]
    return [rules.baseline.name, *values]
