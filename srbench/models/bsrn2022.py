"""BSRN: Blueprint Separable Residual Network for Efficient Image Super-Resolution (CVPR workshops 2022)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from srbench.models.blocks import CCA, ESA, DistillationFrame, conv, depthwise
from srbench.models.keys import Rule, numbered, renamer
from srbench.models.rfdn2020 import ESA_RULES


class BSConv(nn.Module):
    """Blueprint separable convolution: a 1x1, then a depthwise 3x3 (with ``stride`` 2 without padding).

    Source: BSConv (2020) as used in BSRN. ``bias`` is that of the 1x1; BSRN-S has it.
    """

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, bias: bool = False) -> None:
        super().__init__()
        self.pointwise = conv(inputs, outputs, 1, bias=bias)
        self.depthwise = depthwise(outputs, 3)
        if stride > 1:
            self.depthwise = nn.Conv2d(outputs, outputs, 3, stride=stride, groups=outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (N, c, h, w)."""
        return self.depthwise(self.pointwise(x))  # type: ignore[no-any-return]


class RepeatedHead(nn.Module):
    """The image repeated four times along its channels, and one convolution."""

    def __init__(self, channels: int, *, bias: bool = False) -> None:
        super().__init__()
        self.conv = BSConv(12, channels, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Features (N, c, h, w) of the image x (N, 3, h, w)."""
        return self.conv(x.repeat(1, 4, 1, 1))  # type: ignore[no-any-return]


class ESDB(nn.Module):
    """Efficient separable distillation block: RFDB with blueprint convolutions, GELU and any ``tail``, plus the input.

    d_i = gelu(1x1(r_{i-1})), r_i = gelu(refine(r_{i-1}) + r_{i-1}) for i = 1, 2, 3 (without the addition where not
    ``residual``); r_4 = gelu(BSConv(r_3)); tail(1x1(concat(d_1, d_2, d_3, r_4))) + x.
    """

    def __init__(
        self,
        channels: int,
        tail: nn.Module,
        *,
        residual: bool = True,
        bias: bool = False,
        refine: Callable[[], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        half = channels // 2
        make = refine or (lambda: BSConv(channels, channels, bias=bias))
        self.residual = residual
        self.distill = nn.ModuleList(conv(channels, half, 1) for _ in range(3))
        self.refine = nn.ModuleList(make() for _ in range(3))
        self.last = BSConv(channels, half, bias=bias)
        self.activation = nn.GELU()
        self.fusion = conv(2 * channels, channels, 1)
        self.tail = tail

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        collected, r = [], x
        for distill, refine in zip(self.distill, self.refine, strict=True):
            collected.append(self.activation(distill(r)))
            refined = refine(r)
            r = self.activation(refined + r if self.residual else refined)
        collected.append(self.activation(self.last(r)))
        return self.tail(self.fusion(torch.cat(collected, dim=1))) + x  # type: ignore[no-any-return]


class ChannelWeight(nn.Module):
    """A learned weight per channel: what BSRN-S has in the place of channel attention."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each channel of x (N, c, h, w)."""
        return x * self.weight


def separable_esa(channels: int, reduced: int, *, bias: bool, dense_stride: bool) -> ESA:
    """ESA with blueprint convolutions and GELU behind the pooling, and before it unless ``dense_stride``."""
    group = [BSConv(reduced, reduced, bias=bias) for _ in range(3)]
    return ESA(
        channels,
        reduced,
        stride=None if dense_stride else BSConv(reduced, reduced, stride=2, bias=bias),
        group=nn.Sequential(group[0], nn.GELU(), group[1], nn.GELU(), group[2]),
    )


class BSRN(DistillationFrame):
    """BSRN (64 channels, 8 blocks, ESA and CCA) and BSRN-S (48 channels, 5 blocks, a weight per channel for CCA).

    (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(
        self,
        scale: int,
        channels: int = 64,
        num_blocks: int = 8,
        reduced: int = 16,
        attention: Literal["cca", "weight"] = "cca",
        pointwise_bias: bool = False,
    ) -> None:
        small = attention == "weight"

        def tail() -> nn.Sequential:
            esa = separable_esa(channels, reduced, bias=pointwise_bias, dense_stride=small)
            if small:
                return nn.Sequential(esa, ChannelWeight(channels), conv(channels, channels, 1))
            return nn.Sequential(esa, CCA(channels, 16))

        super().__init__(
            (ESDB(channels, tail(), bias=pointwise_bias) for _ in range(num_blocks)),
            channels,
            scale,
            head=RepeatedHead(channels, bias=pointwise_bias),
            activation=nn.GELU(),
            smooth=BSConv(channels, channels, bias=pointwise_bias),
        )


FRAME_RULES: tuple[Rule, ...] = (
    (r"^fea_conv\.", "head.conv."),
    (r"^B(\d+)\.", numbered("blocks.{}.")),
    (r"^c1\.", "fusion.0."),
    (r"^c2\.", "smooth."),
    (r"\.c([123])_d\.", numbered(".distill.{}.")),
    (r"\.c([123])_r\.", numbered(".refine.{}.")),
    (r"\.c4\.", ".last."),
    (r"\.c5\.", ".fusion."),
    (r"\bpw\.", "pointwise."),
    (r"\bdw\.", "depthwise."),
)

_renamed = renamer(
    *FRAME_RULES,
    (r"^upsampler\.upsampleOneStep\.", "upsampler."),
    (r"\.esa\.", ".tail.0."),
    (r"\.cca\.conv_du\.", ".tail.1.gate."),
    (r"\.cw$", ".tail.1.weight"),
    (r"\.conv_out\.", ".tail.2."),
    *ESA_RULES,
)


def released_keys(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our names; the matrices of BSRN-S's linear layers become 1x1 convolutions."""
    return {key: tensor[..., None, None] if tensor.dim() == 2 else tensor for key, tensor in _renamed(state).items()}
