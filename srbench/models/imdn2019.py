"""IMDN: Lightweight Image Super-Resolution with Information Multi-distillation Network (ACM MM 2019)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from srbench.models.blocks import CCA, DistillationFrame, ResidualFrame, conv, leaky_relu
from srbench.models.keys import numbered, renamer

Attention = Literal["cca", "ca", "none"]


def _attention(kind: Attention, channels: int) -> nn.Module:
    return nn.Identity() if kind == "none" else CCA(channels, 16, contrast=kind == "cca")


class IMDB(nn.Module):
    """Information multi-distillation block: progressive refinement, attention, 1x1 fusion, plus the input.

    Each of three 3x3 convolutions keeps a quarter of the block's channels and hands the rest on;
    a last one (no activation) makes the fourth quarter. Source: section 3.2, Table 1, Eq. 3-4, Figure 2.
    """

    def __init__(self, channels: int, attention: Attention = "cca") -> None:
        super().__init__()
        kept = channels // 4
        self.split = [kept, channels - kept]
        self.refine = nn.ModuleList(
            [conv(channels, channels, 3), conv(channels - kept, channels, 3), conv(channels - kept, channels, 3)]
        )
        self.last = conv(channels - kept, kept, 3)
        self.activation = leaky_relu()
        self.attention = _attention(attention, channels)
        self.fusion = conv(4 * kept, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        distilled, rest = [], x
        for layer in self.refine:
            kept, rest = torch.split(self.activation(layer(rest)), self.split, dim=1)
            distilled.append(kept)
        distilled.append(self.last(rest))
        return self.fusion(self.attention(torch.cat(distilled, dim=1))) + x  # type: ignore[no-any-return]


class PlainBlock(nn.Module):
    """Three 3x3 convolutions in the place of an IMDB, plus the input (Table 2, first row)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*(layer for _ in range(3) for layer in (conv(channels, channels, 3), leaky_relu())))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.body(x) + x  # type: ignore[no-any-return]


class IMDN(DistillationFrame):
    """IMDN as the paper's Table 5 has it: 6 IMDBs with CCA, 64 channels, all block outputs collected."""

    def __init__(self, scale: int, channels: int = 64, num_blocks: int = 6, attention: Attention = "cca") -> None:
        super().__init__((IMDB(channels, attention) for _ in range(num_blocks)), channels, scale)


class IMDNBasic(ResidualFrame):
    """IMDN without intermediate information collection (Figure 7).

    ``block="plain"`` and ``attention`` give the rows of Tables 2 and 3; 8 blocks without attention
    are the IMDN baseline of AIM 2020 and NTIRE 2022; 12 channels, 5 blocks and a 1x1 at the end IMDN_RTC.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 64,
        num_blocks: int = 4,
        attention: Attention = "none",
        block: Literal["imdb", "plain"] = "imdb",
        smooth_kernel: int = 3,
    ) -> None:
        make = (lambda: IMDB(channels, attention)) if block == "imdb" else (lambda: PlainBlock(channels))
        super().__init__((make() for _ in range(num_blocks)), channels, scale, smooth_kernel=smooth_kernel)


BLOCK_RULES = (
    (r"\.c([123])\.", numbered(r".refine.{}.")),
    (r"\.c4\.", ".last."),
    (r"\.c5\.", ".fusion."),
    (r"\.cca\.conv_du\.", ".attention.gate."),
)

released_keys = renamer(
    (r"^fea_conv\.", "head."),
    (r"^IMDB(\d+)\.", numbered("blocks.{}.")),
    (r"^c\.0\.", "fusion.0."),
    (r"^LR_conv\.", "smooth."),
    *BLOCK_RULES,
)

baseline_keys = renamer(
    (r"^model\.0\.", "head."),
    (r"^model\.1\.sub\.8\.", "smooth."),
    (r"^model\.1\.sub\.(\d+)\.", r"blocks.\1."),
    (r"^model\.2\.", "upsampler.0."),
    (r"\.conv([123])\.0\.", numbered(".refine.{}.")),
    (r"\.conv4\.", ".last."),
    (r"\.conv1x1\.", ".fusion."),
)

rtc_keys = renamer(
    (r"^model\.0\.", "head."),
    (r"^model\.1\.sub\.5\.", "smooth."),
    (r"^model\.1\.sub\.(\d+)\.", r"blocks.\1."),
    (r"^model\.2\.", "upsampler.0."),
    *BLOCK_RULES,
)
