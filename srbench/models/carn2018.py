"""CARN and CARN-M: Fast, Accurate, and Lightweight Super-Resolution with Cascading Residual Network (ECCV 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv
from srbench.models.keys import numbered, renamer

MEAN = (0.4488, 0.4371, 0.4040)
"""Mean RGB of DIV2K, for images in [0, 1]."""


def _grouped(inputs: int, outputs: int, groups: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, groups=groups)


def mean_shift(sign: Literal[-1, 1]) -> nn.Conv2d:
    """1x1 convolution of the identity with bias ``sign`` * mean RGB."""
    shift = nn.Conv2d(3, 3, 1)
    with torch.no_grad():
        shift.weight.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        shift.bias.copy_(sign * torch.tensor(MEAN))  # type: ignore[union-attr]
    return shift


class ResidualBlock(nn.Module):
    """3x3, ReLU, 3x3, plus the input, ReLU. Source: section 3.2."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList([conv(channels, channels, 3), conv(channels, channels, 3)])

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return F.relu(self.convs[1](F.relu(self.convs[0](x))) + x)


class EfficientBlock(nn.Module):
    """Grouped 3x3, ReLU, grouped 3x3, ReLU, 1x1, plus the input, ReLU. Source: section 3.3, Figure 4(b)."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [_grouped(channels, channels, groups), _grouped(channels, channels, groups), conv(channels, channels, 1)]
        )

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y = F.relu(self.convs[1](F.relu(self.convs[0](x))))
        return F.relu(self.convs[2](y) + x)


class Cascade(nn.Module):
    """Steps in a chain; before each next one, a 1x1 and ReLU over the input and all outputs so far.

    A step listed three times as the same module is a recursive one. The paper cascades residual
    blocks within a block and blocks within the network by the same rule. Source: section 3.1-3.2, Eq. 3-6.
    """

    def __init__(self, steps: Sequence[nn.Module], channels: int, *, shared: bool = False) -> None:
        super().__init__()
        self.steps = nn.ModuleList(steps[:1] if shared else steps)
        self.fusions = nn.ModuleList(conv((i + 2) * channels, channels, 1) for i in range(len(steps)))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        collected = y = x
        for i, fusion in enumerate(self.fusions):
            step = self.steps[i % len(self.steps)]
            collected = torch.cat([collected, step(y)], dim=1)
            y = F.relu(fusion(collected))
        return y


def _upsampler(scale: int, channels: int, groups: int) -> nn.Sequential:
    """Grouped 3x3, ReLU and pixel shuffle; twice x2 for x4."""
    layers: list[nn.Module] = []
    for factor in (2, 2) if scale == 4 else (scale,):
        layers += [_grouped(channels, channels * factor**2, groups), nn.ReLU(inplace=True), nn.PixelShuffle(factor)]
    return nn.Sequential(*layers)


class CARN(nn.Module):
    """Three cascading blocks of three residual blocks, cascaded again; a grouped upsampler per scale; 3x3.

    ``groups`` and ``shared`` make it CARN-M: residual blocks with grouped convolutions, one per
    cascading block, called three times. ``all_scales`` holds the upsamplers of x2, x3 and x4, as the
    papers' multi-scale networks do; only the one of ``scale`` is called. ``shift_as_conv`` holds the
    mean shifts as 1x1 convolutions, as the released CARN-M does.
    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: section 3, Figure 3.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 64,
        groups: int = 1,
        *,
        shared: bool = False,
        all_scales: bool = True,
        shift_as_conv: bool = False,
    ) -> None:
        super().__init__()
        self.scale = scale

        def block() -> nn.Module:
            steps = [EfficientBlock(channels, groups) if groups > 1 else ResidualBlock(channels) for _ in range(3)]
            return Cascade(steps, channels, shared=shared)

        if shift_as_conv:
            self.sub_mean, self.add_mean = mean_shift(-1), mean_shift(1)
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1), persistent=False)
        self.shift_as_conv = shift_as_conv
        self.head = conv(3, channels, 3)
        self.body = Cascade([block() for _ in range(3)], channels)
        scales = (2, 3, 4) if all_scales else (scale,)
        self.upsamplers = nn.ModuleDict({f"x{s}": _upsampler(s, channels, groups) for s in scales})
        self.tail = conv(channels, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        centred = self.sub_mean(x) if self.shift_as_conv else x - self.mean  # type: ignore[operator]
        y = self.tail(self.upsamplers[f"x{self.scale}"](self.body(self.head(centred))))
        return self.add_mean(y) if self.shift_as_conv else y + self.mean  # type: ignore[no-any-return]


_BODY_LAYER = {"0": "0", "2": "1", "4": "2"}

released_keys = renamer(
    (r"^(sub|add)_mean\.shifter\.", r"\1_mean."),
    (r"^entry\.", "head."),
    (r"^exit\.", "tail."),
    (r"^upsample\.up(\d)\.body\.", r"upsamplers.x\1."),
    (r"^b(\d)\.b1\.body\.(\d)\.", lambda m: f"body.steps.{int(m[1]) - 1}.steps.0.convs.{_BODY_LAYER[m[2]]}."),
    (r"^b(\d)\.c(\d)\.body\.0\.", lambda m: f"body.steps.{int(m[1]) - 1}.fusions.{int(m[2]) - 1}."),
    (r"^c(\d)\.body\.0\.", numbered("body.fusions.{}.")),
)
