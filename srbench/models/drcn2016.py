"""DRCN: Deeply-Recursive Convolutional Network for Image Super-Resolution (CVPR 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)


class DRCN(nn.Module):
    """One 3x3 convolution applied sixteen times; every recursion is reconstructed, and the results averaged.

    H_0 = embedding(x); H_d = ReLU(W * H_{d-1}) with the same W; y_d = x + reconstruction(H_d) with
    the same reconstruction; the output is the weighted mean of the y_d with learned weights.
    (N, 1, H, W) -> (N, 1, H, W). Source: sections 3.1-3.2, Eq. 1-8, Figure 3(a); 256 features, 16 recursions.
    """

    def __init__(self, scale: int, channels: int = 256, recursions: int = 16) -> None:
        super().__init__()
        self.embedding = nn.ModuleList([_conv(1, channels), _conv(channels, channels)])
        self.recursion = _conv(channels, channels)
        self.reconstruction = nn.ModuleList([_conv(channels, channels), _conv(channels, 1)])
        self.ensemble = nn.Parameter(torch.full((recursions,), 1 / recursions))

    def forward(self, x: Tensor) -> Tensor:
        """Sharpen the upsampled luma x (N, 1, H, W); every pass of a shared convolution is a call."""
        hidden = x
        for layer in self.embedding:
            hidden = F.relu(layer(hidden))
        weights = self.ensemble / self.ensemble.sum()
        result = torch.zeros_like(x)
        for weight in weights:
            hidden = F.relu(self.recursion(hidden))
            refined = self.reconstruction[1](F.relu(self.reconstruction[0](hidden)))
            result = result + weight * (x + refined)
        return result
