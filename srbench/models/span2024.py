"""SPAN: Swift Parameter-free Attention Network for Efficient Super-Resolution (CVPR workshops 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import PixelShuffleUpsampler, conv
from srbench.models.cfsr2024 import MEAN
from srbench.models.keys import numbered, renamer
from srbench.models.reparam import Branches, FramedTriple, fuse


def wide_conv(inputs: int, outputs: int, *, train_form: bool) -> nn.Module:
    """A 3x3; in training a 1x1 to twice ``inputs``, a 3x3 and a 1x1, beside a 1x1."""
    if not train_form:
        return conv(inputs, outputs, 3)
    return Branches(chain=FramedTriple(inputs, 2 * inputs, outputs), single=conv(inputs, outputs, 1))


class SPAB(nn.Module):
    """Three 3x3, SiLU after two; plus the input, times the sigmoid of the third less 1/2: attention without weights."""

    def __init__(self, channels: int, *, train_form: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList(wide_conv(channels, channels, train_form=train_form) for _ in range(3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The refined x (N, c, h, w), and the activated output of the first convolution."""
        first = F.silu(self.convs[0](x))
        third = self.convs[2](F.silu(self.convs[1](first)))
        return (third + x) * (torch.sigmoid(third) - 0.5), first


class SPAN(nn.Module):
    """3x3 head, six blocks, 3x3; concat with the head, the first block and the sixth's inside, 1x1; pixel shuffle.

    28 channels, SPAN-tiny 26. The input is x minus the mean, times 255; the output is in 0..1. ``train_form`` gives
    the branches of training; :meth:`deploy` fuses them. (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    mean: Tensor

    def __init__(self, scale: int, channels: int = 28, num_blocks: int = 6, *, train_form: bool = False) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.head = wide_conv(3, channels, train_form=train_form)
        self.blocks = nn.ModuleList(SPAB(channels, train_form=train_form) for _ in range(num_blocks))
        self.smooth = wide_conv(channels, channels, train_form=train_form)
        self.fusion = conv(4 * channels, channels, 1)
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = y = self.head((x - self.mean) * 255)
        outputs, inside = [], head
        for block in self.blocks:
            y, inside = block(y)
            outputs.append(y)
        return self.upsampler(self.fusion(torch.cat([head, self.smooth(y), outputs[0], inside], dim=1)))  # type: ignore[no-any-return]

    def deploy(self) -> nn.Module:
        """Fuse the branches of training, in place."""
        return fuse(self)


released_keys = renamer(
    (r"\.eval_conv\.", "."),
    (r"^conv_1\.", "head."),
    (r"^conv_2\.", "smooth."),
    (r"^conv_cat\.", "fusion."),
    (r"^block_(\d+)\.", numbered("blocks.{}.")),
    (r"\.c([123])_r\.", numbered(".convs.{}.")),
)
