"""LKDN: Large Kernel Distillation Network for Efficient Single Image Super-Resolution (CVPR workshops 2023)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from srbench.models.blocks import LKA, ChannelNorm, DistillationFrame, conv, depthwise
from srbench.models.bsrn2022 import ESDB, FRAME_RULES, BSConv, RepeatedHead
from srbench.models.keys import renamer
from srbench.models.reparam import Branches, FramedPair, Reparameterised, fuse


class RepBSConv(Reparameterised):
    """The training form of a blueprint convolution: t = pw(x) + x, then dw(t) + t + a depthwise 1x1 of t."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pointwise = conv(channels, channels, 1, bias=False)
        self.depthwise = depthwise(channels, 3)
        self.single = depthwise(channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (N, c, h, w)."""
        t = self.pointwise(x) + x
        return self.depthwise(t) + t + self.single(t)  # type: ignore[no-any-return]

    def fused(self) -> BSConv:
        """The plain blueprint convolution."""
        channels = self.pointwise.in_channels
        plain = BSConv(channels, channels).to(self.pointwise.weight)
        pointwise, wide = self.pointwise.weight.double(), self.depthwise.weight.double().clone()
        pointwise = pointwise + torch.eye(channels).to(pointwise)[..., None, None]
        wide[..., 1:2, 1:2] += self.single.weight.double() + 1
        bias = self.depthwise.bias.double() + self.single.bias.double()  # type: ignore[union-attr]
        for parameter, value in (
            (plain.pointwise.weight, pointwise),
            (plain.depthwise.weight, wide),
            (plain.depthwise.bias, bias),
        ):
            parameter.data.copy_(value)  # type: ignore[union-attr]
        return plain


class LKDN(DistillationFrame):
    """BSRN's frame around large kernel distillation blocks: 56 channels and 8 blocks; LKDN-S 42 and 5.

    The block is BSRN's without the additions in its chain; its tail is a large kernel attention, a 1x1 and a pixel
    normalisation. ``train_form`` gives the branches that LKDN-S is trained with; :meth:`deploy` fuses them.
    (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(self, scale: int, channels: int = 56, num_blocks: int = 8, *, train_form: bool = False) -> None:
        def block() -> nn.Module:
            tail = nn.Sequential(LKA(channels), conv(channels, channels, 1), ChannelNorm(channels, eps=1e-5))
            refine = (lambda: RepBSConv(channels)) if train_form else None
            return ESDB(channels, tail, residual=False, refine=refine)

        super().__init__(
            (block() for _ in range(num_blocks)),
            channels,
            scale,
            head=RepeatedHead(channels),
            activation=nn.GELU(),
            smooth=BSConv(channels, channels),
        )
        if train_form:
            outputs = 3 * scale**2
            self.upsampler[0] = Branches(
                plain=conv(channels, outputs, 3),
                single=conv(channels, outputs, 1),
                pair=FramedPair(channels, 2 * channels, outputs),
            )

    def deploy(self) -> nn.Module:
        """Fuse the branches of training, in place."""
        return fuse(self)


released_keys = renamer(
    *FRAME_RULES,
    (r"\.atten\.", ".tail.0."),
    (r"\.c6\.", ".tail.1."),
    (r"\.pixel_norm\.", ".tail.2."),
    (r"\.rep1x1\.", ".single."),
    (r"^upsampler\.conv1\.", "upsampler.0.branches.single."),
    (r"^upsampler\.conv3\.", "upsampler.0.branches.plain."),
    (r"^upsampler\.conv1x1\.", "upsampler.0.branches.pair.first."),
    (r"^upsampler\.conv3x3\.", "upsampler.0.branches.pair.second."),
)
