"""How ``srbench time`` prints: a table per size, remarks in plain words, and JSON."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.profile_view import grid

if TYPE_CHECKING:
    from srbench.cost.backends import Variant
    from srbench.cost.rounds import Timing

Shares = Sequence[tuple[float | None, float | None]]


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is being done, on stderr: one line that changes on a terminal, else a line each, at most one per second."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield plain_lines(time.monotonic)
        return
    with console.status("starting") as status:
        yield status.update


def plain_lines(clock: Callable[[], float], apart: float = 1.0) -> Callable[[str], None]:
    """Tell of progress a line at a time; a round within ``apart`` seconds of the last line is left out."""
    last = clock() - apart

    def say(text: str) -> None:
        nonlocal last
        if text.startswith("round ") and clock() - last < apart:
            return
        last = clock()
        click.echo(text, err=True)

    return say


def table(timings: Sequence[Timing], shares: Shares) -> str:
    """One line per model and size; ``*`` marks unstable figures."""
    threads = {t.entry.variant.threads for t in timings}
    kernel = len({t.entry.variant.allocator for t in timings}) > 1
    naive = any(t.result is not None and t.result.naive_ms is not None for t in timings)
    header = [
        "Model",
        "LR size",
        "median [ms]",
        "IQR",
        "min",
        "mean",
        "x baseline [95 %]",
        "n",
        "GMAC",
        "GMAC/s",
        "of peak",
    ]
    if kernel:
        header.append("in kernel")
    if naive:
        header.append("ntire mean [ms]")
    if len(threads) > 1:
        header.append("threads")
    rows = []
    for timing, (macs, share) in zip(timings, shares, strict=True):
        size = f"{timing.input_size[0]}x{timing.input_size[1]}"
        result = timing.result
        if result is None:
            rows.append([timing.entry.label, size, "failed", *["-"] * (len(header) - 3)])
            continue
        ratio = timing.ratio
        row = [
            timing.entry.label,
            size,
            f"{result.median_ms:.2f}" + ("*" if result.warnings else ""),
            f"{result.iqr_ms:.2f}",
            f"{result.min_ms:.2f}",
            f"{result.mean_ms:.2f}",
            f"{ratio.ratio:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]" if ratio is not None else "-",
            str(len(result.samples_ms)),
            f"{macs / 1e9:.3g}" if macs is not None else "-",
            f"{macs / result.median_ms / 1e6:.1f}" if macs is not None else "-",
            f"{share:.0%}" if share is not None else "-",
        ]
        if kernel:
            row.append(f"{result.kernel_share:.0%}" if result.kernel_share is not None else "-")
        if naive:
            row.append(f"{result.naive_ms:.2f}" if result.naive_ms is not None else "-")
        if len(threads) > 1:
            row.append(str(timing.entry.variant.threads))
        rows.append(row)
    return grid(header, rows, "table")


def remarks(timings: Sequence[Timing], peaks: dict[Variant, Any], baseline: str) -> None:
    """The baseline, errors, warnings and notes on stderr, a sentence each; ``baseline`` is its label."""
    if any(timing.ratio is not None for timing in timings):
        allocators = {timing.entry.variant.allocator for timing in timings}
        alike = ", under the same allocator; its own rows under another refer to it too" if len(allocators) > 1 else ""
        click.echo(f"x baseline: times of {baseline}{alike}.", err=True)
    for variant, peak in peaks.items():
        if peak is not None:
            threads = f" with {peak.threads} threads" if variant.device == "cpu" else ""
            click.echo(
                f"this machine reaches {peak.matmul_macs_per_s / 1e9:.1f} GMAC/s on a large matrix product and "
                f"{peak.conv_macs_per_s / 1e9:.1f} on a large convolution ({peak.precision}{threads}).",
                err=True,
            )
    for timing in timings:
        where = f"{timing.entry.label} at {timing.input_size[0]}x{timing.input_size[1]}"
        if timing.result is None:
            click.echo(f"{where}: {timing.error}", err=True)
            continue
        if timing.set_up_s is not None and timing.entry.variant.backend != "eager":
            click.echo(f"{where}: set up in {timing.set_up_s:.1f} s, its first pass included.", err=True)
        for note in timing.result.notes:
            click.echo(f"{where}: {note}.", err=True)
        for warning in timing.result.warnings:
            click.echo(f"{where}: unstable: {warning}.", err=True)


def as_json(timings: Sequence[Timing], shares: Shares, peaks: dict[Variant, Any], baseline: str) -> dict[str, Any]:
    """Everything with the raw samples, under the field's key names."""
    listed = []
    for timing, (macs, share) in zip(timings, shares, strict=True):
        listed.append(
            {
                "model": timing.entry.model,
                "label": timing.entry.id,
                "scale": timing.entry.scale,
                "input_size": list(timing.input_size),
                "runtime": asdict(timing.result) if timing.result is not None else None,
                "ratio": asdict(timing.ratio) if timing.ratio is not None else None,
                "set_up_s": timing.set_up_s,
                "error": timing.error,
                "macs": int(macs) if macs is not None else None,
                "share_of_peak": share,
            }
        )
    return {
        "baseline": baseline,
        "timings": listed,
        "peaks": [asdict(peak) for peak in peaks.values() if peak is not None],
    }
