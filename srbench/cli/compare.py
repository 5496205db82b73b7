"""``srbench compare``: the same crop of images from every method, with scores, error maps, a figure and pages."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import ModelsAsked, inches, json_option, model_options, plugin_files, plugin_option
from srbench.cli.sections import Sectioned
from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.evaluation.compare import Comparison, Request

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@click.argument("places", nargs=-1, metavar="[IMAGE | NAME=DIR]...")
@click.option("--image", "images", multiple=True, metavar="FILE|DATASET/NAME",
              help="HR image, for example set5/butterfly (repeatable).")  # fmt: skip
@click.option("--lr", type=_FILE, help="LR image; alone, there is no HR and nothing is measured.")
@model_options(weights=True)
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option(
    "--weights", default="auto", show_default=True, help="released, bundled or a file; auto takes what is there."
)
@click.option(
    "--crop", "crops", multiple=True, metavar="auto|X,Y,W,H",
    help="In HR pixels, one for all images or one each; default: auto, where the models differ most (repeatable).",
)  # fmt: skip
@click.option("--crop-size", type=click.IntRange(min=1), help="Side of the auto crop; default: a fifth of the image.")
@click.option("--width", "wide", callback=inches, default="7.16in", show_default=True,
              help="Of the figure: 3.3in is a column of a paper, 7.16in a page.")  # fmt: skip
@click.option("--protocol", default="y-matlab", show_default=True, help="Measure (srbench list protocols).")
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--out", type=_FOLDER, help="Folder for what is made; default: srbench-compare/IMAGE-xSCALE.")
@plugin_option
@json_option
def command(asked: ModelsAsked, **options: Any) -> None:
    """Compare models on images: a figure for a paper, pages with a slider, crops, error maps and JSON.

    HR and bicubic are always shown beside the models. NAME=DIR is a method whose SR images lie in a folder, paired by
    name. Several images stand below each other in one figure. A model without weights is left out and named.

    \b
    Examples:
      srbench compare set5/butterfly --models imdn,rfdn --width 3.3in
      srbench compare set14/barbara bsd100/148026 ours=results/ours --models imdn --crop 96,40,64,64 --crop auto
    """
    from srbench.evaluation.compare import compare_all
    from srbench.evaluation.compare_json import as_json
    from srbench.evaluation.compare_source import open_source

    request, images = _request(asked, options)
    sources = [open_source(image, options["lr"], options["scale"]) for image in images]
    found = compare_all(request, sources, _say_running)
    names = "-".join(_slug(source.title) for source in sources[:3]) + ("-and-more" if len(sources) > 3 else "")
    folder: Path = options["out"] or Path("srbench-compare") / f"{names}-x{request.scale}"
    files = _write(found, folder, options["wide"])
    failed = _say_what_happened(found)
    if options["as_json"]:
        every = [as_json(one) for one in found]
        shown = every[0] if len(every) == 1 else {"schema": "srbench.comparisons/1", "images": every}
        click.echo(json.dumps({**shown, "files": [str(file) for file in files]}, indent=1, ensure_ascii=False))
    else:
        for one in found:
            _show(one)
    pages = [file for file in files if file.suffix == ".html"]
    for page in pages:
        click.echo(f"page: {page}", err=True)
    click.echo(f"figure: {folder / 'figure.pdf'}\n{len(files) - len(pages)} files beside pages in {folder}", err=True)
    for sentence in failed:
        click.echo(f"error: {sentence}", err=True)
    if failed:
        sys.exit(1)


def _say_what_happened(found: Sequence[Comparison]) -> list[str]:
    """Say once what was used instead, remarked and left out; returns what failed."""
    used = [f"used instead: {one.substituted}" for each in found for one in each.shown if one.substituted]
    remarks = [
        f"{one.title}: {sentence.removeprefix(f'{one.title} ')}"
        for each in found for one in each.shown for sentence in one.remarks
    ]  # fmt: skip
    left_out = [f"note: {sentence}" for each in found for sentence in each.left_out]
    for line in dict.fromkeys([*used, *remarks, *left_out]):
        click.echo(line, err=True)
    return list(dict.fromkeys(sentence for each in found for sentence in each.failed))


def _request(asked: ModelsAsked, options: dict[str, Any]) -> tuple[Request, list[str | None]]:
    """What is compared, and the images."""
    from srbench.evaluation.compare import Request
    from srbench.evaluation.compare_crop import parse_crop

    images, folders = _sorted_out((*options["images"], *options["places"]))
    if not folders:
        asked.require_some()
    if len(images) > 1 and options["lr"] is not None:
        raise SrbenchError(f"--lr is the LR of one image, but {len(images)} were given; leave it out, or give one.")
    crops = tuple(parse_crop(text) for text in options["crops"])
    if any(crop is not None for crop in crops) and options["crop_size"] is not None:
        raise SrbenchError("--crop X,Y,W,H has a size of its own; leave --crop-size out, or use --crop auto.")
    cards, broken = asked.cards(apart=True) if asked.references else ([], [])
    if broken:
        raise SrbenchError("; ".join(reason for _, reason in broken))
    twice = [card.name for card in cards if card.name in folders]
    if twice:
        raise SrbenchError(f"'{twice[0]}' is a model and a folder; give the folder another name.")
    request = Request(
        cards=tuple(cards),
        scale=options["scale"],
        weights=options["weights"],
        crop=crops[0] if len(crops) == 1 else None,
        crops=crops if len(crops) > 1 else (),
        crop_size=options["crop_size"],
        protocol=options["protocol"],
        device=options["device"],
        command=shlex.join(["srbench", *sys.argv[1:]]),
        plugins=plugin_files(),
        folders=folders,
    )
    return request, list(images) or [None]


def _sorted_out(places: Sequence[str]) -> tuple[list[str], dict[str, Path]]:
    """Images, and folders by the name of their method."""
    images: list[str] = []
    folders: dict[str, Path] = {}
    for place in places:
        name, equals, folder = place.partition("=")
        if not (equals and name and folder) or Path(place).exists():
            images.append(place)
        elif name in folders:
            raise SrbenchError(f"the name '{name}' is given twice; give the folder '{folder}' another name.")
        elif not re.fullmatch(r"[\w.+-]+", name) or name == "bicubic":
            raise SrbenchError(f"'{name}' is no name for a method; use letters, digits and . _ + -, not 'bicubic'.")
        else:
            folders[name] = Path(folder).expanduser()
    return list(dict.fromkeys(images)), folders


def _say_running(title: str) -> None:
    click.echo(f"running {title}", err=True)


def _slug(text: str) -> str:
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in text)


def _write(found: Sequence[Comparison], folder: Path, wide: float) -> list[Path]:
    """The pages first, then the figure of all images, then of each image its error maps, crops and JSON.

    Of several images each has a folder of its own.
    """
    from srbench.report import visual_figure, visual_page
    from srbench.report.visual_files import write_crops, write_json

    places = [folder] if len(found) == 1 else _folders(found, folder)
    files = [visual_page.write(one, place / "compare.html") for one, place in zip(found, places, strict=True)]
    figure = visual_figure.draw_all(found, wide)
    files += [visual_figure.save(figure, folder / f"figure.{ending}") for ending in visual_figure.FORMATS]
    for one, place in zip(found, places, strict=True):
        if one.has_hr:
            errors = visual_figure.draw_errors(one)
            files += [visual_figure.save(errors, place / f"error-maps.{ending}") for ending in visual_figure.FORMATS]
        files += [*write_crops(one, place), write_json(one, place / "compare.json")]
    return files


def _folders(found: Sequence[Comparison], folder: Path) -> list[Path]:
    """A folder for each image, named for it; images of one title by their place too."""
    titles = [_slug(one.source.title) for one in found]
    return [
        folder / (title if titles.count(title) == 1 else f"{number}-{title}")
        for number, title in enumerate(titles, start=1)
    ]


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
