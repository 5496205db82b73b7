"""VapSR: Efficient Image Super-Resolution Using Vast-Receptive-Field Attention (ECCV workshops 2022)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import LKA, ChannelNorm, conv, leaky_relu
from srbench.models.keys import renamer


class VAB(nn.Module):
    """Vast-receptive-field attention block: 1x1 to ``wide``, GELU, large kernel attention, 1x1 back, plus x, norm.

    The normalisation stands behind the addition.
    """

    def __init__(self, channels: int, wide: int) -> None:
        super().__init__()
        self.expand = conv(channels, wide, 1)
        self.activation = nn.GELU()
        self.attention = LKA(wide)
        self.reduce = conv(wide, channels, 1)
        self.norm = ChannelNorm(channels, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.norm(self.reduce(self.attention(self.activation(self.expand(x)))) + x)  # type: ignore[no-any-return]


def upsampler(channels: int, scale: int) -> nn.Sequential:
    """Two pixel shuffles of 2 at x4 (64 and 12 channels before them), else 56 channels and one shuffle."""
    if scale == 4:
        return nn.Sequential(
            conv(channels, 64, 3), nn.PixelShuffle(2), leaky_relu(0.1), conv(16, 12, 3), nn.PixelShuffle(2)
        )
    return nn.Sequential(conv(channels, 56, 3), leaky_relu(0.1), conv(56, 3 * scale**2, 3), nn.PixelShuffle(scale))


class VapSR(nn.Module):
    """3x3 head, VABs in a chain, 3x3 plus the head, upsampler: (N, 3, h, w) -> (N, 3, s*h, s*w).

    VapSR has 48 channels, 64 in the attention and 21 blocks at x4, 20 at x2 and x3 (``num_blocks`` None);
    VapSR-S 32, 64 and 11, and two groups in the convolution behind the blocks.
    """

    def __init__(
        self, scale: int, channels: int = 48, wide: int = 64, num_blocks: int | None = None, groups: int = 1
    ) -> None:
        super().__init__()
        count = num_blocks or (21 if scale == 4 else 20)
        self.head = conv(3, channels, 3)
        self.blocks = nn.Sequential(*(VAB(channels, wide) for _ in range(count)))
        self.smooth = nn.Conv2d(channels, channels, 3, padding=1, groups=groups)
        self.upsampler = upsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x)
        return self.upsampler(self.smooth(self.blocks(head)) + head)  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^conv_first\.", "head."),
    (r"^conv_body\.", "smooth."),
    (r"^body\.", "blocks."),
    (r"\.proj_1\.", ".expand."),
    (r"\.atten_branch\.", ".attention."),
    (r"\.proj_2\.", ".reduce."),
    (r"\.pixel_norm\.", ".norm."),
)
