"""``srbench explain-metric``: the same pixels under every known convention, and which one a reported number used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option, open_any, plugin_option

if TYPE_CHECKING:
    from srbench.leaderboard.reported import PrintedAs
    from srbench.metrics.conventions import ConventionRow, Explanation, Reported

USUAL = ("y-matlab@1 ", "y-matlab-plane@1 ")
"""Of a model's rows, those under the papers' measures are shown, and those that fit."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("sr_dir", required=False)
@click.argument("hr_dir", required=False)
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True, help="Sets shave and modcrop.")
@click.option("--reported", metavar="NUMBER", help="PSNR, PSNR/SSIM or SSIM as printed: 28.42, 28.42/0.8104, 0.8104.")
@click.option("--model", help="In the place of two folders: run this model on every known kind of images.")
@click.option(
    "--dataset",
    default="set5",
    show_default=True,
    help="With --model: a name or a folder of HR images; with --reported: where it is looked up in published tables.",
)
@plugin_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    sr_dir: str | None,
    hr_dir: str | None,
    scale: int,
    reported: str | None,
    model: str | None,
    dataset: str,
    as_json: bool,
) -> None:
    """Score SR against HR under every known convention of PSNR and SSIM; no model, no torch.

    With --reported, says which conventions give that number to its last digit: one, several or none. With --model,
    runs it on the images of --dataset made in every known way: HR cropped to multiples of the scale or of 12, LR
    rounded after each pass of the resize or once. Where an HR file is grey, both readings of it are scored: as luma
    like its neighbours, and as stored, in full range. Bicubic and networks on luma are also measured as older MATLAB
    programs do. Where none of these gives --reported, the self-ensemble is tried, or PyTorch's bicubic.

    With --reported alone, no images are needed: the number is looked up in the published tables of --dataset, and it is
    said whether one convention or several fit.

    \b
    Examples:
      srbench explain-metric my-sr/ Set5/HR --reported 28.42/0.8104
      srbench explain-metric --model bicubic --dataset set5 --reported 28.42/0.8104
      srbench explain-metric --reported 28.42 --dataset set5 --scale 4
    """
    from srbench.errors import SrbenchError
    from srbench.metrics.conventions import explain, parse_reported

    if model is None and sr_dir is None and reported is not None:
        _look_up(reported, dataset, scale, as_json)
        return
    if (model is None) == (sr_dir is None or hr_dir is None) or (model and sr_dir):
        raise SrbenchError("explain-metric takes SR_DIR and HR_DIR, or --model NAME; give one or the other.")
    wanted = parse_reported(reported) if reported is not None else None
    if model is None:
        rows, images = _of_folders(str(sr_dir), str(hr_dir), scale)
    else:
        rows, images = _of_model(model, dataset, scale, wanted)
    explanation = explain(rows, wanted) if wanted is not None else None
    given = model is not None or ctx.get_parameter_source("dataset") is not click.core.ParameterSource.DEFAULT
    printed = _printed(reported, dataset, scale) if reported is not None and given else None
    if as_json:
        _print_json(rows, explanation, reported, scale, images, printed)
        return
    matches = set(explanation.matches) if explanation is not None else set()
    if model is not None:
        rows = tuple(r for r in rows if r.convention.key.startswith(USUAL) or r.convention.key in matches)
    _print_table(rows, explanation, scale, images)
    if explanation is not None:
        click.echo(explanation.sentence)
    if printed is not None:
        click.echo(printed[1])


def _printed(reported: str, dataset: str, scale: int) -> tuple[tuple[PrintedAs, ...], str] | None:
    """The published cells that print a number, and whether they agree on a convention; None for another dataset."""
    from srbench.datasets.facts import dataset_facts, dataset_title
    from srbench.leaderboard.reported import look_up, sentence
    from srbench.metrics.conventions import parse_reported

    if dataset.lower() not in dataset_facts():
        return None
    found = look_up(parse_reported(reported), dataset, scale)
    return found, sentence(found, reported, dataset_title(dataset), scale)


def _look_up(reported: str, dataset: str, scale: int, as_json: bool) -> None:
    """Say which published cells print a number."""
    import json
    from dataclasses import asdict

    from srbench.datasets.facts import dataset_facts
    from srbench.errors import unknown_name

    printed = _printed(reported, dataset, scale)
    if printed is None:
        raise unknown_name("dataset", dataset, dataset_facts())
    found, text = printed
    if as_json:
        click.echo(json.dumps({"reported": reported, "printed": [asdict(one) for one in found], "sentence": text}))
        return
    for one in found:
        click.echo(f"{one.metric} {one.value}: {one.method}, {one.table} of the {one.paper} paper ({one.convention})")
    click.echo(text)


def _of_folders(sr_dir: str, hr_dir: str, scale: int) -> tuple[tuple[ConventionRow, ...], int]:
    from functools import partial

    from srbench.cli.scoring_view import image_progress
    from srbench.metrics.conventions import score_conventions
    from srbench.metrics.pairing import load_pair, pair_files

    pairs = pair_files(sr_dir, hr_dir, scale)
    with image_progress(len(pairs)) as step:
        rows = score_conventions(
            (partial(load_pair, pair, scale, keep_grey=True, crops=(12,)) for pair in pairs), scale, step
        )
    return rows, len(pairs)


def _of_model(name: str, dataset: str, scale: int, wanted: Reported | None) -> tuple[tuple[ConventionRow, ...], int]:
    from srbench.cli.scoring_view import image_progress
    from srbench.datasets import open_dataset
    from srbench.evaluation.explain_images import image_kinds, other_ways, score_image_kinds, score_planes
    from srbench.metrics.conventions import explain
    from srbench.models.words import weights_sentence

    model = open_any(name, scale, "auto")
    if model.weights.instead is not None:
        click.echo(f"note: {weights_sentence(model.weights.instead, f'{model.card.name} x{scale}')}", err=True)
    images = len(open_dataset(dataset, scale))
    with image_progress(images * len(image_kinds(dataset, scale))) as step:
        rows = (*score_image_kinds(model, dataset, step), *score_planes(model, dataset))
    if wanted is None or explain(rows, wanted).matches:
        return rows, images
    for way in other_ways(model):
        click.echo(f"note: nothing of {name} gives {wanted.text}; trying {way.title}", err=True)
        with image_progress(images * len(image_kinds(dataset, scale))) as step:
            rows = (*rows, *score_image_kinds(way.model, dataset, step, way))
    return rows, images


def _print_json(
    rows: tuple[ConventionRow, ...],
    explanation: Explanation | None,
    reported: str | None,
    scale: int,
    images: int,
    printed: tuple[tuple[PrintedAs, ...], str] | None,
) -> None:
    import json
    from dataclasses import asdict

    from srbench.cli.scoring_view import null_safe

    found = [
        {
            "convention": row.convention.key,
            "title": row.convention.title,
            **{name: null_safe(value) for name, value in row.values.items()},
            "pooled": row.convention.pooled,
            "protocol": row.convention.protocol.model_dump(mode="json"),
        }
        for row in rows
    ]
    result: dict[str, object] = {"scale": scale, "images": images, "conventions": found}
    if explanation is not None:
        result["reported"] = {"text": reported, **asdict(explanation)}
    if printed is not None:
        result["printed"] = {"cells": [asdict(one) for one in printed[0]], "sentence": printed[1]}
    click.echo(json.dumps(result, indent=2, allow_nan=False))


def _print_table(rows: tuple[ConventionRow, ...], explanation: Explanation | None, scale: int, images: int) -> None:
    from rich.console import Console
    from rich.table import Table

    from srbench.cli.scoring_view import figure

    matches = set(explanation.matches) if explanation is not None else set()
    table = Table(title=f"{images} image{'s' if images != 1 else ''}, x{scale}")
    for heading in ("convention", r"PSNR \[dB]", "SSIM"):
        table.add_column(heading, justify="left" if heading == "convention" else "right", no_wrap=True)
    table.add_column("what it is")
    for row in rows:
        hit = row.convention.key in matches
        name = f"* {row.convention.key}" if hit else row.convention.key
        figures = (figure(value, 4) for value in row.values.values())
        table.add_row(name, *figures, row.convention.title, style="bold" if hit else None)
    Console(highlight=False).print(table)
