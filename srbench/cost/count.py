"""MACs, activations, convolutions and depth of a network, under every convention, from one pass without arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from torch import nn

from srbench.cost.conventions import CONVENTIONS, check_conventions
from srbench.cost.layers import LayerRow, calls_of, rows_of
from srbench.cost.trace import Trace, trace
from srbench.errors import SrbenchError

ALL_CONVENTIONS = tuple(CONVENTIONS)


@dataclass(frozen=True)
class CountResult:
    """Counted cost at one input size under one convention."""

    convention: str
    input_size: tuple[int, int]
    """LR (height, width), also for networks that take the upsampled image."""
    macs: int
    """Multiply-accumulates of one forward pass of batch 1."""
    activations: int
    """Elements of all convolution outputs, once per call (fvcore: of matrix products too)."""
    num_conv: int
    """Calls of convolutions (``ntire-hooks``: of Conv2d and ConvTranspose2d modules only)."""
    depth: int
    """Convolutions on the longest path through the data flow, whatever the module list looks like."""
    uncounted: dict[str, int]
    """Calls per operator that the convention leaves out although it multiplies and accumulates, or that is unknown."""
    output_size: tuple[int, int]
    trace: Trace = field(repr=False, compare=False)

    @cached_property
    def layers(self) -> tuple[LayerRow, ...]:
        """Rows per layer and operator; their macs, activations and parameters sum to the network's."""
        return rows_of(self.trace, self.convention)

    @property
    def unused_params(self) -> int:
        """Parameters that the inference pass did not touch."""
        return self.trace.unused_params


def _uncounted(seen: Trace, convention: str) -> dict[str, int]:
    missing = dict(seen.unknown)
    if convention != "macs":
        for op in seen.ops:
            cost = op.cost
            priced = {"fvcore": cost.fvcore > 0, "torch": cost.torch > 0, "ntire-hooks": op.hooked}[convention]
            if cost.macs and not priced:
                missing[cost.label] = missing.get(cost.label, 0) + 1
    return missing


def from_trace(seen: Trace, convention: str, input_size: tuple[int, int]) -> CountResult:
    """Price one pass under ``convention``."""
    calls = calls_of(seen, convention)
    num_conv = sum(c.conv for c in seen.hooks) if convention == "ntire-hooks" else sum(op.cost.conv for op in seen.ops)
    return CountResult(
        convention=convention,
        input_size=input_size,
        macs=sum(c.macs for c in calls),
        activations=sum(c.activations for c in calls),
        num_conv=num_conv,
        depth=seen.depth,
        uncounted=_uncounted(seen, convention),
        output_size=(seen.output_shape[-2], seen.output_shape[-1]) if len(seen.output_shape) >= 2 else (0, 0),
        trace=seen,
    )


def input_shape(
    input_size: tuple[int, int], channels: int = 3, scale: int = 1, pre_upsampled: bool = False
) -> tuple[int, int, int, int]:
    """Shape (1, C, H, W) of what a network is given for an LR image of ``input_size``.

    Raises:
        SrbenchError: a size, the number of channels or the scale is not positive.
    """
    height, width = input_size
    if min(height, width, channels, scale) < 1:
        raise SrbenchError(
            f"input of {height}x{width} with {channels} channels at scale {scale} is empty; expected positive integers."
        )
    factor = scale if pre_upsampled else 1
    return (1, channels, height * factor, width * factor)


def count(
    network: nn.Module,
    input_size: tuple[int, int] = (256, 256),
    channels: int = 3,
    conventions: Sequence[str] = ALL_CONVENTIONS,
    scale: int = 1,
    pre_upsampled: bool = False,
) -> dict[str, CountResult]:
    """Count one forward pass of batch 1 in one pass over meta tensors: no arithmetic, no memory, any size alike.

    Args:
        network: any ``nn.Module`` on any device; it is run in evaluation mode and left as it was.
        input_size: LR (height, width).
        channels: channels of the input, 3 (RGB) or 1 (luma).
        conventions: names out of :data:`srbench.cost.conventions.CONVENTIONS`.
        scale: only used with ``pre_upsampled``.
        pre_upsampled: the network takes the LR image after upsampling by ``scale``.

    Returns:
        One :class:`CountResult` per convention.

    Raises:
        SrbenchError: unknown convention, or the network fails on this size (the layer is named).
    """
    names = check_conventions(conventions)
    seen = trace(network, input_shape(input_size, channels, scale, pre_upsampled))
    return {name: from_trace(seen, name, (int(input_size[0]), int(input_size[1]))) for name in names}
