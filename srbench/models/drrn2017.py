"""DRRN: Image Super-Resolution via Deep Recursive Residual Network (CVPR 2017)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv


class DRRN(nn.Module):
    """One recursive block of ``units`` residual units that share their two convolutions, plus a global residual.

    unit(h) = W2 * act(W1 * act(h)) + h_0, with h_0 the block's first feature map and act = ReLU
    in front of every convolution (pre-activation). B1U9 has 9 units (20 layers), B1U25 has 25 (52 layers).
    The counted network has no batch normalisation. (N, 1, H, W) -> (N, 1, H, W).
    Source: section 3, Eq. 5-8, Figures 3-4; 128 features.
    """

    def __init__(self, scale: int, units: int = 9, channels: int = 128) -> None:
        super().__init__()
        self.units = units
        self.head = conv(1, channels, 3)
        self.first = conv(channels, channels, 3)
        self.second = conv(channels, channels, 3)
        self.tail = conv(channels, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Sharpen the upsampled luma x (N, 1, H, W); every pass of a shared convolution is a call."""
        start = hidden = self.head(F.relu(x))
        for _ in range(self.units):
            hidden = self.second(F.relu(self.first(F.relu(hidden)))) + start
        return x + self.tail(F.relu(hidden))  # type: ignore[no-any-return]
