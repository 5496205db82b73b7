"""Deformable convolution in plain torch, for networks that take it from packages that are not installed.

A custom operator, since the packages' own are: libraries that count do not look into it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


@torch.library.custom_op("srbench::deform_conv2d", mutates_args=())
def deform_conv2d(
    x: Tensor, offset: Tensor, weight: Tensor, bias: Tensor | None, mask: Tensor | None, numbers: Sequence[int]
) -> Tensor:
    """A convolution whose every tap reads from its place plus an offset, between pixels if need be.

    Args:
        x: (N, C, H, W).
        offset: (N, 2 * G * kh * kw, h, w), pairs of (down, right) in pixels for every tap, for G groups of channels.
        weight: (O, C / groups, kh, kw).
        bias: (O,) or None.
        mask: (N, G * kh * kw, h, w), a factor for every tap, or None.
        numbers: stride, padding and dilation, each down and right.

    Returns:
        (N, O, h, w); what lies outside of the image is zero.

    Source: Dai et al., "Deformable Convolutional Networks", ICCV 2017, equations 2-4; with the mask, Zhu et al.,
    "Deformable ConvNets v2", CVPR 2019, equation 1.
    """
    batch, channels, height, width = x.shape
    out_channels, per_group, down, right = weight.shape
    taps, (rows, columns) = down * right, offset.shape[-2:]
    parts = offset.shape[1] // (2 * taps)
    moved = offset.reshape(batch, parts, taps, 2, rows, columns)
    y = moved[:, :, :, 0] + _places(rows, numbers[0], numbers[2], x).view(-1, 1)
    y = y + _places(down, numbers[4], 0, x).repeat_interleave(right).view(-1, 1, 1)
    z = moved[:, :, :, 1] + _places(columns, numbers[1], numbers[3], x)
    z = z + _places(right, numbers[5], 0, x).repeat(down).view(-1, 1, 1)
    grid = torch.stack(((2 * z + 1) / width - 1, (2 * y + 1) / height - 1), dim=-1)
    read = F.grid_sample(
        x.reshape(batch * parts, channels // parts, height, width),
        grid.reshape(batch * parts, taps * rows, columns, 2),
        align_corners=False,
    ).view(batch, parts, channels // parts, taps, rows * columns)
    if mask is not None:
        read = read * mask.reshape(batch, parts, 1, taps, rows * columns)
    groups = channels // per_group
    kernel = weight.reshape(groups, out_channels // groups, per_group * taps)
    out = (kernel @ read.reshape(batch, groups, per_group * taps, rows * columns)).view(batch, -1, rows, columns)
    return out if bias is None else out + bias.view(-1, 1, 1)


def _places(length: int, step: int, padding: int, like: Tensor) -> Tensor:
    return torch.arange(length, dtype=like.dtype, device=like.device) * step - padding
