"""``srbench fetch``: download datasets and released weights by name, verified by hash."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from srbench.cli.options import comma_integers, json_option, plugin_option
from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.download import RemoteFile


@dataclass(frozen=True)
class Wanted:
    """The files behind one name: a dataset, or the released weights of a model; ``what`` says which in words."""

    name: str
    kind: str
    files: tuple[RemoteFile, ...]
    what: str


@dataclass(frozen=True)
class Outcome:
    """What became of one name; ``error`` is the sentence of what went wrong, if anything did."""

    name: str
    kind: str
    files: int
    already: int
    fetched: int
    bytes: int
    error: str | None = None


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--scale", "scales", callback=comma_integers, help="Only these scales, e.g. 4 or 2,3,4 (default: all there are)."
)
@plugin_option
@json_option
def command(names: tuple[str, ...], scales: tuple[int, ...], as_json: bool) -> None:
    """Download datasets and released weights by name into the cache; resume and verify.

    Environment: SRBENCH_HOME (the cache), SRBENCH_MIRROR (prefix to read every URL from), SRBENCH_OFFLINE=1.

    \b
    Examples:
      srbench fetch set5 imdn
      srbench fetch set14 --scale 2,3,4
    """
    import json
    from dataclasses import asdict

    from srbench.paths import cache_dir

    wanted = [_wanted(name, scales) for name in dict.fromkeys(part for n in names for part in n.split(",") if part)]
    if not wanted:
        raise SrbenchError("no name was given; expected names of srbench list datasets or srbench list models.")
    outcomes = _fetch_each(wanted)
    if as_json:
        click.echo(json.dumps({"cache": str(cache_dir()), "results": [asdict(o) for o in outcomes]}, indent=2))
    else:
        for item, outcome in zip(wanted, outcomes, strict=True):
            click.echo(_sentence(outcome, item.what))
    failed = [outcome for outcome in outcomes if outcome.error]
    if failed:
        others = f"; also failed: {', '.join(o.name for o in failed[1:])}." if len(failed) > 1 else "."
        raise SrbenchError(f"{str(failed[0].error).removesuffix('.')}{others}")


def _wanted(name: str, scales: tuple[int, ...]) -> Wanted:
    """Find ``name`` among the datasets, then among the models.

    Raises:
        SrbenchError: neither knows it, or it has nothing for these scales.
    """
    from srbench.datasets.registry import DATASETS
    from srbench.errors import unknown_name
    from srbench.models.registry import MODELS

    if name in DATASETS:
        return _wanted_dataset(DATASETS.get(name).name, scales)
    if name in MODELS:
        return _wanted_weights(MODELS.get(name).name, scales)
    raise unknown_name("dataset or model", name, (*DATASETS.names(), *MODELS.names()))


def _wanted_dataset(name: str, scales: tuple[int, ...]) -> Wanted:
    """HR of every scale, and LR files where there are any."""
    from srbench.datasets import get_dataset

    card = get_dataset(name)
    files: list[RemoteFile] = []
    chosen = scales or card.scales
    for scale in chosen:
        files += card.files(scale, "files" if scale in card.lr_scales else "imresize")
    kinds = "HR and LR files" if any(scale in card.lr_scales for scale in chosen) else "HR files"
    return Wanted(name, "dataset", tuple(dict.fromkeys(files)), f"{kinds} for {_listed(chosen)}")


def _wanted_weights(name: str, scales: tuple[int, ...]) -> Wanted:
    from srbench.download import RemoteFile
    from srbench.models.registry import get_card

    weights = [w for w in get_card(name).weights if w.url is not None]
    files = tuple(RemoteFile(w.url, w.sha256, w.bytes) for w in weights if w.url and (not scales or w.scale in scales))
    if weights and not files:
        have = ", ".join(str(w.scale) for w in weights)
        raise SrbenchError(
            f"model '{name}' has no released weights for scale {', '.join(map(str, scales))}; it has: {have}."
        )
    chosen = tuple(sorted({w.scale for w in weights if not scales or w.scale in scales}))
    return Wanted(name, "weights", files, f"weights for {_listed(chosen)}")


def _listed(scales: tuple[int, ...]) -> str:
    return ", ".join(f"x{scale}" for scale in scales)


def _fetch_each(wanted: list[Wanted]) -> list[Outcome]:
    """Download name after name with one progress bar on stderr; an error ends its name only."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from srbench.download import fetch_all, is_cached

    lacking = {item.name: [f for f in item.files if not is_cached(f.url, f.sha256)] for item in wanted}
    outcomes = []
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        for item in wanted:
            todo = lacking[item.name]
            task = progress.add_task(item.name, total=sum(f.bytes or 0 for f in todo)) if todo else None
            error = None
            try:
                fetch_all(todo, None if task is None else partial(progress.advance, task))
            except SrbenchError as problem:
                error = str(problem)
            got = [f for f in todo if error is None or is_cached(f.url, f.sha256)]
            outcomes.append(
                Outcome(
                    item.name, item.kind, len(item.files), len(item.files) - len(todo),
                    len(got), sum(f.bytes or 0 for f in got), error,
                )
            )  # fmt: skip
    return outcomes


def _sentence(outcome: Outcome, what: str) -> str:
    if not outcome.files:
        return f"{outcome.name}: nothing to download."
    if outcome.error:
        have = outcome.already + outcome.fetched
        return f"{outcome.name} ({outcome.kind}): failed; {have} of {outcome.files} files are here ({what})."
    if not outcome.fetched:
        return f"{outcome.name} ({outcome.kind}): already there ({outcome.already} of {outcome.files} files), verified."
    there = f", {outcome.already} were already there" if outcome.already else ""
    size = f"{outcome.bytes / 1e6:.1f} MB"
    files = "1 file" if outcome.fetched == 1 else f"{outcome.fetched} files"
    return f"{outcome.name} ({outcome.kind}): fetched {files}, {size}, verified{there}."
