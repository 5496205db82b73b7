"""Runtime of networks: in this process for one cell, and in interleaved rounds over worker processes to compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from srbench.cost.allocator import AllocatorTuning, tune
from srbench.cost.clock import Usage, UsageMeter, WarmUp, time_once, warm_up
from srbench.cost.count import RGB, Given
from srbench.cost.figures import Runtime
from srbench.cost.load import LoadMeter, cores
from srbench.cost.samples import doubts, first_call_note, kernel_note, summarise


@dataclass(frozen=True)
class Effort:
    """How long to time: ``seconds`` in all, about a third of which goes to the warm-up.

    Very slow networks take ``min_samples`` passes after one untimed pass, however long that is.
    """

    seconds: float = 2.5
    min_samples: int = 3
    max_samples: int = 30


USUAL_EFFORT = Effort()


def measure(
    network: nn.Module | Callable[[Any], Any],
    input_size: tuple[int, int] = (256, 256),
    *,
    given: Given = RGB,
    device: str = "cpu",
    allocator: str = "warm",
    effort: Effort = USUAL_EFFORT,
) -> Runtime:
    """Time forward passes of batch 1 in this process: warm-up, then samples for about ``effort.seconds`` in all.

    Args:
        network: a module or any callable on (1, C, H, W) float32 in [0, 1]; already on ``device``.
        input_size: LR (height, width).
        given: what the network takes; by default the RGB image itself.
        device: "cpu" or a CUDA device.
        allocator: "warm" tells the allocator of this process, from now on, to keep its memory, see
            :func:`srbench.cost.allocator.tune`; "shipped" leaves it as it is. Of no meaning on CUDA.
        effort: time to spend, and how many samples at least and at most.

    Returns:
        The samples; ``warnings`` says why they should not be trusted, if so.
    """
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(given.shape(input_size), generator=generator).to(device)
    on_cpu = not device.startswith("cuda")
    tuning = tune() if on_cpu and allocator == "warm" else None
    was_training = isinstance(network, nn.Module) and network.training

    def run() -> None:
        with torch.inference_mode():
            network(x)

    if isinstance(network, nn.Module):
        network.eval()
    try:
        warm = warm_up(run, device, seconds=effort.seconds / 3, most=effort.max_samples)
        load = LoadMeter()
        samples: list[float] = []
        begin, meter = time.perf_counter(), UsageMeter()
        while len(samples) < effort.min_samples or (
            len(samples) < effort.max_samples and time.perf_counter() - begin < effort.seconds * 2 / 3
        ):
            samples.append(time_once(run, device))
        usage = meter.read()
    finally:
        if isinstance(network, nn.Module):
            network.train(was_training)
    return result_of(
        input_size,
        samples,
        warm,
        load.read(),
        usage=usage if on_cpu else None,
        tuning=tuning,
        device=device,
        threads=torch.get_num_threads() if on_cpu else None,
    )


def result_of(
    input_size: tuple[int, int],
    samples_ms: list[float],
    warm: WarmUp,
    other_load: float | None,
    *,
    usage: Usage | None,
    tuning: AllocatorTuning | None,
    **recorded: Any,
) -> Runtime:
    """Summarise samples into a :class:`Runtime` with its notes and warnings.

    Args:
        input_size: LR (height, width).
        samples_ms: the timed passes.
        warm: what came before them.
        other_load: cores that other programs kept busy meanwhile.
        usage: what the timed passes used of the CPU; None on CUDA.
        tuning: what came of making the allocator warm; None where it was left as shipped, and on CUDA.
        recorded: the axes.
    """
    summary = summarise(samples_ms)
    first = warm.samples_ms[0] if warm.samples_ms else samples_ms[0]
    allocator = "" if usage is None else "warm" if tuning is not None and tuning.applied else "shipped"
    faults = usage.faults / len(samples_ms) if usage is not None else None
    share = usage.kernel_share if usage is not None else None
    notes = (first_call_note(first, summary.median_ms), kernel_note(share, faults, allocator))
    untuned = f"the allocator is as shipped: {tuning.how}" if tuning is not None and not tuning.applied else None
    return Runtime(
        input_size=input_size,
        samples_ms=tuple(samples_ms),
        median_ms=summary.median_ms,
        iqr_ms=summary.iqr_ms,
        min_ms=summary.min_ms,
        mean_ms=summary.mean_ms,
        warmup=len(warm.samples_ms),
        first_ms=first,
        allocator=allocator,
        allocator_how=tuning.how if tuning is not None else "",
        faults_per_pass=faults,
        kernel_share=share,
        notes=tuple(note for note in (*notes, untuned) if note),
        warnings=doubts(
            samples_ms,
            warm=warm.stable,
            cpu_share=usage.cpu_s / usage.wall_s if usage is not None and usage.wall_s else None,
            other_load=other_load,
            cores=cores(),
        ),
        **recorded,
    )
