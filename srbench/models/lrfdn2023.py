"""LRFDN: Lightweight Residual Feature Distillation Network for Efficient Image Super-Resolution (NTIRE 2023 entry)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import SRB, DistillationFrame, conv, leaky_relu
from srbench.models.keys import numbered, renamer
from srbench.models.rfdn2020 import FRAME_RULES


class EFSA(nn.Module):
    """Enhanced fast spatial attention: ESA with two parallel convolutions, one dilated, and a hard sigmoid.

    The skip is taken without a convolution. Needs h, w >= 15, as ESA. Source: Figure 2(c), after MAFFSRN.
    """

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.reduce = conv(channels, reduced, 1)
        self.stride = nn.Conv2d(reduced, reduced, 3, stride=2)
        self.near = nn.Sequential(conv(reduced, reduced, 3), leaky_relu())
        self.far = nn.Sequential(conv(reduced, reduced, 3, dilation=2), leaky_relu())
        self.expand = conv(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each position of x (N, c, h, w)."""
        reduced = self.reduce(x)
        pooled = F.max_pool2d(self.stride(reduced), kernel_size=7, stride=3)
        coarse = F.interpolate(
            self.near(pooled) + self.far(pooled), size=x.shape[-2:], mode="bilinear", align_corners=False
        )
        return x * (F.relu6(self.expand(coarse + reduced) + 3) / 6)


class LRFDB(nn.Module):
    """RFDB with the refinement *behind* the distillation, so that its width halves at every step: 32, 16, 8, 8 of 64.

    d_i = gelu(1x1(r_{i-1})), r_i = gelu(3x3(d_i) + d_i); r_4 = gelu(3x3(r_3)); concat, 1x1, EFSA, and a learned
    weight per channel. Source: Figure 2(a).
    """

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        widths = [channels, channels // 2, channels // 4, channels // 8]
        self.distill = nn.ModuleList(conv(a, b, 1) for a, b in pairwise(widths))
        self.refine = nn.ModuleList(SRB(width, nn.GELU()) for width in widths[1:])
        self.last = conv(widths[-1], widths[-1], 3)
        self.activation = nn.GELU()
        self.fusion = conv(channels, channels, 1)
        self.attention = EFSA(channels, reduced)
        self.channel_weight = nn.Parameter(torch.ones(1, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        collected, r = [], x
        for distill, refine in zip(self.distill, self.refine, strict=True):
            d = self.activation(distill(r))
            collected.append(d)
            r = refine(d)
        collected.append(self.activation(self.last(r)))
        y: Tensor = self.attention(self.fusion(torch.cat(collected, dim=1)))
        return y * self.channel_weight[:, :, None, None]


class LRFDN(DistillationFrame):
    """LRFDN: 4 blocks, 64 channels, GELU."""

    def __init__(self, scale: int, channels: int = 64, num_blocks: int = 4) -> None:
        blocks = (LRFDB(channels, channels // 4) for _ in range(num_blocks))
        super().__init__(blocks, channels, scale, activation=nn.GELU())


released_keys = renamer(
    *FRAME_RULES,
    (r"\.c([123])_d\.", numbered(".distill.{}.")),
    (r"\.c([123])_r\.", numbered(".refine.{}.conv.")),
    (r"\.cw$", ".channel_weight"),
    (r"\.esa\.", ".attention."),
    (r"\.conv1\.", ".reduce."),
    (r"\.conv2\.", ".stride."),
    (r"\.conv_max\.0\.", ".near.0."),
    (r"\.conv3\.0\.", ".far.0."),
    (r"\.conv4\.", ".expand."),
)
