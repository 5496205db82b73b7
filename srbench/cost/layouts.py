"""How tensors lie in memory: what torch makes of it when it chooses the layout of an output."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor


def broadcast(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...] | None:
    """Shape of an elementwise operator's output; None when the shapes do not fit.

    >>> broadcast((1, 64, 1, 1), (8, 9))
    (1, 64, 8, 9)
    """
    if len(a) < len(b):
        a, b = b, a
    b = (1,) * (len(a) - len(b)) + tuple(b)
    if any(m != n and m != 1 and n != 1 for m, n in zip(a, b, strict=True)):
        return None
    return tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))


def dense(x: Tensor) -> bool:
    """Whether the elements of ``x`` fill their memory without gaps or overlaps."""
    step = 1
    for stride, size in sorted((s, n) for s, n in zip(x.stride(), x.shape, strict=True) if n > 1):
        if stride != step:
            return False
        step *= size
    return x.numel() > 0


def cropped(x: Tensor) -> bool:
    """Whether a tensor is part of a contiguous image: a convolution's output is contiguous then."""
    strides = x.stride()
    in_order = all(a >= b for a, b in itertools.pairwise(strides))
    return x.dim() == 4 and in_order and max(x.shape[2:]) > 1 and strides[-1] == 1 and x.dtype.is_floating_point


def only_channels_last(x: Tensor) -> bool:
    """Whether a tensor is stored channels last, and cannot be taken for a contiguous one."""
    return not x.is_contiguous() and memory_format(x) is torch.channels_last and x.dtype.is_floating_point


def memory_format(x: Tensor) -> torch.memory_format:
    """The layout that torch suggests for what is made of ``x``, from its strides alone.

    Source: ``is_channels_last_strides_2d`` of torch's core, which C++ keeps to itself.
    """
    if x.dim() != 4 or x.stride(1) == 0:
        return torch.contiguous_format
    reach = 0
    for dim in (1, 3, 2, 0):
        size, stride = x.shape[dim], x.stride(dim)
        if size == 0 or stride < reach or (dim == 0 and reach == x.stride(1)):
            return torch.contiguous_format
        reach = stride * max(size, 1)
    return torch.channels_last


def packed_strides(x: Tensor) -> tuple[int, ...] | None:
    """Strides of a tensor without gaps in the order of ``x``; None where the order is not plain to see."""
    moving = sorted(((s, n, i) for i, (s, n) in enumerate(zip(x.stride(), x.shape, strict=True)) if n > 1))
    steps = [stride for stride, _, _ in moving]
    if 0 in steps or len(set(steps)) < len(steps):
        return None
    strides, step = [1] * x.dim(), 1
    for _, size, i in moving:
        strides[i] = step
        step *= size
    return tuple(strides)
