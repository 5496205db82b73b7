"""MSRResNet, the SRResNet of SRGAN (CVPR 2017) without batch normalisation, as challenges and AIDN use it."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv
from srbench.models.edsr2017 import ResidualBlock


class MSRResNet(nn.Module):
    """Sixteen residual blocks, upsampling by 3x3 + pixel shuffle, a 3x3 at HR, plus the bilinear upsampled input.

    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: SRGAN, section 2.1.1, Figure 4; the challenges'
    baseline drops batch normalisation and the skip around the blocks, and adds the one around the network.
    """

    def __init__(self, scale: int, channels: int = 64, blocks: int = 16) -> None:
        super().__init__()
        self.scale = scale
        self.head = conv(3, channels, 3)
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        layers: list[nn.Module] = []
        for factor in (2, 2) if scale == 4 else (scale,):
            layers += [conv(channels, channels * factor**2, 3), nn.PixelShuffle(factor), self._act()]
        self.upsampler = nn.Sequential(*layers)
        self.tail = nn.Sequential(conv(channels, channels, 3), self._act(), conv(channels, 3, 3))
        self.activation = self._act()

    @staticmethod
    def _act() -> nn.LeakyReLU:
        return nn.LeakyReLU(0.1, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        y = self.tail(self.upsampler(self.blocks(self.activation(self.head(x)))))
        return y + F.interpolate(x, scale_factor=self.scale, mode="bilinear", align_corners=False)  # type: ignore[no-any-return]
