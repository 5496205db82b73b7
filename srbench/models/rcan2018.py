"""RCAN: Image Super-Resolution Using Very Deep Residual Channel Attention Networks (ECCV 2018)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import CCA, conv
from srbench.models.edsr2017 import MeanShifted


class RCAB(nn.Module):
    """Residual channel attention block: 3x3, ReLU, 3x3, channel attention, plus the input. Source: Eq. 10-11."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            conv(channels, channels, 3),
            nn.ReLU(inplace=True),
            conv(channels, channels, 3),
            CCA(channels, reduction, contrast=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return x + self.layers(x)  # type: ignore[no-any-return]


class ResidualGroup(nn.Module):
    """``blocks`` RCABs and a 3x3, plus the input (the short skip connection). Source: Eq. 5-6."""

    def __init__(self, channels: int, reduction: int, blocks: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(RCAB(channels, reduction) for _ in range(blocks)), conv(channels, channels, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return x + self.layers(x)  # type: ignore[no-any-return]


class RCAN(MeanShifted):
    """Residual in residual: ten groups of twenty channel-attention blocks, reduction 16, 64 channels.

    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: sections 3.1-3.4, Figure 2.
    """

    def __init__(self, scale: int, channels: int = 64, groups: int = 10, blocks: int = 20, reduction: int = 16) -> None:
        chain = (ResidualGroup(channels, reduction, blocks) for _ in range(groups))
        super().__init__(nn.Sequential(*chain, conv(channels, channels, 3)), channels, scale)
