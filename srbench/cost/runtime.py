"""Runtime of networks: in this process for one cell, and in interleaved rounds over worker processes to compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from srbench.cost.clock import time_once, warm_up
from srbench.cost.figures import Runtime
from srbench.cost.load import LoadMeter, cores
from srbench.cost.samples import doubts, first_call_note, summarise


def measure(
    network: nn.Module | Callable[[Any], Any],
    input_size: tuple[int, int] = (256, 256),
    *,
    channels: int = 3,
    scale: int = 1,
    pre_upsampled: bool = False,
    device: str = "cpu",
    seconds: float = 2.5,
    min_samples: int = 3,
    max_samples: int = 30,
) -> Runtime:
    """Time forward passes of batch 1 in this process: warm-up, then samples for about ``seconds`` in all.

    Args:
        network: a module or any callable on (1, C, H, W) float32 in [0, 1]; already on ``device``.
        input_size: LR (height, width).
        channels: channels of the input.
        scale: only used with ``pre_upsampled``.
        pre_upsampled: the network takes the LR image after upsampling by ``scale``.
        device: "cpu" or a CUDA device.
        seconds: time to spend, of which about a third goes to the warm-up; very slow networks take
            ``min_samples`` passes after one untimed pass however long that is.
        min_samples: at least so many samples.
        max_samples: at most so many.

    Returns:
        The samples; ``warnings`` says why they should not be trusted, if so.
    """
    from srbench.cost.count import input_shape

    generator = torch.Generator().manual_seed(0)
    x = torch.rand(input_shape(input_size, channels, scale, pre_upsampled), generator=generator).to(device)
    was_training = isinstance(network, nn.Module) and network.training

    def run() -> None:
        with torch.inference_mode():
            network(x)

    if isinstance(network, nn.Module):
        network.eval()
    try:
        warm = warm_up(run, device, seconds=seconds / 3, most=max_samples)
        load = LoadMeter()
        samples: list[float] = []
        begin, cpu = time.perf_counter(), time.process_time()
        while len(samples) < min_samples or (
            len(samples) < max_samples and time.perf_counter() - begin < seconds * 2 / 3
        ):
            samples.append(time_once(run, device))
        wall, used = time.perf_counter() - begin, time.process_time() - cpu
    finally:
        if isinstance(network, nn.Module):
            network.train(was_training)
    on_cpu = not device.startswith("cuda")
    return result_of(
        input_size,
        samples,
        warm.samples_ms,
        warm.stable,
        device=device,
        threads=torch.get_num_threads() if on_cpu else None,
        cpu_share=used / wall if on_cpu else None,
        other_load=load.read(),
    )


def result_of(
    input_size: tuple[int, int],
    samples_ms: list[float],
    warm_ms: tuple[float, ...],
    warm: bool,
    *,
    cpu_share: float | None,
    other_load: float | None,
    **recorded: Any,
) -> Runtime:
    """Summarise samples into a :class:`Runtime` with its notes and warnings; ``recorded`` are the axes."""
    summary = summarise(samples_ms)
    first = warm_ms[0] if warm_ms else samples_ms[0]
    note = first_call_note(first, summary.median_ms)
    return Runtime(
        input_size=input_size,
        samples_ms=tuple(samples_ms),
        median_ms=summary.median_ms,
        iqr_ms=summary.iqr_ms,
        min_ms=summary.min_ms,
        mean_ms=summary.mean_ms,
        warmup=len(warm_ms),
        first_ms=first,
        notes=(note,) if note else (),
        warnings=doubts(samples_ms, warm=warm, cpu_share=cpu_share, other_load=other_load, cores=cores()),
        **recorded,
    )
