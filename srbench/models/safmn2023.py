"""SAFMN: Spatially-Adaptive Feature Modulation for Efficient Image Super-Resolution (ICCV 2023), challenge variants."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import PixelShuffleUpsampler, conv, depthwise
from srbench.models.keys import renamer


def enlarged(x: Tensor, scale: int) -> Tensor:
    """The bilinear image of x, which both variants add to their output."""
    return F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)


class GRN(nn.Module):
    """Global response normalisation: each channel by its length over the plane relative to the mean length, plus x."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each channel of x (N, c, h, w)."""
        length = torch.linalg.vector_norm(x, dim=(2, 3), keepdim=True)
        relative: Tensor = length / (length.mean(dim=1, keepdim=True) + 1e-6)
        return self.gamma * (x * relative) + self.beta + x


class SAFM(nn.Module):
    """Four groups of channels through a depthwise 3x3 at 1, 1/4, 1/8 and 1/16 of the size; their 1x1, GELU, times x.

    The smaller ones are maxima, enlarged again by nearest neighbour. Needs h, w >= 16.
    """

    def __init__(self, channels: int, levels: int = 4) -> None:
        super().__init__()
        self.levels = nn.ModuleList(depthwise(channels // levels, 3, bias=False) for _ in range(levels))
        self.aggregate = conv(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        height, width = x.shape[-2:]
        parts = []
        for index, (part, level) in enumerate(zip(x.chunk(len(self.levels), dim=1), self.levels, strict=True)):
            if index:
                divisor = 2 ** (index + 1)
                part = F.adaptive_max_pool2d(part, (height // divisor, width // divisor))
            parts.append(F.interpolate(level(part), size=(height, width), mode="nearest") if index else level(part))
        return F.gelu(self.aggregate(torch.cat(parts, dim=1))) * x


class AttBlock(nn.Module):
    """x + SAFM(x), then x + 1x1(gelu(3x3(x))) with twice the channels between, without biases."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.safm = SAFM(channels)
        self.mixer = nn.Sequential(
            conv(channels, 2 * channels, 3, bias=False), nn.GELU(), conv(2 * channels, channels, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        x = x + self.safm(x)
        return x + self.mixer(x)  # type: ignore[no-any-return]


class ChallengeSAFMN(nn.Module):
    """The NTIRE 2023 entry: 3x3 head, response normalisation, eight blocks, 3x3 and pixel shuffle, plus bilinear.

    Unlike the network of the ICCV paper it has no layer normalisation and no skip around the blocks.
    (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(self, scale: int, channels: int = 36, num_blocks: int = 8) -> None:
        super().__init__()
        self.scale = scale
        self.head = conv(3, channels, 3)
        self.norm = GRN(channels)
        self.blocks = nn.Sequential(*(AttBlock(channels) for _ in range(num_blocks)))
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        return self.upsampler(self.blocks(self.norm(self.head(x)))) + enlarged(x, self.scale)  # type: ignore[no-any-return]


class SimpleSAFM(nn.Module):
    """3x3, a third of whose channels are modulated by their own maxima at 1/8 of the size; GELU, 1x1.

    Needs h, w >= 8.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.modulated = channels // 3
        self.project = conv(channels, channels, 3, bias=False)
        self.coarse = depthwise(self.modulated, 3, bias=False)
        self.merge = conv(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y = self.project(x)
        height, width = y.shape[-2:]
        wide, rest = y[:, : self.modulated], y[:, self.modulated :]
        coarse = self.coarse(F.adaptive_max_pool2d(wide, (height // 8, width // 8)))
        back = F.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False)
        return self.merge(F.gelu(torch.cat([rest, F.gelu(back) * wide], dim=1)))  # type: ignore[no-any-return]


class SimpleBlock(nn.Module):
    """x + 1x1(gelu(3x3(SAFM(x)))) with one and a half times the channels between, without biases."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = channels * 3 // 2
        self.safm = SimpleSAFM(channels)
        self.mixer = nn.Sequential(conv(channels, wide, 3, bias=False), nn.GELU(), conv(wide, channels, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.mixer(self.safm(x)) + x  # type: ignore[no-any-return]


class SAFMNpp(nn.Module):
    """SAFMN++, the NTIRE 2024 entry: 3x3 head, six blocks, 3x3 and pixel shuffle, plus bilinear; no bias anywhere.

    (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(self, scale: int, channels: int = 36, num_blocks: int = 6) -> None:
        super().__init__()
        self.scale = scale
        self.head = conv(3, channels, 3, bias=False)
        self.blocks = nn.Sequential(*(SimpleBlock(channels) for _ in range(num_blocks)))
        self.upsampler = PixelShuffleUpsampler(channels, scale, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        return self.upsampler(self.blocks(self.head(x))) + enlarged(x, self.scale)  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^to_feat\.", "head."),
    (r"^feats\.", "blocks."),
    (r"^to_img\.", "upsampler."),
    (r"\.safm\.mfr\.", ".safm.levels."),
    (r"\.safm\.aggr\.", ".safm.aggregate."),
    (r"\.ccm\.ccm\.", ".mixer."),
    (r"\.conv1\.proj\.", ".safm.project."),
    (r"\.conv1\.dwconv\.", ".safm.coarse."),
    (r"\.conv1\.out\.", ".safm.merge."),
    (r"\.conv2\.conv1\.", ".mixer.0."),
    (r"\.conv2\.conv2\.", ".mixer.2."),
)
