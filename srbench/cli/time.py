"""``srbench time``: runtimes of models in interleaved rounds, one process each."""

from __future__ import annotations

import contextlib
import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import (
    FiniteRange,
    ModelsAsked,
    card_finder,
    comma_integers,
    comma_list,
    json_option,
    model_options,
    plugin_files,
    plugin_option,
)
from srbench.cli.sections import Sectioned
from srbench.errors import CheckFailed, SrbenchError
from srbench.models.words import note_sentence

if TYPE_CHECKING:
    from srbench.cost.backends import Variant
    from srbench.cost.rounds import Entry, Timing
    from srbench.models.card import ModelCard
    from srbench.models.notes import LoadNote


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, cls=Sectioned)
@model_options(weights=False)
@click.option("--baseline", help="Model that ratios refer to; default: the first.")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option(
    "--size", "sizes", default="256x256", show_default=True, callback=comma_list, help="Comma list: LR HxW, or 720p."
)
@click.option("--rounds", type=click.IntRange(min=2), default=10, show_default=True, help="Rounds A B C A B C.")
@click.option("--passes", type=click.IntRange(min=1), default=1, show_default=True, help="Timed passes per turn.")
@click.option(
    "--warm-up",
    "warm",
    type=FiniteRange(min=0, max=3600),
    default=5.0,
    show_default=True,
    help="Most seconds for warming up one model at one size.",
)
@click.option(
    "--threads",
    callback=comma_integers,
    help="Comma list of CPU thread counts; default: OMP_NUM_THREADS, else the usable cores.",
)
@click.option("--backend", "backends", default="eager", show_default=True, callback=comma_list,
              help="Comma list of eager, compile, onnxruntime.")  # fmt: skip
@click.option("--precision", "precisions", default="fp32", show_default=True, callback=comma_list,
              help="Comma list of fp32, fp64, bf16, fp16 (CUDA).")  # fmt: skip
@click.option("--memory-format", "formats", default="contiguous", show_default=True, callback=comma_list,
              help="Comma list of contiguous, channels_last.")  # fmt: skip
@click.option("--allocator", "allocators", default="warm", show_default=True, callback=comma_list,
              help="Comma list of warm (keeps memory between passes), shipped (as the C library is).")  # fmt: skip
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--preset", type=click.Choice(["sound", "ntire"]), default="sound", show_default=True,
              help="ntire: also the challenges' loop (mean over images, no warm-up).")  # fmt: skip
@click.option("--images", type=click.IntRange(min=1), default=10, show_default=True, help="Images of the ntire loop.")
@click.option(
    "--timeout",
    type=FiniteRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds without an answer after which a model is stopped.",
)
@click.option("--no-roofline", is_flag=True, help="Leave out the machine's own MAC/s.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for timings.json and the machine file."
)
@click.option("--strict", is_flag=True, help="Exit code 3 when a figure is unstable.")
@plugin_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, asked: ModelsAsked, **options: Any) -> None:
    """Time models against a baseline, in rounds that interleave them.

    Each model lives in a process of its own, is warmed up until stable at each size and then takes its turn in
    every round, so that what drifts hits all of them. Ratios come from paired rounds, with a 95 % interval.

    \b
    Examples:
      srbench time --models imdn,e-rfdn --baseline imdn --size 720p
      srbench time --models imdn --backend eager,compile --threads 1,2
    """
    cards, failures = asked.cards(apart=True)
    if failures:
        raise SrbenchError("; ".join(reason for _, reason in failures))
    from srbench.cli import time_view as view
    from srbench.cost.input_size import parse_size
    from srbench.cost.rounds import Schedule, compare

    baseline = _baseline(options["baseline"], cards)
    entries = _entries(cards, options)
    sizes = [parse_size(text, options["scale"]) for text in options["sizes"] or ("256x256",)]
    naive_images = options["images"] if options["preset"] == "ntire" else 0
    schedule = Schedule(options["rounds"], options["passes"], options["warm"], options["timeout"], naive_images)
    with view.progress() as report:
        timings = compare(
            entries,
            sizes,
            schedule,
            baseline=baseline,
            plugins=ctx.meta.get("srbench.plugins", ()),
            report=report,
        )
        peaks = {} if options["no_roofline"] else _peaks(entries, options["timeout"], report)
    shares = _shares(timings, peaks)
    data = view.as_json(timings, shares, peaks, entries[baseline].id)
    notes = _notes(cards, options["scale"], sizes[0])
    data["notes"] = [{"model": card.name, **asdict(note)} for card, note in notes]
    if options["output"] is not None:
        _save(options["output"], data)
    click.echo(json.dumps(data, indent=1, ensure_ascii=False) if options["as_json"] else view.table(timings, shares))
    view.remarks(timings, peaks, entries[baseline].label)
    for card, note in notes:
        click.echo(f"{card.title}: {note_sentence(note)}", err=True)
    _finish(timings, options["strict"])


def _notes(cards: list[ModelCard], scale: int, size: tuple[int, int]) -> list[tuple[ModelCard, LoadNote]]:
    """What had to be done so that the networks of users' files could be built."""
    from srbench.cost.examine import Counting
    from srbench.evaluation.apart.asking import examine_apart
    from srbench.models.foreign import is_foreign

    found: list[tuple[ModelCard, LoadNote]] = []
    for card in filter(is_foreign, cards):
        with contextlib.suppress(SrbenchError):  # its own process has said why
            notes = examine_apart(card, Counting(scale, size), plugin_files()).notes
            found += [(card, note) for note in notes]
    return found


def _baseline(asked: str | None, cards: list[ModelCard]) -> int:
    if asked is None:
        return 0
    names = [card.name for card in cards]
    name = asked.lower() if asked.lower() in names else card_finder()(asked, None).name
    if name not in names:
        raise SrbenchError(f"the baseline '{asked}' is not among the models; expected one of {', '.join(names)}.")
    return names.index(name)


def _entries(cards: list[ModelCard], options: dict[str, Any]) -> list[Entry]:
    """Every model in every combination of the axes; the first combination is the one ratios refer to."""
    from srbench.cost.backends import Variant, check_variant
    from srbench.cost.load import default_threads
    from srbench.cost.rounds import Entry

    threads: tuple[int | None, ...] = options["threads"] or (default_threads(),)
    if options["device"].startswith("cuda"):
        threads = (None,)
    allocators = options["allocators"] if threads != (None,) else ("warm",)
    axes = itertools.product(options["backends"], options["precisions"], options["formats"], threads, allocators)
    variants = [Variant(b, p, f, t, options["device"], a) for b, p, f, t, a in axes]
    if "contiguous" in options["formats"]:  # onnxruntime has no memory formats: once is enough
        variants = [v for v in variants if v.backend != "onnxruntime" or v.memory_format == "contiguous"]
    for variant in variants:
        check_variant(variant)
    return [Entry(card.name, options["scale"], variant, card) for variant in variants for card in cards]


def _peaks(entries: list[Entry], timeout: float, report: Any) -> dict[Variant, Any]:
    """What the machine reaches, once per precision and thread count."""
    from srbench.cost.process import WorkerFailed
    from srbench.cost.rounds import machine_peak

    peaks: dict[Variant, Any] = {}
    for entry in entries:
        plain = entry.variant.plain
        if plain not in peaks:
            report("large matrix product and convolution, for the roofline")
            try:
                peaks[plain] = machine_peak(plain, timeout)
            except WorkerFailed as error:
                click.echo(f"no roofline: {error}", err=True)
                peaks[plain] = None
    return peaks


def _shares(timings: tuple[Timing, ...], peaks: dict[Variant, Any]) -> list[tuple[float | None, float | None]]:
    """(MACs, achieved share of the machine's MAC/s) per timing; None where it cannot be said."""
    known: dict[tuple[str, int, tuple[int, int]], float | None] = {}
    shares: list[tuple[float | None, float | None]] = []
    for timing in timings:
        entry, macs = timing.entry, None
        key = (entry.model, entry.scale, timing.input_size)
        if timing.result is not None:
            if key not in known:
                try:
                    known[key] = _macs(entry, timing.input_size)
                except SrbenchError:  # runs, but not on meta tensors: no roofline for it
                    known[key] = None
            macs = known[key]
        peak = peaks.get(entry.variant.plain)
        share = None
        if timing.result is not None and macs is not None and peak is not None:
            share = macs / (timing.result.median_ms / 1000) / peak.macs_per_s
        shares.append((macs, share))
    return shares


def _macs(entry: Entry, size: tuple[int, int]) -> float:
    """Of one pass at LR ``size``."""
    from srbench.cost.count import count
    from srbench.cost.examine import Counting
    from srbench.cost.source import open_network
    from srbench.evaluation.apart.asking import examine_apart
    from srbench.models.foreign import is_foreign

    card = entry.card
    if card is not None and is_foreign(card):
        found = examine_apart(card, Counting(entry.scale, size), plugin_files())
        return float(found.profile.counts["macs"].macs)
    source = open_network(card or entry.model, entry.scale)
    card, fitted = source.card, source.fitting(size)
    counted = count(source.network, fitted, card.channels, ("macs",), entry.scale, card.pre_upsampled)
    return float(counted["macs"].macs)


def _save(folder: Path, data: dict[str, Any]) -> None:
    from srbench.results.environment import machine_id, write_machine
    from srbench.writing import write_text

    write_machine(folder)
    write_text(
        folder / "timings.json", json.dumps({"machine": machine_id(), **data}, indent=1, ensure_ascii=False) + "\n"
    )


def _finish(timings: tuple[Timing, ...], strict: bool) -> None:
    """Exit codes: 1 when a model could not be timed, 3 when ``strict`` and a figure is unstable."""
    failed = [t for t in timings if t.error is not None]
    unstable = [t for t in timings if t.result is not None and t.result.warnings]
    if failed:
        raise SrbenchError(f"{len(failed)} of {len(timings)} measurements failed.")
    if strict and unstable:
        raise CheckFailed(f"{len(unstable)} of {len(timings)} measurements are unstable.")
