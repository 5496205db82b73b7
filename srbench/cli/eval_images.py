"""``srbench eval-images``: measure SR images against HR with no model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import comma_list, json_option, plugin_option
from srbench.quantities import DEFAULT_QUALITY

if TYPE_CHECKING:
    from srbench.metrics import Protocol
    from srbench.quantities import Quantity

Values = dict[str, dict[str, float]]
"""By image, then by quantity."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("places", nargs=-1, required=True, metavar="SR_DIR [HR_DIR] | NAME=SR_DIR... DATASET")
@click.option("--protocol", default="y-matlab", show_default=True, help="Name or id, e.g. y-matlab@1.")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True, help="Sets shave and modcrop.")
@click.option("--quantities", default=",".join(DEFAULT_QUALITY), show_default=True, callback=comma_list,
              help="Comma list of what to measure (srbench list quantities).")  # fmt: skip
@click.option("--results", default="srbench-results", show_default=True, type=click.Path(path_type=Path),
              help="Of named folders: where results are written.")  # fmt: skip
@json_option
@plugin_option
def command(
    places: tuple[str, ...], protocol: str, scale: int, quantities: tuple[str, ...], results: Path, as_json: bool
) -> None:
    """Measure a folder of SR images (or one image) against HR; no model, no torch.

    Files pair by name, not by order: suffixes such as x4, _SR or _SRF_4_HR are no part of a name.
    HR is cropped to multiples of the scale where SR was made from such a crop.

    With names (ours=DIR swin=DIR2) and a dataset, or a folder of HR, the folders are methods: each gets a result like
    any model's, so that it stands in srbench table, plot and significance.

    Quantities that need no reference (niqe-embedded) take SR_DIR alone.

    \b
    Examples:
      srbench eval-images my-sr/ Set5/HR --scale 4
      srbench eval-images ours=results/ours swin=results/swinir set5 --results srbench-results
    """
    if len(places) > 1 and all(_is_named(place) for place in places[:-1]):
        _named_folders(places, protocol, scale, quantities, results, as_json)
        return
    if len(places) == 1 and not _is_named(places[0]) and _without_reference(quantities):
        _one_folder(places[0], protocol, scale, quantities, as_json)
        return
    if len(places) != 2:
        raise click.UsageError(
            f"expected SR_DIR HR_DIR, or NAME=SR_DIR for every folder and then a dataset; got {len(places)} arguments."
        )
    _two_folders(places, protocol, scale, quantities, as_json)


def _is_named(place: str) -> bool:
    name, equals, folder = place.partition("=")
    return bool(equals and name and folder) and not Path(place).exists()


def _without_reference(quantities: tuple[str, ...]) -> bool:
    from srbench.quantities import image_quantities

    return all(quantity.needs == "sr" for quantity in image_quantities(quantities))


def _named_folders(
    places: Sequence[str], protocol: str, scale: int, quantities: tuple[str, ...], results: Path, as_json: bool
) -> None:
    """Measure folders as methods and write their results."""
    import shlex

    from srbench.cli.scoring_view import image_progress
    from srbench.datasets import open_dataset
    from srbench.errors import SrbenchError
    from srbench.evaluation.image_folders import HowToMeasure, measure_folders
    from srbench.metrics import get_protocol
    from srbench.quantities import image_quantities
    from srbench.results import environment, store

    folders = {}
    for place in places[:-1]:
        name, _, folder = place.partition("=")
        if name in folders:
            raise SrbenchError(f"the name '{name}' is given twice; give the folder '{folder}' another name.")
        folders[name] = Path(folder).expanduser()
    dataset = open_dataset(places[-1], scale)
    wanted = [quantity for quantity in image_quantities(quantities) if quantity.needs != "set"]
    how = HowToMeasure(get_protocol(protocol), wanted)
    store.check_writable(results)
    command_line = shlex.join(["srbench", "eval-images", *places, "--protocol", protocol, "--scale", str(scale)])
    with image_progress(len(dataset)) as step:
        found = measure_folders(folders, dataset, how, command_line, step)
    environment.write_machine(results)
    written = [store.write(results, record) for record in found]
    if as_json:
        rows = [{"name": record.model.name, "file": str(path), "dataset": record.dataset.name, **record.values}
                for record, path in zip(found, written, strict=True)]  # fmt: skip
        click.echo(json.dumps({"protocol": how.protocol.id, "scale": scale, "results": rows}, indent=2))
        return
    from srbench.report.tables import render
    from srbench.results.collection import Results

    click.echo(render(Results.of(found)), nl=False)
    for path in written:
        click.echo(f"wrote {path}", err=True)


def _two_folders(places: Sequence[str], protocol: str, scale: int, quantities: tuple[str, ...], as_json: bool) -> None:
    """Measure one folder against another."""
    from srbench.metrics import get_protocol
    from srbench.metrics.pairing import load_pair, pair_files
    from srbench.quantities import image_quantities

    used = get_protocol(protocol)
    wanted = [quantity for quantity in image_quantities(quantities) if quantity.needs != "set"]
    pairs = pair_files(places[0], places[1], scale)
    loaders = {pair.name: (pair.sr, partial(load_pair, pair, scale)) for pair in pairs}
    found = _measured(loaders, scale, used, wanted)
    (_print_json if as_json else _print_table)(found, wanted, used, scale)


def _one_folder(place: str, protocol: str, scale: int, quantities: tuple[str, ...], as_json: bool) -> None:
    """Measure a folder by what needs no reference."""
    from srbench.imaging import read_image
    from srbench.metrics import get_protocol
    from srbench.metrics.pairing import lone_files
    from srbench.quantities import image_quantities

    used, wanted = get_protocol(protocol), image_quantities(quantities)
    loaders = {file.name: (file, lambda file=file: (read_image(file), None)) for file in lone_files(place)}
    found = _measured(loaders, scale, used, wanted)
    (_print_json if as_json else _print_table)(found, wanted, used, scale)


def _measured(
    loaders: Mapping[str, tuple[Path, Callable[[], tuple[Any, Any]]]],
    scale: int,
    protocol: Protocol,
    wanted: Sequence[Quantity],
) -> Values:
    """Each image by its name; ``loaders`` hold the SR file, for errors, and what gives SR and HR (None without)."""
    from srbench.cli.scoring_view import image_progress
    from srbench.errors import SrbenchError
    from srbench.metrics.measure import measure_image

    found: Values = {}
    with image_progress(len(loaders)) as step:
        for name, (file, load) in loaders.items():
            sr, hr = load()
            try:
                found[name] = measure_image(sr, hr, scale, protocol, wanted)
            except SrbenchError as error:
                raise SrbenchError(f"'{file}': {error}") from error
            step(name)
    return found


def _over_all(found: Values, wanted: Sequence[Quantity]) -> dict[str, float]:
    """Each quantity over all images, as it aggregates; infinite with identical images."""
    return {q.name: q.aggregate([values[q.name] for values in found.values()]) for q in wanted}


def _print_json(found: Values, wanted: Sequence[Quantity], protocol: Protocol, scale: int) -> None:
    import math

    from srbench.cli.scoring_view import null_safe

    same = {image: any(map(math.isinf, values.values())) for image, values in found.items()}
    rows = [
        {"image": image, **{name: null_safe(value) for name, value in values.items()}, "identical": same[image]}
        for image, values in found.items()
    ]
    over_all = {name: null_safe(value) for name, value in _over_all(found, wanted).items()}
    mean = {**over_all, "identical_images": sum(same.values())}
    result = {"protocol": protocol.model_dump(mode="json"), "scale": scale, "images": rows, "mean": mean}
    click.echo(json.dumps(result, indent=2, allow_nan=False))


def _print_table(found: Values, wanted: Sequence[Quantity], protocol: Protocol, scale: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from srbench.cli.scoring_view import figure
    from srbench.report.tables import of_its_kind

    table = Table(title=f"{protocol.id}, x{scale}, shave {protocol.border(scale)}", show_footer=True)
    over_all = _over_all(found, wanted)
    table.add_column("image", footer=f"mean of {len(found)}", no_wrap=True)
    for quantity in wanted:
        footer = figure(over_all[quantity.name], 4)
        table.add_column(escape(quantity.heading), footer=footer, justify="right", no_wrap=True)
    for image, values in found.items():
        table.add_row(escape(image), *(figure(values[quantity.name], 4) for quantity in wanted))
    Console(highlight=False).print(table)
    for note in filter(None, map(of_its_kind, wanted)):
        click.echo(note)
