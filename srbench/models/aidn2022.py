"""AIDN: Asymmetric Information Distillation Network for Lightweight Super Resolution (CVPR workshops 2022)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from srbench.models.blocks import ESA, DistillationFrame, conv, leaky_relu
from srbench.models.keys import numbered, renamer
from srbench.models.rfdn2020 import ESA_RULES, FRAME_RULES

Block = Literal["aidb", "fdc", "aieb", "base"]

FUSION_SLOPE = 0.1
"""Slope behind the 1x1 fusion of the block outputs; found by the released ARFDN, which loses 0.8 dB with 0.05."""

AIEB_INNER = 37
"""Channels inside an AIEB of 50 channels that has the parameters of a 3x3 convolution (Table 2, "AIEB")."""


class AIEB(nn.Module):
    """Asymmetric information enhancement block: (3x1, 1x3) beside (1x3, 3x1), their sum.

    An activation stands between the two convolutions of a branch; the first goes from ``inputs`` to
    ``inner`` (by default ``outputs``) channels. Source: section 3.3, Figure 3(d).
    """

    def __init__(self, inputs: int, outputs: int, inner: int | None = None) -> None:
        super().__init__()
        inner = outputs if inner is None else inner
        self.tall_wide = nn.Sequential(conv(inputs, inner, (3, 1)), leaky_relu(), conv(inner, outputs, (1, 3)))
        self.wide_tall = nn.Sequential(conv(inputs, inner, (1, 3)), leaky_relu(), conv(inner, outputs, (3, 1)))

    def forward(self, x: Tensor) -> Tensor:
        """Map x (N, inputs, h, w) to (N, outputs, h, w)."""
        return self.tall_wide(x) + self.wide_tall(x)  # type: ignore[no-any-return]


class AIDB(nn.Module):
    """Asymmetric information distillation block.

    With r_0 = x: d_i = act(1x1(r_{i-1})); r_i = act(AIEB(r_{i-1}) + r_{i-1} + d_i + ... + d_1), where r_0 is
    left out of the sum because it is twice as wide; r_4 = act(3x3(r_3)); ESA(1x1(concat(d_1, d_2, d_3, r_4))).
    Source: section 3.3, Figure 3(c). With ``multiplex=False`` no d is added again (Table 2's FDC).
    """

    def __init__(self, channels: int, distilled: int, *, multiplex: bool = True) -> None:
        super().__init__()
        self.multiplex = multiplex
        widths = (channels, distilled, distilled)
        self.distill = nn.ModuleList(conv(width, distilled, 1) for width in widths)
        self.enhance = nn.ModuleList(AIEB(width, distilled) for width in widths)
        self.last = conv(distilled, distilled, 3)
        self.activation = leaky_relu()
        self.fusion = conv(4 * distilled, channels, 1)
        self.attention = ESA(channels, channels // 4)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        distilled: list[Tensor] = []
        r = x
        for i, (distill, enhance) in enumerate(zip(self.distill, self.enhance, strict=True)):
            distilled.append(self.activation(distill(r)))
            total = enhance(r) if i == 0 else enhance(r) + r
            for d in reversed(distilled if self.multiplex else []):
                total = total + d
            r = self.activation(total)
        distilled.append(self.activation(self.last(r)))
        return self.attention(self.fusion(torch.cat(distilled, dim=1)))  # type: ignore[no-any-return]


class ChainBlock(nn.Module):
    """Three stages in a chain, each with an activation, and ESA, no distillation: Base and AIEB of Table 2.

    A stage is a 3x3 convolution (Base) or an AIEB with ``inner`` channels, which makes it about as large.
    Figure 4 is not in the text we have; this is our reading of it.
    """

    def __init__(self, channels: int, inner: int | None) -> None:
        super().__init__()
        stages = (conv(channels, channels, 3) if inner is None else AIEB(channels, channels, inner) for _ in range(3))
        self.stages = nn.Sequential(*(layer for stage in stages for layer in (stage, leaky_relu())))
        self.attention = ESA(channels, channels // 4)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.attention(self.stages(x))  # type: ignore[no-any-return]


class AIDN(DistillationFrame):
    """AIDN (6 blocks, as the paper's tables), ARFDN, the authors' NTIRE 2022 entry (4 blocks), and ablations.

    ``block``: "aidb"; "fdc", without the multiplexing; "base" and "aieb", without distillation.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 50,
        num_blocks: int = 6,
        block: Block = "aidb",
    ) -> None:
        def make() -> nn.Module:
            if block in ("aidb", "fdc"):
                return AIDB(channels, channels // 2, multiplex=block == "aidb")
            return ChainBlock(channels, AIEB_INNER if block == "aieb" else None)

        blocks = (make() for _ in range(num_blocks))
        super().__init__(blocks, channels, scale, activation=leaky_relu(FUSION_SLOPE))


released_keys = renamer(
    *FRAME_RULES,
    (r"\.c([012])_d\.", r".distill.\1."),
    (r"\.c([123])_l1\.", numbered(".enhance.{}.tall_wide.0.")),
    (r"\.c([123])_l2\.", numbered(".enhance.{}.tall_wide.2.")),
    (r"\.c([123])_m1\.", numbered(".enhance.{}.wide_tall.0.")),
    (r"\.c([123])_m2\.", numbered(".enhance.{}.wide_tall.2.")),
    (r"\.mpa\.", ".attention."),
    *ESA_RULES,
)
