"""``srbench run``: evaluate models on datasets and keep every number with what it was made of."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.apart_view import apart_json
from srbench.cli.engine_options import engine_of, engine_options
from srbench.cli.options import (
    ModelsAsked,
    comma_integers,
    comma_list,
    json_option,
    model_options,
    plugin_files,
    plugin_option,
)
from srbench.cli.sections import Sectioned
from srbench.errors import Interrupted, SrbenchError
from srbench.quantities import DEFAULT_QUALITY

if TYPE_CHECKING:
    from srbench.evaluation.cells import Plan, Request
    from srbench.evaluation.engine.setting import Engine
    from srbench.evaluation.outcome import Outcome

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@model_options(weights=True)
@click.option(
    "--weights",
    default="auto",
    show_default=True,
    help="released, bundled, none or a file, for all or as MODEL=CHOICE, MODEL@2=FILE,...; auto takes what is there.",
)
@click.option("--scale", "scales", default="4", show_default=True, callback=comma_integers, help="Comma list: 2,3,4.")
@click.option("--datasets", callback=comma_list, help="Comma list of names and folders; default: set5, else embedded.")
@click.option(
    "--lr",
    type=click.Choice(["imresize", "double", "files"]),
    default="imresize",
    show_default=True,
    help="LR: made of HR, rounded after each pass or (double) once; or from files.",
)
@click.option("--protocol", "--protocols", "protocols", default="y-matlab", show_default=True, callback=comma_list,
              help="Comma list of measures (srbench list protocols).")  # fmt: skip
@click.option("--quantities", default=",".join(DEFAULT_QUALITY), show_default=True, callback=comma_list,
              help="Comma list of what to measure (srbench list quantities).")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="First N images only.")
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--precision", default="fp32", show_default=True, help="fp32, fp64, bf16 or (CUDA) fp16.")
@click.option(
    "--backend",
    type=click.Choice(["eager", "compile", "onnxruntime"]),
    default="eager",
    show_default=True,
    help="What runs the network; its results stand apart from torch's own.",
)
@click.option("--self-ensemble", is_flag=True, help="Mean over the 8 flips and turns of every image; shown as +.")
@engine_options
@click.option("--no-runtime", is_flag=True, help="Leave the runtime unmeasured.")
@click.option("--save-images", type=_FOLDER, help="Folder for the SR images (PNG).")
@click.option(
    "--results", type=_FOLDER, default=Path("srbench-results"), show_default=True, help="Folder of result files."
)
@click.option("--force", is_flag=True, help="Compute again what is already there.")
@click.option("--dry-run", is_flag=True, help="Show what would be computed; compute and download nothing.")
@click.option("--html", type=_FILE, help="Page to write; default: RESULTS/report.html.")
@click.option("--no-html", is_flag=True, help="Write no page.")
@click.option("--format", "fmt", default="table", show_default=True, metavar="FORMAT",
              help="Of the table on stdout: markdown, latex, csv, json (srbench list formats).")  # fmt: skip
@plugin_option
@json_option
def command(asked: ModelsAsked, **options: Any) -> None:
    """Evaluate models on datasets: a table, one JSON file per cell, and an HTML page.

    A cell is model x weights x scale x dataset x protocol; the costs of each model are measured beside its cells. What
    the results folder already holds is not computed again, so the same command goes on where a killed run stopped.

    \b
    Examples:
      srbench run --models imdn,rfdn --scale 2,3,4 --datasets set5,set14
      srbench run --models 'net.py:Net' --weights 'net_x{scale}.pth' --datasets set5 --format latex
    """
    from srbench.cli import run_view
    from srbench.evaluation.outcome import already_there
    from srbench.evaluation.plan import plan

    _check_format(options["fmt"])
    engine = engine_of(options)
    if options["backend"] != "eager" and (engine.tile or engine.memory):
        raise SrbenchError("--backend runs whole images; leave out --tile and --memory, or use --backend eager.")
    request = _request(asked, options, engine)
    with run_view.Downloads() as arrived:
        planned = plan(
            request,
            options["results"],
            force=options["force"],
            save_images=options["save_images"],
            on_bytes=arrived,
        )
    notes_below = options["fmt"] == "table" and not options["as_json"] and not options["dry_run"]
    run_view.show_plan(planned, options["results"], substitutions=not notes_below, part=bool(engine.shard))
    if options["dry_run"]:
        if options["as_json"]:
            click.echo(json.dumps(_plan_json(planned), indent=1, ensure_ascii=False))
        run_view.show_failures(planned.failures)
        _fail_if_any(bool(planned.failures))
        return
    outcome = already_there(planned) or _computed(planned, options, engine)
    page = _write_page(planned, outcome, options)
    _show(planned, outcome, page, options)
    run_view.show_computed(planned, outcome, cut=bool(engine.tile or engine.memory))
    run_view.show_ways(outcome.quality, options["results"])
    _fail_if_any(bool(outcome.failures))


def _computed(planned: Plan, options: dict[str, Any], engine: Engine) -> Outcome:
    """Compute what is not there yet, with a bar."""
    from srbench.cli.run_bar import Bar
    from srbench.evaluation.run import Setting, execute

    setting = Setting(options["results"], _command_line(), options["save_images"], engine)
    bar = Bar()
    try:
        with bar:
            return execute(planned, setting, bar)
    except KeyboardInterrupt:
        raise Interrupted(bar.kept_sentence) from None


def _check_format(name: str) -> None:
    """Refuse an unknown format before anything is computed."""
    from srbench.report.formats import FORMATS

    if name != "table":
        FORMATS.get(name)


def _request(asked: ModelsAsked, options: dict[str, Any], engine: Engine) -> Request:
    from srbench.evaluation.cells import Failure, Request

    cards, broken = asked.cards(apart=True)
    return Request(
        cards=tuple(cards),
        broken=tuple(Failure(reference, reason) for reference, reason in broken),
        weights=options["weights"],
        scales=options["scales"],
        datasets=options["datasets"],
        lr=options["lr"],
        protocols=options["protocols"] or ("y-matlab",),
        limit=options["limit"],
        quantities=options["quantities"],
        device=options["device"],
        precision=options["precision"],
        backend=options["backend"],
        self_ensemble=options["self_ensemble"],
        runtime=not options["no_runtime"],
        fetch=not options["dry_run"],
        engine=engine,
    )


def _costs_asked(names: tuple[str, ...]) -> tuple[str, ...]:
    """The quantities of networks that were asked for and have no column anyway."""
    from srbench.quantities import parse_quantities

    return tuple(quantity.name for quantity in parse_quantities(names)[1] if quantity.name not in ("params", "macs"))


def _command_line() -> str:
    """The command as typed, with the program's bare name."""
    return shlex.join(["srbench", *sys.argv[1:]])


def _write_page(planned: Plan, outcome: Outcome, options: dict[str, Any]) -> Path | None:
    """Write the HTML page, unless it is not wanted or there is nothing to show; a bad path is one more failure."""
    if options["no_html"] or not outcome.results:
        return None
    from srbench.evaluation.cells import Failure
    from srbench.report import run_file
    from srbench.results import trust
    from srbench.results.store import read_machines
    from srbench.results.words import doubt_lines

    page: Path = options["html"] or options["results"] / "report.html"
    try:
        still = trust.read(options["results"]).apart if planned.apart else ()
        machines, asked = read_machines(options["results"]), _costs_asked(options["quantities"])
        plain = not plugin_files()
        return run_file.write(outcome.results, machines, page, doubt_lines(still), asked, plain)
    except SrbenchError as error:
        outcome.failures.append(Failure("page", str(error)))
        return None


def _show(planned: Plan, outcome: Outcome, page: Path | None, options: dict[str, Any]) -> None:
    """The end of a run: data on stdout, what is to be said about it on stderr."""
    from srbench.cli import run_view
    from srbench.report import tables

    if options["as_json"]:
        click.echo(json.dumps(_outcome_json(planned, outcome, page, options), indent=1, ensure_ascii=False))
    elif outcome.results:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        colour = terminal and not os.environ.get("NO_COLOR")
        asked = _costs_asked(options["quantities"])
        text = tables.render(outcome.results, options["fmt"], width=width, colour=colour, costs=asked)
        click.echo(text.rstrip("\n"))
        if options["fmt"] in ("markdown", "latex", "html", "typst"):
            run_view.show_left_out(outcome, asked)
    if options["fmt"] == "table" and not options["as_json"]:
        run_view.show_unsaid(planned, outcome)
    run_view.show_end(planned, outcome, page, options["results"])


def _plan_json(planned: Plan) -> dict[str, Any]:
    return {
        "cells": [
            {
                "cell": cell.name,
                "model": cell.card.name,
                "weights": cell.weights.name,
                "scale": cell.scale,
                "dataset": cell.dataset.name,
                "images": len(cell.dataset.images),
                "images_there": len(cell.dataset.images) if cell.existing else cell.kept,
                "protocol": cell.protocol.id,
                "status": "compute" if cell.existing is None else "there",
                "why": cell.why,
                "computed_with": list(cell.computed_with),
            }
            for cell in planned.cells
        ],
        "costs": [
            {
                "model": cost.card.name,
                "scale": cost.scale,
                "runtime": cost.runtime,
                "status": "there" if cost.existing else "compute",
            }
            for cost in planned.costs
        ],
        "failures": [{"cell": failure.cell, "reason": failure.reason} for failure in planned.failures],
        "left_out": list(planned.left_out),
        "substitutions": _substitutions(planned),
        "skipped_files": [{"file": str(path), "reason": reason} for path, reason in planned.skipped_files],
        "apart": apart_json(planned.apart),
    }


def _outcome_json(planned: Plan, outcome: Outcome, page: Path | None, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "results": str(options["results"]),
        "html": None if page is None else str(page),
        "computed": outcome.computed,
        "already_there": len(planned.cells) - len(planned.todo),
        "costs_computed": outcome.costs_computed,
        "records": [record.model_dump(mode="json", by_alias=True) for record in outcome.quality],
        "costs": [record.model_dump(mode="json", by_alias=True) for record in outcome.results.costs],
        "failures": [{"cell": failure.cell, "reason": failure.reason} for failure in outcome.failures],
        "left_out": list(planned.left_out),
        "substitutions": _substitutions(planned),
        "skipped_files": [{"file": str(path), "reason": reason} for path, reason in planned.skipped_files],
        "apart": apart_json(planned.apart),
    }


def _substitutions(planned: Plan) -> list[dict[str, Any]]:
    from dataclasses import asdict

    return [{"about": subject, **asdict(what)} for subject, what in planned.substitutions]


def _fail_if_any(failed: bool) -> None:
    if failed:
        sys.exit(1)
