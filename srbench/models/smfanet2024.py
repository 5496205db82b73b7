"""SMFANet: A Lightweight Self-Modulation Feature Aggregation Network for Efficient Super-Resolution (ECCV 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import PixelShuffleUpsampler, conv, depthwise
from srbench.models.keys import renamer

COARSE = 8
"""The self-modulation looks at one value per 8x8 pixels."""


class LocalDetail(nn.Module):
    """3x3 to twice the channels (one input each), 1x1, GELU, 1x1 back."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.expand = nn.Sequential(
            nn.Conv2d(channels, 2 * channels, 3, padding=1, groups=channels), conv(2 * channels, 2 * channels, 1)
        )
        self.reduce = conv(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.reduce(F.gelu(self.expand(x)))  # type: ignore[no-any-return]


class SMFA(nn.Module):
    """Self-modulation feature aggregation: one half is modulated by its coarse maximum and variance, one refined.

    The coarse map is the maximum over 8x8 pixels through a depthwise 3x3; the variance (unbiased) is that of a whole
    channel, so cutting an image into tiles changes the result. Needs h, w >= 8.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.split = conv(channels, 2 * channels, 1)
        self.coarse = depthwise(channels, 3)
        self.coarse_weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.variance_weight = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.modulate = conv(channels, channels, 1)
        self.detail = LocalDetail(channels)
        self.merge = conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        local, wide = self.split(x).chunk(2, dim=1)
        height, width = wide.shape[-2:]
        coarse = self.coarse(F.adaptive_max_pool2d(wide, (height // COARSE, width // COARSE)))
        variance = torch.var(wide, dim=(2, 3), keepdim=True)
        modulation = F.gelu(self.modulate(coarse * self.coarse_weight + variance * self.variance_weight))
        modulated = wide * F.interpolate(modulation, size=(height, width), mode="nearest")
        return self.merge(modulated + self.detail(local))  # type: ignore[no-any-return]


class PCFN(nn.Module):
    """Partial convolution feed-forward: 1x1 to twice the channels, a 3x3 on a quarter of them, 1x1 back."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.partial = 2 * channels // 4
        self.expand = conv(channels, 2 * channels, 1)
        self.mix = conv(self.partial, self.partial, 3)
        self.reduce = conv(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y = F.gelu(self.expand(x))
        part, rest = y[:, : self.partial], y[:, self.partial :]
        return self.reduce(torch.cat([F.gelu(self.mix(part)), rest], dim=1))  # type: ignore[no-any-return]


class FMB(nn.Module):
    """Feature modulation block: x + SMFA(n(x)), then x + PCFN(n(x)); n gives each pixel's channels the length 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.smfa = SMFA(channels)
        self.pcfn = PCFN(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        x = x + self.smfa(F.normalize(x))
        return x + self.pcfn(F.normalize(x))  # type: ignore[no-any-return]


class SMFANet(nn.Module):
    """3x3 head, blocks in a chain, plus the head, 3x3 and pixel shuffle: (N, 3, h, w) -> (N, 3, s*h, s*w).

    SMFANet has 36 channels and 8 blocks, SMFANet+ 48 and 12.
    """

    def __init__(self, scale: int, channels: int = 36, num_blocks: int = 8) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.blocks = nn.Sequential(*(FMB(channels) for _ in range(num_blocks)))
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x)
        return self.upsampler(self.blocks(head) + head)  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^to_feat\.", "head."),
    (r"^feats\.", "blocks."),
    (r"^to_img\.", "upsampler."),
    (r"\.smfa\.alpha$", ".smfa.coarse_weight"),
    (r"\.smfa\.belt$", ".smfa.variance_weight"),
    (r"\.linear_0\.", ".split."),
    (r"\.linear_1\.", ".modulate."),
    (r"\.linear_2\.", ".merge."),
    (r"\.dw_conv\.", ".coarse."),
    (r"\.lde\.conv_0\.", ".detail.expand."),
    (r"\.lde\.conv_1\.", ".detail.reduce."),
    (r"\.pcfn\.conv_0\.", ".pcfn.expand."),
    (r"\.pcfn\.conv_1\.", ".pcfn.mix."),
    (r"\.pcfn\.conv_2\.", ".pcfn.reduce."),
)
