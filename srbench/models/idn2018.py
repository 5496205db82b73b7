"""IDN: Fast and Accurate Single Image Super-Resolution via Information Distillation Network (CVPR 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv, leaky_relu


def _chain(*layers: tuple[int, int, int]) -> nn.Sequential:
    """3x3 convolutions (inputs, outputs, groups), each followed by LeakyReLU 0.05."""
    modules: list[nn.Module] = []
    for inputs, outputs, groups in layers:
        modules += [nn.Conv2d(inputs, outputs, 3, padding=1, groups=groups), leaky_relu()]
    return nn.Sequential(*modules)


class DBlock(nn.Module):
    """Information distillation block: enhancement unit (two chains of three convs) and 1x1 compression unit.

    A quarter of the first chain's channels is kept and concatenated with the input; the rest passes
    the second chain and is added to it. The middle convolution of each chain has 4 groups.
    Source: section 3.2, Eq. 4-8, Figure 2.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.passed = 16, 48
        self.above = _chain((64, 48, 1), (48, 32, 4), (32, 64, 1))
        self.below = _chain((48, 64, 1), (64, 48, 4), (48, 80, 1))
        self.compress = conv(80, 64, 1)
        self.activation = leaky_relu()

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, 64, h, w)."""
        kept, passed = torch.split(self.above(x), [self.kept, self.passed], dim=1)
        enhanced = self.below(passed) + torch.cat([x, kept], dim=1)
        return self.activation(self.compress(enhanced))  # type: ignore[no-any-return]


class IDN(nn.Module):
    """Two 3x3 convolutions, four distillation blocks, a 17x17 transposed convolution, plus the upsampled luma.

    (N, 1, h, w) -> (N, 1, scale*h, scale*w). Source: section 3.1, Eq. 1-3, Figure 1.
    """

    def __init__(self, scale: int, blocks: int = 4) -> None:
        super().__init__()
        self.scale = scale
        self.head = _chain((1, 64, 1), (64, 64, 1))
        self.blocks = nn.Sequential(*(DBlock() for _ in range(blocks)))
        self.upsampler = nn.ConvTranspose2d(64, 1, 17, stride=scale, padding=8, output_padding=scale - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve the luma x (N, 1, h, w)."""
        bicubic = F.interpolate(x, scale_factor=self.scale, mode="bicubic", align_corners=False)
        return bicubic + self.upsampler(self.blocks(self.head(x)))  # type: ignore[no-any-return]
