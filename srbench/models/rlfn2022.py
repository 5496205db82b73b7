"""RLFN: Residual Local Feature Network for Efficient Super-Resolution (CVPR workshops 2022)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import ESA, PixelShuffleUpsampler, conv, leaky_relu
from srbench.models.keys import numbered, renamer


class RLFB(nn.Module):
    """Residual local feature block: three 3x3 convolutions, each activated, plus the input; 1x1; one-conv ESA.

    There is no distillation: everything stays in one chain of ``channels``, ``middle``, ``middle``, ``channels``.

    """

    def __init__(self, channels: int, middle: int, reduced: int, *, bias: bool = True) -> None:
        super().__init__()
        widths = ((channels, middle), (middle, middle), (middle, channels))
        self.refine = nn.ModuleList(conv(a, b, 3, bias=bias) for a, b in widths)
        self.activation = leaky_relu()
        self.fusion = conv(channels, channels, 1, bias=bias)
        self.attention = ESA(channels, reduced, group=conv(reduced, reduced, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y = x
        for layer in self.refine:
            y = self.activation(layer(y))
        return self.attention(self.fusion(y + x))  # type: ignore[no-any-return]


class RLFN(nn.Module):
    """3x3 head, RLFBs in a chain, 3x3 plus the head, 3x3 and pixel shuffle: (N, 3, h, w) -> (N, 3, s*h, s*w).

    RLFN has 52 channels and 6 blocks, RLFN-S 48, the NTIRE 2022 winner 46 (48 inside) and 4 blocks. DIPNet is the same
    graph, pruned to 44 (38 inside) and 4 blocks without biases.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 52,
        middle: int | None = None,
        num_blocks: int = 6,
        reduced: int = 16,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.head = conv(3, channels, 3, bias=bias)
        self.blocks = nn.Sequential(
            *(RLFB(channels, middle or channels, reduced, bias=bias) for _ in range(num_blocks))
        )
        self.smooth = conv(channels, channels, 3, bias=bias)
        self.upsampler = PixelShuffleUpsampler(channels, scale, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x)
        return self.upsampler(self.smooth(self.blocks(head)) + head)  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^conv_1\.", "head."),
    (r"^conv_2\.", "smooth."),
    (r"^block_(\d+)\.", numbered("blocks.{}.")),
    (r"\.c([123])_r\.", numbered(".refine.{}.")),
    (r"\.c5\.", ".fusion."),
    (r"\.esa\.conv1\.", ".attention.reduce."),
    (r"\.esa\.conv_f\.", ".attention.skip."),
    (r"\.esa\.conv2\.", ".attention.stride."),
    (r"\.esa\.conv3\.", ".attention.group."),
    (r"\.esa\.conv4\.", ".attention.expand."),
)
