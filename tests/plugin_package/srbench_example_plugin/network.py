"""The network of the card ``example-espcn``, imported when it is built."""

from __future__ import annotations

from torch import Tensor, nn


class ExampleESPCN(nn.Module):
    """3x3, ReLU, 3x3, pixel shuffle: (N, 3, h, w) -> (N, 3, scale*h, scale*w)."""

    def __init__(self, scale: int, channels: int) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, channels, 3, padding=1)
        self.tail = nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x."""
        return self.shuffle(self.tail(self.head(x).relu()))
