"""MACs, activations, convolutions and depth of a network, under every convention, from one pass without arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from torch import nn

from srbench.cost.conventions import Priced, check_conventions, price
from srbench.cost.layers import LayerRow, rows_of
from srbench.cost.record import Trace
from srbench.cost.trace import trace
from srbench.errors import SrbenchError
from srbench.quantities import CONVENTIONS


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
    priced: Priced = field(repr=False, compare=False)
    trace: Trace = field(repr=False, compare=False)

    @cached_property
    def layers(self) -> tuple[LayerRow, ...]:
        """Rows per layer and operator; their macs, activations and parameters sum to the network's."""
        return rows_of(self.trace, self.priced.calls)

    @property
    def lower_bound(self) -> bool:
        """Whether the convention means to count everything and could not."""
        return self.priced.lower_bound

    @property
    def unused_params(self) -> int:
        """Parameters that the inference pass did not touch."""
        return self.trace.unused_params


def from_trace(seen: Trace, convention: str, input_size: tuple[int, int]) -> CountResult:
    """Price one pass under ``convention``."""
    priced = price(seen, convention)
    return CountResult(
        convention=convention,
        input_size=input_size,
        macs=priced.macs,
        activations=priced.activations,
        num_conv=priced.convs,
        depth=seen.depth,
        uncounted=priced.uncounted,
        output_size=(seen.output_shape[-2], seen.output_shape[-1]) if len(seen.output_shape) >= 2 else (0, 0),
        priced=priced,
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


@dataclass(frozen=True)
class Given:
    """What a network takes: channels, and the LR image as it is or after upsampling by ``scale``."""

    channels: int = 3
    scale: int = 1
    pre_upsampled: bool = False

    def shape(self, input_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Shape (1, C, H, W) for an LR image of ``input_size``; errors as :func:`input_shape`."""
        return input_shape(input_size, self.channels, self.scale, self.pre_upsampled)


RGB = Given()
"""The RGB image as it is."""


def count(
    network: nn.Module,
    input_size: tuple[int, int] = (256, 256),
    channels: int = 3,
    conventions: Sequence[str] | None = None,
    scale: int = 1,
    pre_upsampled: bool = False,
) -> dict[str, CountResult]:
    """Count one forward pass of batch 1 in one pass over meta tensors: no arithmetic, no memory, any size alike.

    Where a network needs values, the pass is made for real on a photograph; ``trace.real_pass`` then says why.

    Args:
        network: any ``nn.Module`` on any device; it is run in evaluation mode and left as it was.
        input_size: LR (height, width).
        channels: channels of the input, 3 (RGB) or 1 (luma).
        conventions: names of registered counting conventions; all of them by default.
        scale: only used with ``pre_upsampled``.
        pre_upsampled: the network takes the LR image after upsampling by ``scale``.

    Returns:
        One :class:`CountResult` per convention.

    Raises:
        SrbenchError: unknown convention, or the network fails on this size (the layer is named).
    """
    names = check_conventions(CONVENTIONS.names() if conventions is None else conventions)
    seen = trace(network, input_shape(input_size, channels, scale, pre_upsampled))
    return {name: from_trace(seen, name, (int(input_size[0]), int(input_size[1]))) for name in names}
