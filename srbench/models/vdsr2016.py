"""VDSR: Accurate Image Super-Resolution Using Very Deep Convolutional Networks (CVPR 2016)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import conv


class VDSR(nn.Module):
    """Twenty 3x3 convolutions with ReLU between them predict what the bicubic-upsampled luma lacks.

    (N, 1, H, W) -> (N, 1, H, W); one network for every scale. Source: section 3.1, Figure 2.
    """

    def __init__(self, scale: int, depth: int = 20, channels: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(1, channels, 3), nn.ReLU(inplace=True)]
        for _ in range(depth - 2):
            layers += [conv(channels, channels, 3), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers, conv(channels, 1, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Add the predicted residual to the upsampled luma x (N, 1, H, W)."""
        return x + self.layers(x)  # type: ignore[no-any-return]
