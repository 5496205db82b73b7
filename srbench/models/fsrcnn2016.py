"""FSRCNN: Accelerating the Super-Resolution Convolutional Neural Network (ECCV 2016)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import conv
from srbench.models.keys import renamer


class FSRCNN(nn.Module):
    """Feature extraction, shrinking, mapping, expanding and one transposed convolution, on the LR luma or colours.

    FSRCNN(d, s, m) with d = 56, s = 12, m = 4 and a PReLU per channel after every convolution.
    (N, colours, h, w) -> (N, colours, scale*h, scale*w). Only the stride of the 9x9 transposed convolution
    depends on the scale. Source: section 3.2, Figure 2, Table 1.
    """

    def __init__(self, scale: int, features: int = 56, shrunk: int = 12, depth: int = 4, colours: int = 1) -> None:
        super().__init__()
        widths = [(colours, features, 5), (features, shrunk, 1), *[(shrunk, shrunk, 3)] * depth, (shrunk, features, 1)]
        layers: list[nn.Module] = []
        for inputs, outputs, kernel in widths:
            layers += [conv(inputs, outputs, kernel), nn.PReLU(outputs)]
        self.body = nn.Sequential(*layers)
        self.upsampler = nn.ConvTranspose2d(features, colours, 9, stride=scale, padding=4, output_padding=scale - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, colours, h, w)."""
        return self.upsampler(self.body(x))  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^first_part\.", "body."),
    (r"^mid_part\.(\d+)\.", lambda match: f"body.{int(match.group(1)) + 2}."),
    (r"^last_part\.", "upsampler."),
)
