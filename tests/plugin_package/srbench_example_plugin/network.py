"""The network of the card ``example-espcn``, imported when it is built: (N, 3, h, w) -> (N, 3, scale*h, scale*w)."""

from torch import nn


class ExampleESPCN(nn.Sequential):
    def __init__(self, scale: int, channels: int) -> None:
        first, last = nn.Conv2d(3, channels, 3, padding=1), nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        super().__init__(first, nn.ReLU(), last, nn.PixelShuffle(scale))
