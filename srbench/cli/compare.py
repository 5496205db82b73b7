"""``srbench compare``: the same crop of one image from every model, with scores, error maps, a figure and a page."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import ModelsAsked, json_option, model_options, plugin_option
from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.evaluation.compare import Comparison, Request

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--image", metavar="FILE|DATASET/NAME", help="HR image, for example set5/butterfly.")
@click.option("--lr", type=_FILE, help="LR image; alone, there is no HR and nothing is measured.")
@model_options(weights=True)
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option(
    "--weights", default="auto", show_default=True, help="released, bundled or a file; auto takes what is there."
)
@click.option(
    "--crop", default="auto", show_default=True, metavar="auto|X,Y,W,H",
    help="In HR pixels; auto: where the models differ most.",
)  # fmt: skip
@click.option("--crop-size", type=click.IntRange(min=1), help="Side of the auto crop; default: a fifth of the image.")
@click.option("--protocol", default="y-matlab", show_default=True, help="Measure (srbench list protocols).")
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--out", type=_FOLDER, help="Folder for what is made; default: srbench-compare/IMAGE-xSCALE.")
@plugin_option
@json_option
def command(asked: ModelsAsked, **options: Any) -> None:
    """Compare models on one image: a page with a slider, figures for a paper, crops, error maps and JSON.

    Bicubic is always shown beside the models. A model without weights is left out and named; the others are shown.
    """
    from srbench.evaluation.compare import as_json, compare
    from srbench.evaluation.compare_source import open_source

    request = _request(asked, options)
    source = open_source(options["image"], options["lr"], options["scale"])
    comparison = compare(request, source, _say_running)
    folder: Path = options["out"] or Path("srbench-compare") / f"{_slug(source.title)}-x{source.scale}"
    files = _write(comparison, folder)
    for sentence in (one.substituted for one in comparison.shown if one.substituted):
        click.echo(f"used instead: {sentence}", err=True)
    for one in comparison.shown:
        for sentence in one.remarks:
            click.echo(f"{one.title}: {sentence.removeprefix(f'{one.title} ')}", err=True)
    for sentence in comparison.left_out:
        click.echo(f"note: {sentence}", err=True)
    if options["as_json"]:
        found = {**as_json(comparison), "files": [str(file) for file in files]}
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _show(comparison)
    click.echo(f"page: {files[0]}\n{len(files) - 1} more files in {folder}", err=True)
    for sentence in comparison.failed:
        click.echo(f"error: {sentence}", err=True)
    if comparison.failed:
        sys.exit(1)


def _request(asked: ModelsAsked, options: dict[str, Any]) -> Request:
    from srbench.evaluation.compare import Request
    from srbench.evaluation.compare_crop import parse_crop

    asked.require_some()
    crop = parse_crop(options["crop"])
    if crop is not None and options["crop_size"] is not None:
        raise SrbenchError("--crop X,Y,W,H has a size of its own; leave --crop-size out, or use --crop auto.")
    cards, broken = asked.cards(apart=True)
    if broken:
        raise SrbenchError("; ".join(reason for _, reason in broken))
    return Request(
        cards=tuple(cards),
        scale=options["scale"],
        weights=options["weights"],
        crop=crop,
        crop_size=options["crop_size"],
        protocol=options["protocol"],
        device=options["device"],
        command=shlex.join(["srbench", *sys.argv[1:]]),
    )


def _say_running(title: str) -> None:
    click.echo(f"running {title}", err=True)


def _slug(text: str) -> str:
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in text)


def _write(comparison: Comparison, folder: Path) -> list[Path]:
    """The page first, then figures, crops, error maps and JSON."""
    from srbench.report import visual_figure, visual_page
    from srbench.report.visual_files import write_crops, write_json

    files = [visual_page.write(comparison, folder / "compare.html")]
    drawn = {"figure": visual_figure.draw(comparison)}
    if comparison.has_hr:
        drawn["error-maps"] = visual_figure.draw_errors(comparison)
    for name, figure in drawn.items():
        files += [visual_figure.save(figure, folder / f"{name}.{ending}") for ending in visual_figure.FORMATS]
    files += write_crops(comparison, folder)
    return [*files, write_json(comparison, folder / "compare.json")]


def _show(comparison: Comparison) -> None:
    """The figures as a table on stdout."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    crop = comparison.crop
    where = f"{comparison.source.name}, x{comparison.scale}, crop {crop.width}x{crop.height} at {crop.x},{crop.y}"
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "weights"):
        table.add_column(heading)
    if comparison.has_hr:
        table.add_column(f"PSNR / SSIM ({comparison.protocol.id})", justify="right")
        table.add_column("of the crop", justify="right")
    for one in comparison.shown:
        figures = (str(one.whole), str(one.crop)) if comparison.has_hr else ()
        table.add_row(*map(escape, (one.title, one.weights.name, *figures)))
    console = Console(highlight=False)
    console.print(escape(where), soft_wrap=True)
    console.print(table)
    if not comparison.has_hr:
        console.print("No HR image was given, so nothing is measured: crops only.")
