"""Stand-in for ``mmcv.ops``: deformable convolutions, with and without a mask, with and without their own offsets."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.utils import _pair

from srbench.models import deformable


def deform_conv2d(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    deform_groups: int = 1,
    *_: Any,
) -> Tensor:
    """See :func:`srbench.models.deformable.deform_conv2d`; the shapes say what the groups are."""
    return modulated_deform_conv2d(input, offset, None, weight, None, stride, padding, dilation)


def modulated_deform_conv2d(
    input: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    deform_groups: int = 1,
) -> Tensor:
    """The same with a mask."""
    numbers = [*_pair(stride), *_pair(padding), *_pair(dilation)]
    return deformable.deform_conv2d(input, offset, weight, bias, mask, numbers)


class ModulatedDeformConv2d(nn.Module):
    """A layer of it; offsets and mask are given with the image."""

    per_tap = 3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        deform_groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.groups, self.deform_groups = groups, deform_groups
        self.kernel_size, self.stride = _pair(kernel_size), _pair(stride)
        self.padding, self.dilation = _pair(padding), _pair(dilation)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels // groups, *self.kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, x: Tensor, offset: Tensor, mask: Tensor | None = None) -> Tensor:
        """(N, in_channels, H, W) -> (N, out_channels, h, w)."""
        return modulated_deform_conv2d(
            x, offset, mask, self.weight, self.bias, self.stride, self.padding, self.dilation
        )

    def _offsets(self) -> nn.Conv2d:
        taps = self.kernel_size[0] * self.kernel_size[1]
        out = self.deform_groups * self.per_tap * taps
        made = nn.Conv2d(self.in_channels, out, self.kernel_size, self.stride, self.padding, self.dilation)
        nn.init.zeros_(made.weight)
        nn.init.zeros_(made.bias)  # type: ignore[arg-type]
        return made


class ModulatedDeformConv2dPack(ModulatedDeformConv2d):
    """A layer that works out offsets and mask from the image with a convolution, ``conv_offset``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conv_offset = self._offsets()

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """(N, in_channels, H, W) -> (N, out_channels, h, w)."""
        first, second, mask = self.conv_offset(x).chunk(3, dim=1)
        return super().forward(x, torch.cat((first, second), dim=1), mask.sigmoid())


class DeformConv2d(ModulatedDeformConv2d):
    """A layer without mask and bias."""

    per_tap = 2

    def __init__(self, *arguments: Any, bias: bool = False, **options: Any) -> None:
        super().__init__(*arguments, bias=bias, **options)


class DeformConv2dPack(DeformConv2d):
    """A layer without mask and bias that works out its offsets from the image."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conv_offset = self._offsets()

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """(N, in_channels, H, W) -> (N, out_channels, h, w)."""
        return super().forward(x, self.conv_offset(x))
