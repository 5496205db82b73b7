"""EDSR: Enhanced Deep Residual Networks for Single Image Super-Resolution (CVPR 2017 workshops).

Its upsampler and mean shift are also those of RDN, RCAN and SAN.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv

MEAN = (0.4488, 0.4371, 0.4040)
"""Mean RGB of DIV2K, for images in [0, 1]."""


class StagedUpsampler(nn.Sequential):
    """3x3 to factor**2 times the channels and pixel shuffle, twice x2 for x4; then a 3x3 to RGB.

    (N, c, h, w) -> (N, 3, scale*h, scale*w). Source: Figure 3 (and ESPCN, 2016).
    """

    def __init__(self, channels: int, scale: int) -> None:
        layers: list[nn.Module] = []
        for factor in (2, 2) if scale == 4 else (scale,):
            layers += [conv(channels, channels * factor**2, 3), nn.PixelShuffle(factor)]
        super().__init__(*layers, conv(channels, 3, 3))


class MeanShifted(nn.Module):
    """Frame of EDSR and its followers: subtract the mean RGB, head, body plus head, upsampler, add the mean.

    The mean is a constant in [0, 255], not a parameter. (N, 3, h, w) -> (N, 3, scale*h, scale*w).
    """

    mean: Tensor

    def __init__(self, body: nn.Module, channels: int, scale: int) -> None:
        super().__init__()
        self.register_buffer("mean", 255 * torch.tensor(MEAN).reshape(1, 3, 1, 1), persistent=False)
        self.head = conv(3, channels, 3)
        self.body = body
        self.upsampler = StagedUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w) in [0, 255]."""
        head = self.head(x - self.mean)
        return self.upsampler(head + self.body(head)) + self.mean  # type: ignore[no-any-return]


class ResidualBlock(nn.Module):
    """x + scaling * 3x3(ReLU(3x3(x))), without batch normalisation. Source: section 3.1, Figure 2(c)."""

    def __init__(self, channels: int, scaling: float = 1.0) -> None:
        super().__init__()
        self.scaling = scaling
        self.convs = nn.ModuleList([conv(channels, channels, 3), conv(channels, channels, 3)])

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y: Tensor = self.convs[1](F.relu(self.convs[0](x)))
        return x + (y if self.scaling == 1 else self.scaling * y)


class EDSR(MeanShifted):
    """32 residual blocks of 256 channels with residual scaling 0.1; the baseline has 16 of 64 and no scaling.

    Source: section 3.2, Table 1.
    """

    def __init__(self, scale: int, channels: int = 256, blocks: int = 32, scaling: float = 0.1) -> None:
        chain = (ResidualBlock(channels, scaling) for _ in range(blocks))
        super().__init__(nn.Sequential(*chain, conv(channels, channels, 3)), channels, scale)
