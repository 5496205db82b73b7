"""Options on how the images of a run are computed; only inexact tiles and the memory format change a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import FiniteRange, comma_list, plugin_files

if TYPE_CHECKING:
    from srbench.evaluation.engine.setting import Engine

_OPTIONS = (
    click.option("--workers", type=click.IntRange(min=1), help="Images side by side; default: one per core."),
    click.option("--threads", type=click.IntRange(min=1),
                 help="Threads of one forward pass; default: cores / images, at least 1."),
    click.option("--timeout", type=FiniteRange(min=0, min_open=True), default=900.0, show_default=True,
                 help="Seconds for one image, of models that are not srbench's own: they run in a process of theirs."),
    click.option("--devices", callback=comma_list, help="Comma list: one process for each, such as cuda:0,cuda:1."),
    click.option("--shard", help="K/N: every N-th image only (the first 3 are part 1's); see 'srbench results merge'."),
    click.option("--executor", type=click.Choice(["local", "slurm", "ray"]), default="local", show_default=True,
                 help="Who computes: this machine, a Slurm array, a Ray cluster."),
    click.option("--address", default="", help="Of the Ray cluster."),
    click.option("--tile", type=click.IntRange(min=1), help="LR pixels: cut larger images into tiles of this edge."),
    click.option("--overlap", type=click.IntRange(min=0), help="LR pixels around tiles; default: the least exact one."),
    click.option("--memory-format", type=click.Choice(["contiguous", "channels_last", "fastest"]), default="contiguous",
                 show_default=True, help="Of activations; fastest: a short trial, kept for this machine and network."),
    click.option("--memory", help="Such as 4G: cut images so that a pass fits."),
)  # fmt: skip


def engine_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of :class:`srbench.evaluation.engine.setting.Engine` for a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def engine_of(options: dict[str, Any]) -> Engine:
    """How to compute, out of the options.

    Raises:
        SrbenchError: ``--shard`` or ``--memory`` that cannot be read, or options that do not go together.
    """
    from srbench.errors import SrbenchError
    from srbench.evaluation.engine.setting import Engine, check_available, parse_bytes, parse_shard
    from srbench.evaluation.resources import check_device

    if options["tile"] and options["memory"]:
        raise SrbenchError("--tile and --memory both say how to cut images; give one of them.")
    if options["address"] and options["executor"] != "ray":
        raise SrbenchError("--address is that of a Ray cluster; give --executor ray with it.")
    if options["memory_format"] == "fastest" and options["shard"]:
        raise SrbenchError(
            "--memory-format fastest may find another format on each machine, and parts of a run need the same; "
            "give contiguous or channels_last with --shard."
        )
    if options["memory_format"] != "contiguous" and options["backend"] != "eager":
        raise SrbenchError(
            f"--backend {options['backend']} chooses its own memory format; use --memory-format contiguous with it."
        )
    for device in options["devices"]:
        check_device(device)
    if options["overlap"] is not None and not options["tile"] and not options["memory"]:
        raise SrbenchError("--overlap is that of tiles; give --tile or --memory with it.")
    engine = Engine(
        workers=options["workers"],
        threads=options["threads"],
        executor=options["executor"],
        address=options["address"],
        shard=None if options["shard"] is None else parse_shard(options["shard"]),
        tile=options["tile"],
        overlap=options["overlap"],
        memory=None if options["memory"] is None else parse_bytes(options["memory"]),
        devices=options["devices"],
        memory_format=options["memory_format"],
        timeout=options["timeout"],
        plugins=plugin_files(),
    )
    check_available(engine)
    if engine.tile is not None and (engine.overlap or 0) > engine.tile:
        click.echo(
            f"note: --overlap {engine.overlap} is more than --tile {engine.tile}: most of what is computed is cut off.",
            err=True,
        )
    return engine
