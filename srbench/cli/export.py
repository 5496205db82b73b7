"""``srbench export``: a network as ONNX or TorchScript, compared with torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import ModelsAsked, json_option, model_options, open_any, plugin_option
from srbench.cli.sections import Sectioned
from srbench.errors import SrbenchError
from srbench.models.words import weights_sentence

if TYPE_CHECKING:
    from srbench.evaluation.export import Kind, Parity
    from srbench.models.loading import SRModel

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("export", context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@click.argument("model")
@click.option("--onnx", type=_FILE, help="ONNX file to write (needs srbench[onnx]).")
@click.option("--torchscript", type=_FILE, help="TorchScript file to write.")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--size", metavar="HxW", help="Only this LR size, for networks that cannot be written for all sizes.")
@click.option("--weights", default="auto", show_default=True, help="released, bundled or a file.")
@model_options(weights=True, names=False)
@plugin_option
@json_option
def command(asked: ModelsAsked, model: str, **options: Any) -> None:
    """Write a network for other programs, and check pixels and PSNR of what was written against torch.

    MODEL is a name (srbench list models) or net.py:Net. The file takes (1, C, h, w) float32; a JSON file beside it says
    range, channel order and weights. What differs from torch is not written (exit code 3).

    \b
    Examples:
      srbench export imdn --onnx imdn_x4.onnx
      srbench export net.py:Net --weights net.pth --torchscript net.pt --size 64x64
    """
    from srbench.cost.input_size import parse_size

    kinds: tuple[Kind, ...] = ("onnx", "torchscript")
    targets = {kind: options[kind] for kind in kinds if options[kind] is not None}
    if not targets:
        raise SrbenchError("there is nothing to write; give --onnx FILE or --torchscript FILE.")
    size = parse_size(options["size"], options["scale"]) if options["size"] else None
    opened = open_any(model, options["scale"], options["weights"], asked.options)
    if opened.weights.instead is not None:
        click.echo(f"used instead: {weights_sentence(opened.weights.instead, f'{model} x{opened.scale}')}", err=True)
    from srbench.evaluation.export import as_json

    written = {}
    for kind, file in targets.items():
        found = _export(opened, kind, file, size)
        written[kind] = {"file": str(file), "parity": as_json(found)}
        if options["as_json"]:
            continue
        click.echo(f"wrote {file} and {file.name}.json")
        for one in found:
            click.echo(
                f"  {one.image}, LR {one.lr_size[0]}x{one.lr_size[1]}: PSNR {one.decibels_torch:.4f} dB in torch, "
                f"{one.decibels_exported:.4f} dB exported; {one.differing:.4%} of pixels differ, by at most "
                f"{one.largest_level} level"
            )
    if options["as_json"]:
        click.echo(json.dumps({"model": opened.card.name, "scale": opened.scale, "written": written}, indent=1))


def _export(model: SRModel, kind: Kind, file: Path, size: tuple[int, int] | None) -> tuple[Parity, ...]:
    """Write a model that is open here or in a process of its own."""
    from srbench.evaluation.apart.model import ModelApart
    from srbench.evaluation.export import export, put

    if isinstance(model, ModelApart):
        return put(model, kind, file, size, model.made(kind, size))
    return export(model, kind, file, size)
