"""``srbench significance``: whether two methods differ by more than the choice of test images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import comma_list, json_option, plugin_option, root_option
from srbench.quantities import DEFAULT_QUALITY

if TYPE_CHECKING:
    from srbench.report.handin.significance import Compared
    from srbench.results.record import QualityRecord


@click.command("significance", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("methods", nargs=-1, required=True, metavar="A B...")
@click.option(
    "--results",
    multiple=True,
    metavar="RESULTS",
    help="Where results of named methods are (repeatable); 'measured': those that come with srbench.",
)
@click.option("--quantity", default=DEFAULT_QUALITY[0], show_default=True, help="Of images (srbench list quantities).")
@click.option("--scale", type=click.IntRange(min=1), help="Default: every one; of folders 4.")
@click.option("--datasets", callback=comma_list, metavar="A,B", help="Default: all. Folders are measured on the first.")
@click.option("--protocol", default="y-matlab", show_default=True)
@root_option
@plugin_option
@json_option
def command(methods: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Compare methods image by image: mean difference, interval, p, wins, and the least difference to be seen.

    A and B are methods of stored results (imdn, or imdn.bundled for one set of weights), files of results, or folders
    of SR images (ours=DIR, with --datasets). Of three or more every pair is tested, and p is corrected by Holm.

    \b
    Examples:
      srbench significance imdn arfdn --results measured --datasets set14,bsd100
      srbench significance ours=my-sr/ swin=swin-sr/ --datasets set5 --scale 4
    """
    from srbench.errors import SrbenchError
    from srbench.quantities import get_quantity
    from srbench.report.handin.significance import compare_all

    if len(methods) < 2:
        raise SrbenchError("significance compares two methods or more; got one.")
    quantity = get_quantity(options["quantity"])
    if not quantity.of_images or quantity.needs == "set":
        raise SrbenchError(
            f"{quantity.title} has no value per image, so nothing pairs; give {', '.join(DEFAULT_QUALITY)} or the like."
        )
    found = compare_all(_records(methods, options), quantity)
    if as_json:
        click.echo(json.dumps([_as_dict(one) for one in found], indent=1, ensure_ascii=False))
        return
    _print(found)
    for one in found:
        click.echo(one.sentence)


def _records(methods: Sequence[str], options: dict[str, Any]) -> list[list[QualityRecord]]:
    """The results of every method, in the order given."""
    from srbench.errors import SrbenchError
    from srbench.report.handin.gather import gather
    from srbench.report.handin.significance import of_method

    folders = {name: _named_folder(name) for name in methods}
    named = [name for name in methods if folders[name] is None and not Path(name).is_file()]
    stored = list(gather(options["results"])[0].quality) if named else []
    every: list[list[QualityRecord]] = []
    for method in methods:
        folder = folders[method]
        if folder is not None:
            every.append([_measured(method, folder, options)])
        elif Path(method).is_file():
            every.append(list(gather([method])[0].quality))
        else:
            every.append(of_method(stored, method))
    chosen = [[record for record in records if _wanted(record, options)] for records in every]
    for method, records in zip(methods, chosen, strict=True):
        if not records:
            raise SrbenchError(f"'{method}' has no result at this scale, dataset and protocol; measure it first.")
    return chosen


def _named_folder(method: str) -> Path | None:
    _, equals, folder = method.partition("=")
    return Path(folder).expanduser() if equals and not Path(method).exists() else None


def _wanted(record: QualityRecord, options: dict[str, Any]) -> bool:
    datasets = [Path(name).name.lower() for name in options["datasets"]]
    plain = options["protocol"].lower()
    return (
        (options["scale"] is None or record.scale == options["scale"])
        and (not datasets or record.dataset.name.lower() in datasets)
        and plain in (record.protocol_id.lower(), record.protocol_id.partition("@")[0].lower())
    )


def _measured(method: str, folder: Path, options: dict[str, Any]) -> QualityRecord:
    from srbench.datasets import open_dataset
    from srbench.errors import SrbenchError
    from srbench.evaluation.image_folders import HowToMeasure, measure_folders
    from srbench.metrics import get_protocol
    from srbench.quantities import image_quantities

    if not options["datasets"]:
        raise SrbenchError(f"'{method}' is a folder of images; say of which dataset with --datasets.")
    dataset = open_dataset(options["datasets"][0], options["scale"] or 4)
    how = HowToMeasure(get_protocol(options["protocol"]), image_quantities((options["quantity"],)))
    return measure_folders({method.partition("=")[0]: folder}, dataset, how, "")[0]


def _print(found: Sequence[Compared]) -> None:
    from rich.console import Console
    from rich.table import Table

    from srbench.datasets.facts import dataset_title
    from srbench.report.handin.significance import p_text, title

    table = Table(title=f"{found[0].quantity.heading}, paired by image".replace("[", r"\["), title_justify="left")
    for heading in ("A", "B", "images of", "A - B", "95% interval", "A better", "p", "p (Holm)", "least seen"):
        table.add_column(heading, justify="left" if heading in ("A", "B", "images of") else "right", no_wrap=True)
    for one in found:
        gap, digits = one.test.difference, one.quantity.digits + 1
        least = "-" if one.test.smallest is None else f"{one.test.smallest:.{digits}f}"
        where = f"{dataset_title(one.a.dataset.name)} x{one.a.scale}"
        table.add_row(title(one.a), title(one.b), where, f"{gap.mean:+.{digits}f}",
                      f"{gap.low:+.{digits}f} .. {gap.high:+.{digits}f}", f"{gap.better} of {gap.images}",
                      p_text(one.test.p), p_text(one.corrected), least)  # fmt: skip
    Console(highlight=False, width=120).print(table)


def _as_dict(one: Compared) -> dict[str, Any]:
    gap = one.test.difference
    return {
        "a": one.a.model.name,
        "a_weights": one.a.weights.name,
        "b": one.b.model.name,
        "b_weights": one.b.weights.name,
        "dataset": one.a.dataset.name,
        "scale": one.a.scale,
        "protocol": one.a.protocol_id,
        "quantity": one.quantity.name,
        "mean": gap.mean,
        "low": gap.low,
        "high": gap.high,
        "better": gap.better,
        "worse": gap.worse,
        "equal": gap.equal,
        "p": one.test.p,
        "p_holm": one.corrected,
        "comparisons": one.comparisons,
        "smallest_detectable": one.test.smallest,
        "sentence": one.sentence,
    }
