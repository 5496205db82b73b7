"""FSRCNN: Accelerating the Super-Resolution Convolutional Neural Network (ECCV 2016)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import conv


class FSRCNN(nn.Module):
    """Feature extraction, shrinking, mapping, expanding and one transposed convolution, on the LR luma.

    FSRCNN(d, s, m) with d = 56, s = 12, m = 4 and a PReLU per channel after every convolution.
    (N, 1, h, w) -> (N, 1, scale*h, scale*w). Only the stride of the 9x9 transposed convolution
    depends on the scale. Source: section 3.2, Figure 2, Table 1.
    """

    def __init__(self, scale: int, features: int = 56, shrunk: int = 12, depth: int = 4) -> None:
        super().__init__()
        widths = [(1, features, 5), (features, shrunk, 1), *[(shrunk, shrunk, 3)] * depth, (shrunk, features, 1)]
        layers: list[nn.Module] = []
        for inputs, outputs, kernel in widths:
            layers += [conv(inputs, outputs, kernel), nn.PReLU(outputs)]
        self.body = nn.Sequential(*layers)
        self.upsampler = nn.ConvTranspose2d(features, 1, 9, stride=scale, padding=4, output_padding=scale - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve the luma x (N, 1, h, w)."""
        return self.upsampler(self.body(x))  # type: ignore[no-any-return]
