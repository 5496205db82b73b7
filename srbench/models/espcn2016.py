"""ESPCN: Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel CNN (CVPR 2016)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import conv
from srbench.models.keys import renamer


class ESPCN(nn.Module):
    """5x5 to 64 channels, tanh, 3x3 to 32, tanh, 3x3 and pixel shuffle: (N, c, h, w) -> (N, c, s*h, s*w).

    The first network to enlarge at its end, by the pixel shuffle it introduced. ``sigmoid`` bounds the output to 0..1,
    as the weights at hand were trained with.
    """

    def __init__(self, scale: int, colours: int = 3, *, sigmoid: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(colours, 64, 5), nn.Tanh(), conv(64, 32, 3), nn.Tanh(), conv(32, colours * scale**2, 3)
        )
        self.upsampler = nn.PixelShuffle(scale)
        self.bound = nn.Sigmoid() if sigmoid else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, c, h, w)."""
        return self.bound(self.upsampler(self.body(x)))  # type: ignore[no-any-return]


released_keys = renamer((r"^conv1\.", "body.0."), (r"^conv2\.", "body.2."), (r"^conv3\.", "body.4."))
