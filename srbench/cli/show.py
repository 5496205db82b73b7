"""``srbench show``: a model's card, lineage, block diagram and layers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import ModelsAsked, card_finder, json_option, model_options, plugin_files, plugin_option

if TYPE_CHECKING:
    from srbench.cost.count import CountResult
    from srbench.cost.examine import Outlined
    from srbench.models.card import ModelCard

COUNTED_AT = (256, 256)


@click.command("show")
@click.argument("model")
@click.option("--scale", type=int, help="Scale; default: 4, or the model's largest below.")
@click.option("--layers", is_flag=True, help="Add the table of layers with parameters and MACs (LR 256x256).")
@model_options(weights=False, names=False)
@plugin_option
@json_option
def command(asked: ModelsAsked, model: str, scale: int | None, layers: bool, as_json: bool) -> None:
    """Print a model's card, where its blocks come from, its block diagram and, with --layers, every layer.

    MODEL is a name (srbench list models, also rfdn(blocks=4)), net.py:Net, 'net.py:Net(3, upscale=4)' or
    package.module:Net.

    \b
    Examples:
      srbench show rfdn --layers
      srbench show 'net.py:Net(3, upscale=4)' --scale 4
    """
    from srbench.models.registry import check_scale

    card = card_finder()(model, asked.options)
    scale = _default_scale(card) if scale is None else scale
    check_scale(card, scale)
    if as_json:
        click.echo(json.dumps(_as_json(card, scale), indent=1, ensure_ascii=False))
        return
    found = None if card.network is None else _outlined(card, scale, layers)
    _print_card(card, scale)
    if found is not None:
        _print_diagram(card, scale, found)
        if found.counted is not None:
            _print_layers(found.counted)


def _default_scale(card: ModelCard) -> int:
    return max((scale for scale in card.scales if scale <= 4), default=min(card.scales))


def _outlined(card: ModelCard, scale: int, counted: bool) -> Outlined:
    from srbench.evaluation.apart.asking import outlined_apart

    return outlined_apart(card, scale, COUNTED_AT, counted=counted, plugins=plugin_files())


def _counted(card: ModelCard, scale: int) -> CountResult:
    found = _outlined(card, scale, counted=True).counted
    assert found is not None
    return found


def _as_json(card: ModelCard, scale: int) -> dict[str, Any]:
    from srbench.models import source_hash
    from srbench.models.genealogy import edges_of
    from srbench.models.weights import status

    shown: dict[str, Any] = {
        "card": card.model_dump(mode="json"),
        "scale": scale,
        "source_sha256": source_hash(card),
        "weights_status": {str(each): status(card, each) for each in card.scales},
        "blocks": [{"block": edge.block, "source": edge.source, "own": edge.own} for edge in edges_of(card)],
        "layers": [],
    }
    if card.network is not None:
        result = _counted(card, scale)
        shown |= {"input_size": list(COUNTED_AT), "macs": result.macs, "num_conv": result.num_conv}
        shown["activations"] = result.activations
        shown["layers"] = [
            {
                "name": row.name,
                "op": row.op,
                "calls": row.calls,
                "params": row.params,
                "macs": row.macs,
                "output_shape": list(row.output_shape),
            }
            for row in result.layers
        ]
    return shown


def _licences(card: ModelCard, scale: int) -> str:
    """The licences of the public code and of each file of weights, which may differ."""
    parts = [f"public code {_stated(card.code_licence)}"] if card.code_licence else []
    parts += [f"{entry.origin} weights {_stated(entry.licence)}" for entry in card.weights if entry.scale == scale]
    return "; ".join(parts)


def _stated(licence: str) -> str:
    return "none stated" if licence == "unstated" else licence


def _print_card(card: ModelCard, scale: int) -> None:
    from srbench.models.genealogy import lineage
    from srbench.models.weights import status

    takes = "RGB" if card.colour == "rgb" else "luma (chroma by bicubic)"
    sizes = [f"at least {card.min_size}x{card.min_size}"] if card.min_size > 1 else []
    sizes += [f"padded to multiples of {card.size_multiple}"] if card.size_multiple > 1 else []
    lines = {
        "model": f"{card.name}  ({card.title}, {card.paper}, {card.year})",
        "variant of": card.variant_of or "",
        "scales": ", ".join(f"x{each}" for each in card.scales),
        "takes": f"{takes} in "
        + (
            f"[0, {card.input_range}]"
            if card.range_known
            else f"a range that is not known (taken as [0, {card.input_range}])"
        )
        + (", enlarged by bicubic first" if card.pre_upsampled else ""),
        "LR sizes": ", ".join(sizes) or "any",
        "params": ", ".join(f"x{each} {count:,}" for each, count in sorted(card.params.items()))
        or ("" if card.network else "none"),
        "network": f"{card.network or card.interpolation}"
        + (f"  {', '.join(f'{k}={v}' for k, v in card.arguments.items())}" if card.arguments else ""),
        "same as": f"{card.equivalent_to}, in another form" if card.equivalent_to else "",
        "weights": f"{status(card, scale)} (x{scale})",
        "licence": _licences(card, scale),
        "note": card.note,
    }
    for key, value in lines.items():
        if value:
            click.echo(f"{key:<11}{value}")
    for entry in card.weights:
        if entry.scale == scale:
            click.echo(f"{'':<11}{card.name}.{entry.tag}: {entry.url or entry.file}")
            click.echo(f"{'':<11}  SHA-256 {entry.sha256}. {entry.note}".rstrip())
    if card.blocks:
        click.echo("\nblocks")
        for line in lineage(card):
            click.echo(f"  {line}")


def _print_diagram(card: ModelCard, scale: int, found: Outlined) -> None:
    channels, factor = card.channels, 1 if card.pre_upsampled else scale
    size = "H, W" if card.pre_upsampled else "h, w"
    click.echo(f"\ndiagram at x{scale}: (N, {channels}, {size}) -> (N, {channels}, {_times(factor, size)})")
    for line in found.lines:
        click.echo(f"  {line}")
    click.echo("\nwhat the blocks compute")
    for name, text in found.equations.items():
        first, *others = (line for line in text.splitlines() if line.strip())
        click.echo("\n".join([f"  {name}: {first}", *(f"    {line}" for line in others)]))


def _times(factor: int, size: str) -> str:
    return size if factor == 1 else ", ".join(f"{factor}*{side}" for side in size.split(", "))


def _print_layers(result: CountResult) -> None:
    rows = [("layer", "op", "calls", "params", "MACs [M]", "output")]
    rows += [
        (row.name or "(network)", row.op, str(row.calls), f"{row.params:,}", f"{row.macs / 1e6:,.3f}", _shape(row))
        for row in result.layers
    ]
    params = sum(row.params for row in result.layers)
    rows.append(("total", "", "", f"{params:,}", f"{result.macs / 1e6:,.3f}", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    click.echo(f"\nlayers at LR {COUNTED_AT[0]}x{COUNTED_AT[1]} (multiply-accumulates)")
    for row in rows:
        padded = [cell.rjust(width) if 2 <= i <= 4 else cell.ljust(width) for i, (cell, width) in _columns(row, widths)]
        click.echo("  " + "  ".join(padded).rstrip())


def _columns(row: tuple[str, ...], widths: list[int]) -> Iterator[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row, widths, strict=True))


def _shape(row: Any) -> str:
    return "x".join(map(str, row.output_shape[1:]))
