"""``srbench explain-metric``: the same pixels under every known convention, and which one a reported number used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option

if TYPE_CHECKING:
    from srbench.metrics.conventions import ConventionRow, Explanation


@click.command()
@click.argument("sr_dir")
@click.argument("hr_dir")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True, help="Sets shave and modcrop.")
@click.option("--reported", metavar="NUMBER", help="PSNR, PSNR/SSIM or SSIM as printed: 28.42, 28.42/0.8104, 0.8104.")
@json_option
def command(sr_dir: str, hr_dir: str, scale: int, reported: str | None, as_json: bool) -> None:
    """Score SR against HR under every known convention of PSNR and SSIM; no model, no torch.

    With --reported, says which conventions give that number to its last digit: one, several or none.
    """
    from functools import partial

    from srbench.cli.scoring_view import image_progress
    from srbench.metrics.conventions import explain, parse_reported, score_conventions
    from srbench.metrics.pairing import load_pair, pair_files

    wanted = parse_reported(reported) if reported is not None else None
    pairs = pair_files(sr_dir, hr_dir, scale)
    with image_progress(len(pairs)) as step:
        rows = score_conventions((partial(load_pair, pair, scale) for pair in pairs), scale, step)
    explanation = explain(rows, wanted) if wanted is not None else None
    if as_json:
        _print_json(rows, explanation, reported, scale, len(pairs))
        return
    _print_table(rows, explanation, scale, len(pairs))
    if explanation is not None:
        click.echo(explanation.sentence)


def _print_json(
    rows: tuple[ConventionRow, ...], explanation: Explanation | None, reported: str | None, scale: int, images: int
) -> None:
    import json
    from dataclasses import asdict

    from srbench.cli.scoring_view import null_safe

    found = [
        {
            "convention": row.convention.key,
            "title": row.convention.title,
            "psnr": null_safe(row.psnr),
            "ssim": row.ssim,
            "pooled": row.convention.pooled,
            "protocol": row.convention.protocol.model_dump(mode="json"),
        }
        for row in rows
    ]
    result: dict[str, object] = {"scale": scale, "images": images, "conventions": found}
    if explanation is not None:
        result["reported"] = {"text": reported, **asdict(explanation)}
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
        figures = (figure(row.psnr, 4), figure(row.ssim, 4))
        table.add_row(name, *figures, row.convention.title, style="bold" if hit else None)
    Console(highlight=False).print(table)
