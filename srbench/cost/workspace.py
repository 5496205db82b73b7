"""What an operator allocates and frees inside itself on CPU, which no tracker of tensors can see.

Convolutions on x86 go through oneDNN: it copies the input, the weight and the output into layouts with the
channels padded to the width of a vector register. At the peak of a network these copies are 15-45 % of the
live tensors. The rules below were read off the allocator's own record of single convolutions (torch 2.13,
AVX-512) and are held against the allocator's record of whole networks in the tests. They are rules of one
backend on one kind of machine, so results keep them apart from the live tensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from srbench.cost.shapes import aten

_SMALL_INPUT = 20480
"""Up to this many elements of input torch uses its own convolution, which unfolds the input into columns."""


def vector_channels() -> int:
    """Channels that oneDNN pads to on this machine; 0 where its layouts are not known (no oneDNN, not x86)."""
    onednn: Any = torch.backends.mkldnn
    if not onednn.is_available() or not onednn.enabled:
        return 0
    return {"AVX512": 16, "AVX2": 8}.get(torch.backends.cpu.get_cpu_capability(), 0)


def unfolded(x: Sequence[int], weight: Sequence[int], stepping: Sequence[int], groups: int) -> bool:
    """Whether torch takes its own convolution instead of oneDNN's: small inputs, and 1x1 kernels with one thread.

    ``stepping`` are strides and dilations together.
    """
    kernel = weight[2:]
    if prod(kernel) == 1 and max(stepping) == 1 and x[0] < 16 and torch.get_num_threads() == 1:
        return True
    return prod(x) <= _SMALL_INPUT and x[0] == 1 and groups == 1 and min(kernel) <= 3


def convolution_scratch(
    x: Sequence[int],
    weight: Sequence[int],
    out: Sequence[int],
    settings: Sequence[Any],
    element: int,
    block: int,
) -> int:
    """Bytes beyond the output that a contiguous convolution holds at its own peak.

    Args:
        x: shape (N, C_in, H, W).
        weight: its shape.
        out: shape of the output.
        settings: those of the operator, in its order: stride, padding, dilation, transposed, output_padding, groups.
        element: bytes per element.
        block: channels that the layout is padded to, see :func:`vector_channels`.
    """
    stride, _padding, dilation, transposed, _output_padding, groups = settings
    kernel = weight[2:]
    if not transposed and unfolded(x, weight, (*stride, *dilation), groups):
        columns = 0 if prod(kernel) == 1 else x[1] * prod(kernel) * prod(out[2:])
        return columns * element

    def padded(channels: int) -> int:
        return -(-channels // block) * block

    output = prod(out)
    result = out[0] * padded(out[1]) * prod(out[2:])
    if transposed:
        return max(result, 2 * output) * element
    copied = prod(kernel) == 1 or x[1] >= block
    given = x[0] * padded(x[1]) * prod(x[2:]) if copied else 0
    inputs = padded(weight[1]) if copied else weight[1]
    filters = prod(kernel) * (weight[0] * weight[1] if groups > 1 else padded(weight[0]) * inputs)
    return max(given + filters + result - output, result) * element


def scratch_bytes(func: Any, args: Sequence[Any], out: Any, block: int) -> int:
    """Bytes that one operator call holds beyond its inputs and outputs; 0 for what is not known to hold any."""
    if func is not aten.convolution.default or not block or not isinstance(out, Tensor) or out.dim() != 4:
        return 0
    x, weight = args[0], args[1]
    if not x.is_contiguous() and x.is_contiguous(memory_format=torch.channels_last):
        return int(weight.numel() * weight.element_size())
    return convolution_scratch(x.shape, weight.shape, out.shape, args[3:9], out.element_size(), block)
