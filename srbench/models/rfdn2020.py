"""RFDN: Residual Feature Distillation Network for Lightweight Image Super-Resolution (AIM 2020, ECCV workshops)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from srbench.models.blocks import CCA, ESA, SRB, DistillationFrame, conv, leaky_relu
from srbench.models.keys import numbered, renamer


class RFDB(nn.Module):
    """Residual feature distillation block: three 1x1 convs beside three SRBs, a last 3x3, 1x1 fusion, attention.

    d_i = act(1x1(r_{i-1})), r_i = SRB(r_{i-1}) for i = 1, 2, 3; r_4 = act(3x3(r_3));
    attention(1x1(concat(d_1, d_2, d_3, r_4))).
    Source: section 3.3, Figure 2c. ``distilled`` follows the distillation rate of Table 2,
    ``last`` stays at half of the channels.
    """

    def __init__(self, channels: int, distilled: int, last: int, attention: nn.Module, *, srb: bool = True) -> None:
        super().__init__()
        self.distill = nn.ModuleList(conv(channels, distilled, 1) for _ in range(3))
        self.refine = nn.ModuleList(SRB(channels, residual=srb) for _ in range(3))
        self.last = conv(channels, last, 3)
        self.activation = leaky_relu()
        self.fusion = conv(3 * distilled + last, channels, 1)
        self.attention = attention

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        collected, r = [], x
        for distill, refine in zip(self.distill, self.refine, strict=True):
            collected.append(self.activation(distill(r)))
            r = refine(r)
        collected.append(self.activation(self.last(r)))
        return self.attention(self.fusion(torch.cat(collected, dim=1)))  # type: ignore[no-any-return]


class ChainBlock(nn.Module):
    """Four 3x3 convolutions in a chain and attention, no distillation: Base and SRB of Table 1.

    With ``srb`` the first three add their input, as the three SRBs of an RFDB do.
    """

    def __init__(self, channels: int, attention: nn.Module, *, srb: bool) -> None:
        super().__init__()
        self.refine = nn.Sequential(*(SRB(channels, residual=srb) for _ in range(3)))
        self.last = SRB(channels, residual=False)
        self.attention = attention

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.attention(self.last(self.refine(x)))  # type: ignore[no-any-return]


class RFDN(DistillationFrame):
    """RFDN (CCA, 48 channels, 6 blocks), RFDN-L (52 channels), E-RFDN (ESA, 50 channels, 4 blocks).

    ``reduction`` divides the channels inside the attention; ``distilled`` defaults to half of the channels.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 48,
        num_blocks: int = 6,
        attention: Literal["cca", "esa"] = "cca",
        reduction: int = 4,
        distilled: int | None = None,
    ) -> None:
        def attend() -> nn.Module:
            return CCA(channels, reduction) if attention == "cca" else ESA(channels, channels // reduction)

        width = channels // 2 if distilled is None else distilled
        blocks = (RFDB(channels, width, channels // 2, attend()) for _ in range(num_blocks))
        super().__init__(blocks, channels, scale)


class AblatedRFDN(DistillationFrame):
    """The rows of Table 1 with less in their six blocks: 52 channels, CCA with reduction 16.

    ``block``: "base", four convolutions in a chain; "srb", the same with residuals; "fdc", an RFDB without residuals.
    """

    def __init__(
        self, scale: int, block: Literal["base", "srb", "fdc"], channels: int = 52, reduction: int = 16
    ) -> None:
        def made() -> nn.Module:
            attention = CCA(channels, reduction)
            if block == "fdc":
                return RFDB(channels, channels // 2, channels // 2, attention, srb=False)
            return ChainBlock(channels, attention, srb=block == "srb")

        super().__init__((made() for _ in range(6)), channels, scale)


ESA_RULES = (
    (r"\.conv1\.", ".reduce."),
    (r"\.conv_f\.", ".skip."),
    (r"\.conv2\.", ".stride."),
    (r"\.conv_max\.", ".group.0."),
    (r"\.conv3\.", ".group.2."),
    (r"\.conv3_\.", ".group.4."),
    (r"\.conv4\.", ".expand."),
)

FRAME_RULES = (
    (r"^fea_conv\.", "head."),
    (r"^B(\d+)\.", numbered("blocks.{}.")),
    (r"^c\.0\.", "fusion.0."),
    (r"^LR_conv\.", "smooth."),
    (r"\.c5\.", ".fusion."),
    (r"\.c4\.", ".last."),
)

released_keys = renamer(
    *FRAME_RULES,
    (r"\.c([123])_d\.", numbered(".distill.{}.")),
    (r"\.c([123])_r\.", numbered(".refine.{}.conv.")),
    (r"\.esa\.", ".attention."),
    *ESA_RULES,
)
