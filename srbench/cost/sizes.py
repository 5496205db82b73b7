"""Sizes of what convolutions and poolings give, as plain arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def conv_output_shape(x: Sequence[int], weight: Sequence[int], settings: Sequence[Any]) -> tuple[int, ...]:
    """Shape of a convolution's output for input ``x`` (N, C_in, *spatial) and its weight.

    ``settings`` are the operator's own, in its order: stride, padding, dilation, transposed, output_padding, groups.
    """
    stride, padding, dilation, transposed, output_padding, groups = settings
    if not transposed and len(x) == 4 and len(stride) == len(padding) == len(dilation) == 2:  # nearly all of them
        height = (x[2] + 2 * padding[0] - dilation[0] * (weight[2] - 1) - 1) // stride[0] + 1
        width = (x[3] + 2 * padding[1] - dilation[1] * (weight[3] - 1) - 1) // stride[1] + 1
        return (x[0], weight[0], height, width)
    dims = len(x) - 2

    def at(values: Sequence[int], i: int) -> int:
        return values[i] if len(values) > 1 else values[0]

    spatial = []
    for i in range(dims):
        reach = at(dilation, i) * (weight[i + 2] - 1)
        if transposed:
            spatial.append((x[i + 2] - 1) * at(stride, i) - 2 * at(padding, i) + reach + at(output_padding, i) + 1)
        else:
            spatial.append((x[i + 2] + 2 * at(padding, i) - reach - 1) // at(stride, i) + 1)
    channels = weight[1] * groups if transposed else weight[0]
    return (x[0], channels, *spatial)


def pool_length(length: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> int:
    """Length of one side of a pooled image; with ``ceil``, a window that starts inside counts where it ends outside.

    >>> pool_length(16, 7, 3, 0, 1, False), pool_length(16, 7, 3, 0, 1, True), pool_length(5, 2, 2, 0, 1, True)
    (4, 4, 3)
    """
    rest = length + 2 * padding - dilation * (kernel - 1) - 1
    found = (-(-rest // stride) if ceil else rest // stride) + 1
    return found - 1 if ceil and (found - 1) * stride >= length + padding else found
