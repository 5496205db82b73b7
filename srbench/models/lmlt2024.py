"""LMLT: Low-to-high Multi-Level Vision Transformer for Image Super-Resolution (2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.errors import SrbenchError
from srbench.models.blocks import ChannelNorm, PixelShuffleUpsampler, conv, depthwise
from srbench.models.keys import renamer

WINDOW = 8
LEVELS = 4
MULTIPLE = WINDOW * 2 ** (LEVELS - 1)


def pad_reflected(x: Tensor, multiple: int) -> Tensor:
    """x (N, c, h, w), mirrored at the right and the bottom up to multiples of ``multiple``; h, w >= 2.

    An image smaller than what it lacks is mirrored several times.

    Raises:
        SrbenchError: an image of one row or column, which has no mirror image.
    """
    if min(x.shape[-2:]) < 2:
        raise SrbenchError(f"LMLT mirrors its input, which takes at least 2x2 pixels, got {x.shape[-2]}x{x.shape[-1]}.")
    height, width = (-(-size // multiple) * multiple for size in x.shape[-2:])
    while x.shape[-2:] != (height, width):
        right = min(width - x.shape[-1], x.shape[-1] - 1)
        bottom = min(height - x.shape[-2], x.shape[-2] - 1)
        x = F.pad(x, (0, right, 0, bottom), mode="reflect")
    return x


class WindowAttention(nn.Module):
    """Self-attention of one head in windows of 8x8 pixels, plus a depthwise 3x3 of the values; h, w multiples of 8.

    The 3x3 sees each window alone, with zeros around it.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(channels, 3 * channels)
        self.local = depthwise(channels, 3)
        self.project = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        batch, channels, height, width = x.shape
        rows, columns = height // WINDOW, width // WINDOW
        grid = x.view(batch, channels, rows, WINDOW, columns, WINDOW).permute(0, 2, 4, 3, 5, 1)
        q, k, v = self.qkv(grid.reshape(-1, WINDOW**2, channels)).chunk(3, dim=-1)
        weight = torch.softmax(q @ k.transpose(-2, -1) * channels**-0.5, dim=-1)
        image = v.transpose(1, 2).reshape(-1, channels, WINDOW, WINDOW)
        y = self.project(weight @ v + self.local(image).flatten(2).transpose(1, 2))
        windows = y.view(batch, rows, columns, WINDOW, WINDOW, channels)
        return windows.permute(0, 5, 1, 3, 2, 4).reshape(batch, channels, height, width)  # type: ignore[no-any-return]


class LHSB(nn.Module):
    """Low-to-high self-attention block: four groups of channels at 1, 1/2, 1/4 and 1/8 of the size, from low to high.

    What attention finds at one level is added to the next higher one. All are enlarged, merged by a 1x1, GELU, times
    the input.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(WindowAttention(channels // LEVELS) for _ in range(LEVELS))
        self.aggregate = conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w); h, w are multiples of 64."""
        height, width = size = x.shape[-2:]
        parts = list(x.chunk(LEVELS, dim=1))
        for level in range(1, LEVELS):
            parts[level] = F.adaptive_max_pool2d(parts[level], (height // 2**level, width // 2**level))
        collected = []
        for level in reversed(range(LEVELS)):
            found = self.levels[level](parts[level])
            if level:
                parts[level - 1] = parts[level - 1] + F.interpolate(found, scale_factor=2, mode="nearest")
            collected.append(F.interpolate(found, size=(size[0], size[1]), mode="nearest") if level else found)
        return F.gelu(self.aggregate(torch.cat(collected, dim=1))) * x


class LMLTBlock(nn.Module):
    """x + LHSB(norm(x)), then x + 1x1(gelu(3x3(norm(x)))) with twice the channels between."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm_attention = ChannelNorm(channels, eps=1e-6)
        self.attention = LHSB(channels)
        self.norm_mixer = ChannelNorm(channels, eps=1e-6)
        self.mixer = nn.Sequential(conv(channels, 2 * channels, 3), nn.GELU(), conv(2 * channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        x = x + self.attention(self.norm_attention(x))
        return x + self.mixer(self.norm_mixer(x))  # type: ignore[no-any-return]


class LMLT(nn.Module):
    """3x3 head, blocks, plus the head, 3x3 and pixel shuffle; the image is mirrored up to multiples of 64 first.

    Tiny has 36 channels and 8 blocks. (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(self, scale: int, channels: int = 36, num_blocks: int = 8) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.blocks = nn.Sequential(*(LMLTBlock(channels) for _ in range(num_blocks)))
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        height, width = x.shape[-2:]
        head = self.head(pad_reflected(x, MULTIPLE))
        return self.upsampler((self.blocks(head) + head)[..., :height, :width])  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^to_feat\.", "head."),
    (r"^feats\.", "blocks."),
    (r"^to_img\.", "upsampler."),
    (r"\.norm1\.", ".norm_attention."),
    (r"\.norm2\.", ".norm_mixer."),
    (r"\.lhsb\.mfr\.", ".attention.levels."),
    (r"\.lhsb\.aggr\.", ".attention.aggregate."),
    (r"\.get_v\.", ".local."),
    (r"\.proj\.", ".project."),
    (r"\.ccm\.ccm\.", ".mixer."),
)
