"""What a model costs at one scale, in the two customary sizes: LR 256x256 and HR 1280x720."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.results.record import Cost, Counts, Memory, Runtime

if TYPE_CHECKING:
    from torch import nn

    from srbench.models.card import ModelCard

CHALLENGE_SIZE = (256, 256)
CONVENTIONS = ("macs", "fvcore", "ntire-hooks")
SMALL_SIZE = (64, 64)
RUNTIME_SECONDS = 2.0
SLOW_MACS = 400 * 10**9
"""Above this many MACs at LR 256x256 a pass takes many seconds on two cores; the runtime is taken at LR 64x64."""


def hr720_size(scale: int) -> tuple[int, int]:
    """LR (height, width) behind an HR image of 1280x720: 640x360, 427x240, 320x180 for x2, x3, x4.

    >>> [hr720_size(s) for s in (2, 3, 4)]
    [(360, 640), (240, 427), (180, 320)]
    """
    return round(720 / scale), round(1280 / scale)


def model_cost(
    network: nn.Module | None,
    card: ModelCard,
    scale: int,
    *,
    device: str,
    runtime: bool,
    timing: Callable[[], None] | None = None,
) -> tuple[Cost, tuple[str, ...]]:
    """Parameters, counts at both sizes, peak memory and (if asked for) runtime of ``network``.

    An interpolation (``network`` None) has no parameters and nothing is counted for it.
    Counts and memory use fake tensors: nothing is computed and no weights are needed. ``timing`` is called before the
    runtime is measured.

    Returns:
        The cost, and a sentence for each part that this network does not let itself be measured in.
    """
    if network is None:
        return Cost(params=0), ()
    from srbench.cost.params import parameters

    size = parameters(network)
    missing: list[str] = []
    counts: tuple[Counts, ...] = ()
    memory: Memory | None = None
    try:
        counts = _counts(network, card, scale)
    except SrbenchError as error:
        missing.append(f"no MACs: {error}")
    try:
        memory = _memory(network, card, scale)
    except SrbenchError as error:
        missing.append(f"no peak memory: {error}")
    if runtime and timing is not None:
        timing()
    timed = _runtime(network, card, scale, device, counts) if runtime else None
    return Cost(params=size.params, buffers=size.buffers, counts=counts, runtime=timed, memory=memory), tuple(missing)


def _fitting(size: tuple[int, int], card: ModelCard) -> tuple[int, int]:
    """``size`` rounded up to what the network takes, as images are padded for it."""
    height, width = (max(-(-edge // card.size_multiple) * card.size_multiple, card.min_size) for edge in size)
    return height, width


def _counts(network: nn.Module, card: ModelCard, scale: int) -> tuple[Counts, ...]:
    """All conventions at LR 256x256, then at the LR size of HR 1280x720."""
    from srbench.cost.count import count

    found: list[Counts] = []
    for wanted in dict.fromkeys((CHALLENGE_SIZE, hr720_size(scale))):
        size = _fitting(wanted, card)
        results = count(
            network,
            input_size=size,
            channels=card.channels,
            conventions=CONVENTIONS,
            scale=scale,
            pre_upsampled=card.pre_upsampled,
        )
        found.extend(
            Counts(
                convention=result.convention,
                input_size=size,
                macs=result.macs,
                activations=result.activations,
                num_conv=result.num_conv,
                uncounted=dict(sorted(result.uncounted.items())),
            )
            for result in results.values()
        )
    return tuple(found)


def _memory(network: nn.Module, card: ModelCard, scale: int) -> Memory:
    """Peak memory at LR 256x256, by following every tensor of a pass on fake tensors."""
    from srbench.cost.memory import peak_memory

    size = _fitting(CHALLENGE_SIZE, card)
    found = peak_memory(network, size, fake=True, channels=card.channels, scale=scale, pre_upsampled=card.pre_upsampled)
    return Memory(
        input_size=size,
        weights_bytes=found.weights_bytes,
        activations_bytes=found.activations_bytes,
        total_bytes=found.total_bytes,
        method=found.method,
        reserved_bytes=found.reserved_bytes,
    )


def _runtime(network: nn.Module, card: ModelCard, scale: int, device: str, counts: tuple[Counts, ...]) -> Runtime:
    """Raw samples and summary of about :data:`RUNTIME_SECONDS` of passes; very slow networks get a smaller input."""
    from srbench.cost.runtime import measure

    macs = max((count.macs for count in counts if count.input_size == counts[0].input_size), default=0)
    slow = device == "cpu" and macs > SLOW_MACS
    size = _fitting(SMALL_SIZE if slow else CHALLENGE_SIZE, card)
    found = measure(
        network,
        size,
        channels=card.channels,
        scale=scale,
        pre_upsampled=card.pre_upsampled,
        device=device,
        seconds=RUNTIME_SECONDS,
    )
    return Runtime(
        input_size=size,
        samples_ms=found.samples_ms,
        median_ms=found.median_ms,
        iqr_ms=found.iqr_ms,
        min_ms=found.min_ms,
        mean_ms=found.mean_ms,
        warmup=found.warmup,
        device=found.device,
        threads=found.threads,
        precision=found.precision,
        memory_format=found.memory_format,
        backend=found.backend,
        warnings=found.warnings,
    )
