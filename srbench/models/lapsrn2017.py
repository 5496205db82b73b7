"""LapSRN: Deep Laplacian Pyramid Networks for Fast and Accurate Super-Resolution (CVPR 2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_FEATURES = 64


def _bilinear_kernel() -> Tensor:
    """4x4 kernel of bilinear upsampling by 2, (1, 1, 4, 4); the image branch starts from it (section 3.1)."""
    line = torch.tensor([0.25, 0.75, 0.75, 0.25])
    return torch.outer(line, line).reshape(1, 1, 4, 4)


class PyramidLevel(nn.Module):
    """One level, x2: ``depth`` convolutions, a transposed one, and the residual added to the upsampled image."""

    def __init__(self, depth: int, kernel: int, *, bias: bool) -> None:
        super().__init__()
        c = _FEATURES
        self.convs = nn.ModuleList(nn.Conv2d(c, c, 3, padding=1, bias=bias) for _ in range(depth))
        odd = kernel % 2
        self.up = nn.ConvTranspose2d(c, c, kernel, stride=2, padding=1, output_padding=odd, bias=bias)
        self.residual = nn.Conv2d(c, 1, 3, padding=1, bias=bias)
        self.image_up = nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1, bias=False)
        with torch.no_grad():
            self.image_up.weight.copy_(_bilinear_kernel())

    def forward(self, features: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 64, h, w) features and (N, 1, h, w) image -> both at (2h, 2w)."""
        for layer in self.convs:
            features = F.leaky_relu(layer(features), 0.2)
        features = F.leaky_relu(self.up(features), 0.2)
        return features, self.image_up(image) + self.residual(features)


class LapSRN(nn.Module):
    """Laplacian pyramid on luma: log2(scale) levels, each doubling features and image.

    At x3 it is the x4 network followed by an antialiased bicubic reduction to 3/4, as the paper's
    x3 figures were made. (N, 1, h, w) -> (N, 1, scale*h, scale*w).
    Source: section 3.1-3.2, Figure 1; ``depth`` is the paper's d.
    """

    def __init__(self, scale: int, depth: int = 10, kernel: int = 3, *, bias: bool = False) -> None:
        super().__init__()
        self.scale = scale
        levels = (scale - 1).bit_length()
        self.head = nn.Conv2d(1, _FEATURES, 3, padding=1, bias=bias)
        self.levels = nn.ModuleList(PyramidLevel(depth, kernel, bias=bias) for _ in range(levels))

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve the luma x (N, 1, h, w)."""
        features, image = F.leaky_relu(self.head(x), 0.2), x
        for level in self.levels:
            features, image = level(features, image)
        if 2 ** len(self.levels) == self.scale:
            return image
        size = [side * self.scale for side in x.shape[-2:]]
        return F.interpolate(image, size=size, mode="bicubic", align_corners=False, antialias=True)
