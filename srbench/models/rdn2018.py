"""RDN: Residual Dense Network for Image Super-Resolution (CVPR 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv
from srbench.models.edsr2017 import StagedUpsampler


class RDB(nn.Module):
    """Residual dense block: ``layers`` densely connected 3x3 + ReLU, 1x1 fusion, plus the input.

    Source: section 3.2, Eq. 4-7, Figure 3.
    """

    def __init__(self, channels: int, growth: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv(channels + i * growth, growth, 3) for i in range(layers))
        self.fusion = conv(channels + layers * growth, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        dense = x
        for layer in self.layers:
            dense = torch.cat([dense, F.relu(layer(dense))], dim=1)
        return x + self.fusion(dense)  # type: ignore[no-any-return]


class RDN(nn.Module):
    """Two 3x3, sixteen RDBs of eight layers, 1x1 over all of them and 3x3, plus the first; staged upsampler.

    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: section 3.1, Eq. 1-3 and 8-9; D = 16, C = 8, G = 64.
    """

    def __init__(self, scale: int, channels: int = 64, growth: int = 64, blocks: int = 16, layers: int = 8) -> None:
        super().__init__()
        self.head, self.enter = conv(3, channels, 3), conv(channels, channels, 3)
        self.blocks = nn.ModuleList(RDB(channels, growth, layers) for _ in range(blocks))
        self.fusion = nn.Sequential(conv(blocks * channels, channels, 1), conv(channels, channels, 3))
        self.upsampler = StagedUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x)
        y, collected = self.enter(head), []
        for block in self.blocks:
            y = block(y)
            collected.append(y)
        return self.upsampler(head + self.fusion(torch.cat(collected, dim=1)))  # type: ignore[no-any-return]
