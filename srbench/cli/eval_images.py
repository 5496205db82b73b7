"""``srbench eval-images``: score SR images against HR with no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.metrics import Protocol, Score


@click.command()
@click.argument("sr_dir")
@click.argument("hr_dir")
@click.option("--protocol", default="y-matlab", show_default=True, help="Name or id, e.g. y-matlab@1.")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True, help="Sets shave and modcrop.")
@json_option
@plugin_option
def command(sr_dir: str, hr_dir: str, protocol: str, scale: int, as_json: bool) -> None:
    """Score a folder of SR images (or one image) against HR; no model, no torch.

    Files pair by name, not by order: suffixes such as x4, _SR or _SRF_4_HR are no part of a name.
    HR is cropped to multiples of the scale where SR was made from such a crop.
    """
    from srbench.cli.scoring_view import image_progress
    from srbench.errors import SrbenchError
    from srbench.metrics import get_protocol, score
    from srbench.metrics.pairing import load_pair, pair_files

    used = get_protocol(protocol)
    pairs = pair_files(sr_dir, hr_dir, scale)
    scores: dict[str, Score] = {}
    with image_progress(len(pairs)) as step:
        for pair in pairs:
            sr, hr = load_pair(pair, scale)
            try:
                scores[pair.name] = score(sr, hr, scale, used)
            except SrbenchError as error:
                raise SrbenchError(f"'{pair.sr}': {error}") from error
            step(pair.name)
    if as_json:
        _print_json(scores, used, scale)
    else:
        _print_table(scores, used, scale)


def _mean(scores: dict[str, Score]) -> tuple[float, float]:
    """Mean over images of PSNR (infinite with identical images) and of SSIM."""
    import math

    images = len(scores)
    psnr = math.fsum(found.psnr for found in scores.values()) / images
    return psnr, math.fsum(found.ssim for found in scores.values()) / images


def _print_json(scores: dict[str, Score], protocol: Protocol, scale: int) -> None:
    import json

    from srbench.cli.scoring_view import null_safe

    psnr, ssim = _mean(scores)
    rows = [
        {"image": name, "psnr": null_safe(found.psnr), "ssim": found.ssim, "identical": found.identical}
        for name, found in scores.items()
    ]
    identical = sum(found.identical for found in scores.values())
    mean = {"psnr": null_safe(psnr), "ssim": ssim, "identical_images": identical}
    result = {"protocol": protocol.model_dump(mode="json"), "scale": scale, "images": rows, "mean": mean}
    click.echo(json.dumps(result, indent=2, allow_nan=False))


def _print_table(scores: dict[str, Score], protocol: Protocol, scale: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from srbench.cli.scoring_view import figure

    table = Table(title=f"{protocol.id}, x{scale}, shave {protocol.border(scale)}", show_footer=True)
    psnr, ssim = _mean(scores)
    table.add_column("image", footer=f"mean of {len(scores)}", no_wrap=True)
    table.add_column(r"PSNR \[dB]", footer=figure(psnr, 4), justify="right", no_wrap=True)
    table.add_column("SSIM", footer=figure(ssim, 4), justify="right", no_wrap=True)
    for name, found in scores.items():
        table.add_row(escape(name), figure(found.psnr, 4), figure(found.ssim, 4))
    Console(highlight=False).print(table)
