"""``srbench profile``: parameters, MACs, activations and peak memory, without weights and without running anything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import ModelsAsked, comma_list, json_option, model_options, plugin_files, plugin_option
from srbench.cli.profile_year import conventions_of, rules_of, sizes_of
from srbench.cli.sections import Sectioned
from srbench.errors import CheckFailed, SrbenchError
from srbench.models.words import note_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srbench.cost.crosscheck import CrossCheck
    from srbench.cost.examine import Counting
    from srbench.cost.profile import Profile
    from srbench.models.card import ModelCard
    from srbench.rules import Rules

_OF_SEVERAL = ("table", "markdown", "csv", "json", "ntire")
"""Formats in which several tables can stand one below the other."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@model_options(weights=True)
@click.option("--weights", default="none", show_default=True, help="Load these before counting: a file, released, ...")
@click.option(
    "--repo", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
    help="Count every network of a repository instead, each in a process of its own.",
)  # fmt: skip
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--size", default="256x256", show_default=True, help="LR HxW, or an HR size: 720p, 1080p, 2k, 4k, 8k.")
@click.option(
    "--convention", "conventions", callback=comma_list, help="Comma list of macs, fvcore, ntire-hooks, torch, or all."
)
@click.option(
    "--format", "fmt", default="table", show_default=True,
    help="table, json, any of srbench list formats, or the columns, conventions and digits of a challenge's own table: "
    "ntire-2022, ntire-2024, ... (srbench challenge list), or a rules.toml.",
)  # fmt: skip
@click.option("--layers", is_flag=True, help="Also where it sits: a row per layer and operator.")
@click.option("--cross-check", is_flag=True, help="Run fvcore and ptflops on a small input; where and why they differ.")
@click.option("--strict", is_flag=True, help="Exit code 3 when something is not counted or a check fails.")
@plugin_option
@json_option
def command(
    asked: ModelsAsked,
    repo: Path | None,
    weights: str,
    scale: int,
    size: str,
    conventions: tuple[str, ...],
    fmt: str,
    layers: bool,
    cross_check: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Parameters, MACs, activations, convolutions, depth and peak memory of models.

    Nothing is computed and no weights are needed: one pass over shapes, so 8K inputs take no longer.

    \b
    Examples:
      srbench profile --models imdn,pan --size 720p --convention all
      srbench profile --models 'net.py:Net' --format ntire-2024
    """
    from srbench.cli import profile_view as view
    from srbench.cost.input_size import parse_size

    rules = rules_of(fmt)
    if (layers or cross_check) and fmt not in _OF_SEVERAL and rules is None:
        raise SrbenchError(
            f"--layers and --cross-check add tables; expected --format {', '.join(_OF_SEVERAL)}, got {fmt}."
        )
    wanted = parse_size(size, scale)
    _say_of_format(rules or fmt, wanted, as_json)
    if repo is not None:
        from srbench.cli.profile_repo import profile_repository

        chosen = _conventions(conventions, rules or fmt)
        profile_repository(repo, asked.options, scale, wanted, chosen, "json" if as_json else rules or fmt)
        return
    cards, failures = asked.cards(apart=True)
    found: list[tuple[Profile, CrossCheck | None]] = []
    if cards:  # torch is imported where something is to be counted
        from srbench.cost.examine import Counting

        counting = Counting(scale, wanted, _conventions(conventions, rules or fmt), weights, cross_check)
        found = _examined(cards, failures, counting)
    if as_json or fmt == "json":
        click.echo(json.dumps(view.as_json(found, failures, layers), indent=1, ensure_ascii=False))
    else:
        _print(found, rules or fmt, layers, view)
    for name, sentence in failures:
        click.echo(f"{name}: {sentence}", err=True)
    _finish(found, failures, strict)


def _examined(
    cards: Sequence[ModelCard], failures: list[tuple[str, str]], counting: Counting
) -> list[tuple[Profile, CrossCheck | None]]:
    """The networks that can be counted, each with its notes said; the others are added to ``failures``."""
    from srbench.evaluation.apart.asking import examine_apart

    found: list[tuple[Profile, CrossCheck | None]] = []
    for card in cards:
        try:
            one = examine_apart(card, counting, plugin_files())
            for note in one.notes:
                click.echo(f"{card.title}: {note_sentence(note)}", err=True)
            counted = one.profile
            if one.warning:
                counted = replace(counted, problems=(*counted.problems, one.warning.rstrip(".")))
            found.append((counted, one.check))
        except SrbenchError as error:
            failures.append((card.name, str(error)))
    return found


def _say_of_format(fmt: str | Rules, size: tuple[int, int], as_json: bool) -> None:
    """What a reader of a challenge's table must know: another input size, or which years the columns are of."""
    if as_json:
        return
    if fmt == "ntire":
        click.echo(
            "ntire: FLOPs are those of the hooks, 2022 and 2023; from 2024 on they are fvcore's (--format ntire-2024).",
            err=True,
        )
    elif not isinstance(fmt, str) and size not in sizes_of(fmt):
        sizes = " and ".join(f"{height}x{width}" for height, width in sizes_of(fmt))
        if sizes:
            click.echo(f"{fmt.short} counts at LR {sizes}; these are figures at {size[0]}x{size[1]}.", err=True)


def _conventions(asked: tuple[str, ...], fmt: str | Rules) -> tuple[str, ...]:
    from srbench.cost.conventions import check_conventions
    from srbench.quantities import CONVENTIONS

    if not isinstance(fmt, str):
        if asked:
            raise SrbenchError(f"--convention does not go with the format of {fmt.short}, whose columns say their own.")
        return conventions_of(fmt)
    if asked == ("all",):
        return CONVENTIONS.names()
    return check_conventions(asked or (("ntire-hooks",) if fmt == "ntire" else ("macs",)))


def _print(found: list[tuple[Profile, CrossCheck | None]], fmt: str | Rules, layers: bool, view: Any) -> None:
    profiles = [one for one, _ in found]
    if profiles:
        click.echo(view.summary(profiles, fmt))
    fmt = fmt if isinstance(fmt, str) else "table"
    for one, check in found:
        if layers:
            click.echo("\n" + view.layer_table(one, fmt))
        if check is not None:
            click.echo("\n" + view.cross_check_table(one, check, fmt))
    for one in profiles:
        for note in one.notes:
            click.echo(f"{one.name}: {note}.", err=True)
        for problem in one.problems:
            click.echo(f"{one.name}: warning: {problem}.", err=True)


def _finish(found: list[tuple[Profile, CrossCheck | None]], failures: list[tuple[str, str]], strict: bool) -> None:
    """Exit codes: 1 when a model failed, 3 when ``strict`` and something is not counted or does not agree."""
    problems = [f"{one.name}: {problem}" for one, _ in found for problem in one.problems]
    problems += [
        f"{one.name}: our fvcore preset and fvcore differ" for one, check in found if check and not check.preset_agrees
    ]
    if failures:
        raise SrbenchError(f"{len(failures)} of {len(found) + len(failures)} models could not be counted.")
    if strict and problems:
        raise CheckFailed("; ".join(problems) + ".")
