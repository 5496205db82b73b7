"""``srbench train``: train a registered model by a recipe."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import comma_list, json_option, plugin_option
from srbench.cli.sections import Sectioned

if TYPE_CHECKING:
    from srbench.training.loop import Run
    from srbench.training.record import TrainingRecord


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@click.option("--model", required=True, help="Name (srbench list models) or net.py:Net(...).")
@click.option("--data", required=True, help="Folder of HR training images, or a dataset name such as bsds500-train.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for checkpoints, weights and record."
)
@click.option("--scale", default=4, show_default=True)
@click.option("--recipe", default="common", show_default=True, help="Recipe name or .toml file.")
@click.option(
    "--steps", type=click.IntRange(min=1), default=None, help="Steps in all; default: the recipe's own length."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--threads", type=click.IntRange(min=1), default=None, help="CPU threads; default: torch's own choice.")
@click.option(
    "--validate", default="embedded", show_default=True, help="Dataset or folder held out for the PSNR curve."
)
@click.option("--validate-limit", type=click.IntRange(min=1), default=None, help="Use its first N images only.")
@click.option(
    "--validate-every",
    type=click.IntRange(min=1),
    default=500,
    show_default=True,
    help="Steps between two points of the curve.",
)
@click.option(
    "--checkpoint-every",
    type=click.IntRange(min=1),
    default=250,
    show_default=True,
    help="Steps between two checkpoints.",
)
@click.option(
    "--exclude", callback=comma_list, help="Comma-separated training images to leave out, by name without suffix."
)
@click.option("--full-precision", is_flag=True, help="Write fp32 weights instead of fp16.")
@plugin_option
@json_option
def command(as_json: bool, full_precision: bool, **settings: Any) -> None:
    """Train a model; a killed run goes on from its last checkpoint when the same command is given again.

    Writes OUT/<model>_x<scale>.safetensors and its record (.json), to be used by --weights FILE.

    \b
    Examples:
      srbench train --model rfdn --data bsds500-train --out trained
      srbench train --model 'net.py:Net' --data DIR --out trained --steps 2000 --validate set5
    """
    from srbench.quantities import get_quantity
    from srbench.training.session import TrainRequest, execute, prepare, weights_file

    with contextlib.redirect_stdout(sys.stderr):  # what a user's network prints is no result
        run = prepare(TrainRequest(half=not full_precision, **settings))
        record = _with_progress(run, execute, not full_precision)
    if as_json:
        click.echo(record.model_dump_json(by_alias=True, indent=1))
        return
    reached = ", ".join(
        f"{quantity.title} {quantity.text(value)} {quantity.unit}".rstrip()
        for name, value in record.curve[-1].values.items()
        if (quantity := get_quantity(name))
    )
    click.echo(
        f"{record.model} x{record.scale}: {record.steps} steps of '{record.recipe['name']}' in {record.seconds:.0f} s, "
        f"on the luma of {record.validation} {reached}; weights {weights_file(run)}"
    )


def _with_progress(run: Run, execute: Any, half: bool) -> TrainingRecord:
    """Run the training under a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{run.model} x{run.scale}", total=run.total)
        mean: list[float] = []

        def report(step: int, loss: float, rate: float) -> None:
            mean.append(loss)
            del mean[:-100]
            text = f"{run.model} x{run.scale}  loss {sum(mean) / len(mean):.4f}  rate {rate:.2e}"
            bar.update(task, completed=step, description=text)

        record: TrainingRecord = execute(run, half=half, progress=report)
    return record
