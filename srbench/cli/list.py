"""``srbench list``: everything that has a name here. Listing imports no torch."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from srbench.cli.options import json_option, plugin_option
from srbench.errors import SrbenchError

Row = dict[str, Any]
_USUAL = Path("srbench-results")

_PER_SCALE = "one value if all scales agree, else one per scale (x2 / x3 / x4)."
_LEGENDS = {
    "models": f"params: {_PER_SCALE}\n"
    "licence: of the public code/of its authors' weights (bundled ones where there are no others), one where alike;\n"
    "unstated: none is stated.\n"
    "cached, fetchable: the authors' weights; bundled: trained with srbench; none: costs only.",
    "datasets": f"status: {_PER_SCALE}",
}
# Where the others are kept, and what is shown of each.
_REGISTRIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "quantities": ("srbench.quantities:quantities", ("name", "title", "unit", "direction", "needs", "description")),
    "conventions": ("srbench.quantities:CONVENTIONS", ("name", "title")),
    "operators": ("srbench.cost.operators:OPERATORS", ("name", "description")),
    "recipes": ("srbench.training.recipe:RECIPES", ("name", "title", "source")),
    "rules": ("srbench.rules:RULES", ("name", "year", "title")),
    "checks": ("srbench.leaderboard.audit:CHECKS", ("name", "kind", "title")),
    "formats": ("srbench.report.formats:FORMATS", ("name", "suffix", "title")),
    "pages": ("srbench.report.page:PAGES", ("name", "title", "intro")),
    "verbs": ("srbench.cli.verbs:VERBS", ("name", "help")),
}
# What narrow terminals do without, in this order; --json has everything.
_SPARE = {"models": ("year", "title"), "quantities": ("description",), "recipes": ("source",)}
_WIDTH = 100


@click.command("list")
@click.argument("what", type=click.Choice(["models", "datasets", "protocols", *_REGISTRIES, "results"]))
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=_USUAL,
    show_default=True,
    help="Folder to list for 'results'.",
)
@plugin_option
@json_option
def command(what: str, results: Path, as_json: bool) -> None:
    """List models, datasets, protocols, results, or anything else that packages can add to.

    The weights of a model are 'cached' or 'fetchable' (its authors' released ones), 'bundled' (trained with
    srbench), 'none' (costs only) or 'not needed'.

    \b
    Examples:
      srbench list models
      srbench list quantities --json
    """
    rows = _rows(what, results)
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    _print(
        {"models": _model_line, "datasets": _dataset_line, "results": _result_line}.get(what, _plain_line), rows, what
    )
    if rows and what in _LEGENDS:
        click.echo(_LEGENDS[what], err=True)


def _rows(what: str, results: Path) -> list[Row]:
    if what in _REGISTRIES:
        return _registered(*_REGISTRIES[what])
    own: dict[str, Callable[[], list[Row]]] = {"models": _models, "datasets": _datasets, "protocols": _protocols}
    return own[what]() if what in own else _results(results)


def _registered(reference: str, fields: tuple[str, ...]) -> list[Row]:
    from srbench.plugins import import_attribute

    registry = import_attribute(reference)
    items: Iterable[Any] = registry() if callable(registry) else registry
    return [{field: getattr(item, field) for field in fields} for item in items]


def _models() -> list[Row]:
    from srbench.models.registry import cards
    from srbench.models.weights import status

    return [
        {
            "name": card.name,
            "title": card.title,
            "year": card.year,
            "paper": card.paper,
            "scales": list(card.scales),
            "params": {str(scale): count for scale, count in sorted(card.params.items())},
            "weights": {str(scale): status(card, scale) for scale in card.scales},
            "code_licence": card.code_licence or None,
            "weights_licences": sorted({entry.licence for entry in card.weights}),
            "released_licences": sorted({entry.licence for entry in card.weights if entry.origin == "released"}),
            "variant_of": card.variant_of,
        }
        for card in cards()
    ]


def _datasets() -> list[Row]:
    from srbench.datasets.registry import available, cards

    return [
        {
            "name": card.name,
            "title": card.title,
            "images": card.images,
            "scales": list(card.scales),
            "status": {str(scale): available(card.name, scale) for scale in card.scales},
            "licence": card.licence,
            "note": card.note,
        }
        for card in cards()
    ]


def _protocols() -> list[Row]:
    from srbench.metrics.protocols import get_protocol, protocol_names

    found = [get_protocol(name) for name in protocol_names()]
    return [{"id": p.id, "title": p.title, "channel": p.channel, "peak": p.peak} for p in found]


def _results(folder: Path) -> list[Row]:
    if folder != _USUAL and not folder.is_dir():
        raise SrbenchError(f"there is no folder '{folder}'; give --results one that srbench run --results wrote.")
    from srbench.cli.apart_view import say_apart
    from srbench.results import trust

    read = trust.read(folder)
    results, skipped = read.results, read.skipped
    say_apart(read.apart)
    names = dict.fromkeys(name for record in results.quality for name in record.values)
    for path, reason in skipped:
        click.echo(f"skipped {path}: it {reason}; it is left as it is.", err=True)
    return [
        {
            "model": record.model.name,
            "self_ensemble": record.self_ensemble,
            "precision": record.precision,
            "backend": record.backend,
            "weights": record.weights.name,
            "scale": record.scale,
            "dataset": record.dataset.name,
            "images": record.dataset.images,
            "protocol": record.protocol_id,
            **{name: record.values.get(name) for name in names},
            "created": record.created,
        }
        for record in results.quality
    ]


def _model_line(row: Row) -> Row:
    from srbench.quantities import get_quantity

    return {
        "name": ("  " if row["variant_of"] else "") + row["name"],
        "title": row["title"],
        "year": row["year"],
        "scales": _scales(row["scales"]),
        "params": _per_scale({s: get_quantity("params").text(count) for s, count in row["params"].items()}) or "-",
        "weights": _mostly(row["weights"]),
        "licence": _licences(row["code_licence"], row["released_licences"] or row["weights_licences"]),
    }


def _licences(code: str | None, weights: list[str]) -> str:
    """Of the public code and of weights, ``code/weights``; one where they are alike."""
    of_weights = ",".join(weights)
    if not weights or of_weights == code:
        return code or "-"
    return f"{code or '-'}/{of_weights}"


def _dataset_line(row: Row) -> Row:
    return {
        "name": row["name"],
        "title": row["title"],
        "images": "-" if row["images"] is None else row["images"],
        "scales": _scales(row["scales"]),
        "status": _per_scale(row["status"]),
        "licence": row["licence"],
    }


def _result_line(row: Row) -> Row:
    """The model with what sets the result apart, as tables write it: ``imdn+ (bf16)``."""
    plain = _plain_line(row)
    unusual = [plain.pop(name) for name in ("precision", "backend")]
    apart = ", ".join(used for used in unusual if used not in ("fp32", "eager"))
    plain["model"] += ("+" if plain.pop("self_ensemble") else "") + (f" ({apart})" if apart else "")
    return plain


def _plain_line(row: Row) -> Row:
    return {key: "-" if value is None else value for key, value in row.items()}


def _scales(scales: list[int]) -> str:
    return ",".join(f"x{scale}" for scale in scales)


def _per_scale(values: dict[str, str]) -> str:
    """One value where all scales agree, else one per scale."""
    distinct = set(values.values())
    return next(iter(distinct)) if len(distinct) == 1 else " / ".join(values.values())


def _mostly(values: dict[str, str]) -> str:
    """The value of most scales, and which scales have another."""
    common = max(values.values(), key=list(values.values()).count)
    others = ", ".join(f"x{scale} {value}" for scale, value in values.items() if value != common)
    return f"{common} ({others})" if others else common


def _print(line: Any, rows: list[Row], what: str) -> None:
    if not rows:
        click.echo(f"there are no {what}.", err=True)
        return
    lines = [{key: _text(value) for key, value in line(row).items()} for row in rows]
    widths = {key: max(len(key), *(len(each[key]) for each in lines)) for key in lines[0]}
    for key in _SPARE.get(what, ()):
        if sum(widths.values()) + 2 * (len(widths) - 1) > _room():
            del widths[key]
    for each in [{key: key for key in widths}, *lines]:
        click.echo("  ".join(each[key].ljust(width) for key, width in widths.items()).rstrip())


def _room() -> int:
    """Characters per line: the terminal's, or 100 where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
