"""FIWHN: Efficient Image Super-Resolution with Feature Interaction Weighted Hybrid Network (IEEE TMM 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import PixelShuffleUpsampler, conv
from srbench.models.keys import renamer

OVERLAP = 10
LARGEST = 40_000
"""Pixels of a quadrant from which it is split again."""


class Scale(nn.Module):
    """One learned factor."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """x times the factor."""
        return x * self.scale


def shuffled(x: Tensor, groups: int) -> Tensor:
    """Channel shuffle: the groups of x (N, c, h, w), interleaved."""
    batch, channels, height, width = x.shape
    return x.view(batch, groups, channels // groups, height, width).transpose(1, 2).flatten(1, 2)


class ShuffleAttention(nn.Module):
    """Four groups of channels; half of each is weighted by its means, half by its normalised self; then a shuffle."""

    def __init__(self, channels: int, groups: int = 4) -> None:
        super().__init__()
        half = channels // groups // 2
        self.groups = groups
        self.mean_weight = nn.Parameter(torch.zeros(1, half, 1, 1))
        self.mean_bias = nn.Parameter(torch.ones(1, half, 1, 1))
        self.plane_weight = nn.Parameter(torch.zeros(1, half, 1, 1))
        self.plane_bias = nn.Parameter(torch.ones(1, half, 1, 1))
        self.norm = nn.GroupNorm(half, half)

    def forward(self, x: Tensor) -> Tensor:
        """Rescale x (N, c, h, w)."""
        batch, channels, height, width = x.shape
        groups = x.reshape(batch * self.groups, channels // self.groups, height, width)
        first, second = groups.chunk(2, dim=1)
        mean = first.mean(dim=(2, 3), keepdim=True)
        first = first * torch.sigmoid(self.mean_weight * mean + self.mean_bias)
        second = second * torch.sigmoid(self.plane_weight * self.norm(second) + self.plane_bias)
        return shuffled(torch.cat([first, second], dim=1).view(batch, channels, height, width), 2)


class WideUnit(nn.Module):
    """1x1 to ``wide``, ReLU, 1x1 to ``narrow``, 3x3 to ``outputs``, attention; plus the input.

    Where ``plain`` there is neither attention nor, unless the number of channels changes, the input: the x2 and x3
    networks have the parameters of both and do not read them.
    """

    def __init__(self, inputs: int, wide: int, narrow: int, outputs: int, *, plain: bool) -> None:
        super().__init__()
        self.plain = plain
        self.body = nn.Sequential(conv(inputs, wide, 1), nn.ReLU(), conv(wide, narrow, 1), conv(narrow, outputs, 3))
        self.attention = ShuffleAttention(outputs)
        self.body_scale, self.input_scale = Scale(), Scale()
        self.project = conv(inputs, outputs, 3) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, inputs, h, w) to (N, outputs, h, w)."""
        y = self.body(x)
        y = self.body_scale(y if self.plain else self.attention(y))
        if self.project is not None:
            return y + self.input_scale(self.project(x))  # type: ignore[no-any-return]
        return y if self.plain else y + self.input_scale(x)  # type: ignore[no-any-return]


class Coefficient(nn.Module):
    """Mean of two gates per channel, one from its mean, one from its standard deviation."""

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.of_mean = nn.Sequential(conv(channels, reduced, 1), nn.ReLU(), conv(reduced, channels, 1), nn.ReLU())
        self.of_std = nn.Sequential(conv(channels, reduced, 1), nn.ReLU(), conv(reduced, channels, 1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """Gate times x (N, c, h, w)."""
        mean = x.mean(dim=(2, 3), keepdim=True)
        std = torch.std(x, dim=(2, 3), correction=0, keepdim=True)
        return (torch.sigmoid(self.of_mean(mean)) + torch.sigmoid(self.of_std(std))) / 2 * x


class InteractionBlock(nn.Module):
    """Wide-residual distillation interaction block: two chains of units that feed each other through coefficients."""

    def __init__(self, channels: int, *, plain: bool) -> None:
        super().__init__()

        def unit() -> WideUnit:
            return WideUnit(channels, 2 * channels, channels // 2, channels, plain=plain)

        self.units = nn.ModuleList(unit() for _ in range(4))
        self.inner = nn.ModuleList(unit() for _ in range(2))
        self.to_lower = nn.ModuleList(Coefficient(channels, channels // 8) for _ in range(2))
        self.to_upper = nn.ModuleList(Coefficient(channels, channels // 8) for _ in range(2))
        self.distill = nn.ModuleList(conv(channels, channels, 1, bias=False) for _ in range(2))
        self.scales = nn.ModuleList(Scale() for _ in range(2))
        self.fuse = WideUnit(2 * channels, 4 * channels, channels, channels, plain=plain)
        self.gate = conv(2 * channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        upper = F.leaky_relu(self.units[0](x), 0.05)
        upper_inner = self.inner[0](upper)
        lower_input = self.to_lower[0](upper_inner) + x
        upper_next = self.to_upper[0](x) + upper_inner
        lower = F.leaky_relu(self.units[1](lower_input), 0.05)
        lower_inner = self.inner[1](lower)
        lower_next = (self.to_lower[1](upper_next) + lower_inner) * torch.sigmoid(self.distill[0](lower))
        upper_last = (self.to_upper[1](lower_inner) + upper_next) * torch.sigmoid(self.distill[1](upper))
        end = self.units[3](lower_next)
        both = torch.cat([self.scales[0](self.units[2](upper_last)), self.scales[1](end)], dim=1)
        return self.fuse(both) + torch.sigmoid(self.gate(both)) * end  # type: ignore[no-any-return]


class PatchTransformer(nn.Module):
    """Self-attention and a feed-forward over tokens of 3x3 pixels around each pixel; overlaps are summed at the end.

    Attention stays within runs of a quarter of the tokens, in the order of rows.
    """

    heads, head_width, scale = 9, 16, 32**-0.5

    def __init__(self, channels: int) -> None:
        super().__init__()
        width = 9 * channels
        self.norm_attention, self.norm_mixer = nn.LayerNorm(width, eps=1e-5), nn.LayerNorm(width, eps=1e-5)
        self.reduce = nn.Linear(width, width // 2, bias=False)
        self.qkv = nn.Linear(width // 2, 3 * width // 2, bias=False)
        self.project = nn.Linear(width // 2, width)
        self.mixer = nn.Sequential(nn.Linear(width, width // 4), nn.ReLU(), nn.Linear(width // 4, width))

    def attend(self, tokens: Tensor) -> Tensor:
        """Attention of tokens (N, count, width) within runs of count // 4."""
        batch, count, _ = tokens.shape
        qkv = self.qkv(self.reduce(tokens)).view(batch, count, 3, self.heads, self.head_width)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        run = max(1, count // 4)
        parts = [
            F.scaled_dot_product_attention(
                q[:, :, start : start + run],
                k[:, :, start : start + run],
                v[:, :, start : start + run],
                scale=self.scale,
            )
            for start in range(0, count, run)
        ]
        return self.project(torch.cat(parts, dim=2).transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        tokens = F.unfold(x, 3, padding=1).transpose(1, 2)
        tokens = tokens + self.attend(self.norm_attention(tokens))
        tokens = tokens + self.mixer(self.norm_mixer(tokens))
        height, width = x.shape[-2:]
        return F.fold(tokens.transpose(1, 2), (height, width), 3, padding=1)


class FIWHN(nn.Module):
    """Three interaction blocks run twice, a patch transformer between: (N, 3, h, w) -> (N, 3, s*h, s*w), range 255.

    The x2 and x3 networks leave out the attention and the skips inside the blocks' units. In eval mode the image is
    split into overlapping quadrants, as its authors always do; that changes the result.
    """

    def __init__(self, scale: int, channels: int = 32, *, split: bool = True) -> None:
        super().__init__()
        plain = scale != 4
        self.scale, self.split = scale, split
        self.subtract_mean, self.add_mean = conv(3, 3, 1), conv(3, 3, 1)
        self.head = conv(3, channels, 3)
        self.blocks = nn.ModuleList(InteractionBlock(channels, plain=plain) for _ in range(3))
        self.concats = nn.ModuleList(
            nn.Conv2d(2 * channels, channels, 3, padding=1, groups=4, bias=False) for _ in range(2)
        )
        self.body_scale, self.input_scale = Scale(), Scale()
        self.down, self.up = conv(channels, channels, 3, bias=False), conv(channels, channels, 3, bias=False)
        self.transformer = nn.Sequential(PatchTransformer(channels), PatchTransformer(channels))
        self.fusion = nn.Sequential(
            conv(2 * channels, channels, 1, bias=False), conv(channels, channels, 3, bias=False)
        )
        self.upsampler = PixelShuffleUpsampler(channels, scale)
        self.skip = nn.Sequential(conv(3, channels, 3), PixelShuffleUpsampler(channels, scale))

    def recurrent(self, x: Tensor, added: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """One run of the three blocks on x; its result, and the output of the second block."""
        first = self.blocks[0](x)
        second = self.blocks[1](first if added is None else first + added)
        third = self.blocks[2](second)
        joined = shuffled(self.concats[0](torch.cat([first, second], dim=1)), 4)
        joined = shuffled(self.concats[1](torch.cat([joined, third], dim=1)), 4)
        return self.body_scale(joined + third) + self.input_scale(x), second

    def whole(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w) in one piece."""
        image = self.subtract_mean(x)
        head = self.head(image)
        once, second = self.recurrent(head)
        wide = self.transformer(self.down(second) + head)
        twice, _ = self.recurrent(once, self.up(wide))
        return self.add_mean(self.upsampler(self.fusion(torch.cat([twice, wide], dim=1))) + self.skip(image))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w); in eval mode from quadrants, unless ``split`` is off."""
        return self.quadrants(x) if self.split and not self.training else self.whole(x)

    def quadrants(self, x: Tensor) -> Tensor:
        """Super-resolve the quadrants of x, each with 10 pixels more, split again while larger than ``LARGEST``."""
        height, width = x.shape[-2:]
        top, left = height // 2, width // 2
        rows, columns = min(height, top + OVERLAP), min(width, left + OVERLAP)
        run = self.quadrants if rows * columns >= LARGEST else self.whole
        upper, lower = x[..., :rows, :], x[..., height - rows :, :]
        done = [[run(part[..., :columns]), run(part[..., width - columns :])] for part in (upper, lower)]
        kept_rows = (slice(0, top * self.scale), slice((rows - (height - top)) * self.scale, None))
        kept_columns = (slice(0, left * self.scale), slice((columns - (width - left)) * self.scale, None))
        return torch.cat(
            [
                torch.cat([one[..., kept_rows[i], kept_columns[j]] for j, one in enumerate(row)], dim=-1)
                for i, row in enumerate(done)
            ],
            dim=-2,
        )


released_keys = renamer(
    (r"^Sub_mean\.", "subtract_mean."),
    (r"^Add_mean\.", "add_mean."),
    (r"^MY(\d)\.", lambda match: f"blocks.{int(match[1]) - 1}."),
    (r"\.srb(\d)\.", lambda match: f".units.{int(match[1]) - 1}."),
    (r"\.rb(\d)\.", lambda match: f".inner.{int(match[1]) - 1}."),
    (r"\.res_scale\.", ".body_scale."),
    (r"\.x_scale\.", ".input_scale."),
    (r"\.SAlayer\.gn\.", ".attention.norm."),
    (r"\.SAlayer\.c(weight|bias)$", r".attention.mean_\1"),
    (r"\.SAlayer\.s(weight|bias)$", r".attention.plane_\1"),
    (r"\.A(\d)_coffconv\.", lambda match: f".to_lower.{int(match[1]) - 1}."),
    (r"\.B(\d)_coffconv\.", lambda match: f".to_upper.{int(match[1]) - 1}."),
    (r"\.upper_branch\.1\.", ".of_mean.0."),
    (r"\.upper_branch\.3\.", ".of_mean.2."),
    (r"\.lower_branch\.", ".of_std."),
    (r"\.conv_distilled(\d)\.", lambda match: f".distill.{int(match[1]) - 1}."),
    (r"\.scale_x(\d)\.", lambda match: f".scales.{int(match[1]) - 1}."),
    (r"\.fuse1\.conv\.", ".fuse.project."),
    (r"\.fuse1\.", ".fuse."),
    (r"\.fuse2\.", ".gate."),
    (r"^conv_concat(\d)\.", lambda match: f"concats.{int(match[1]) - 1}."),
    (r"^scale_x\.", "body_scale."),
    (r"^scale_res\.", "input_scale."),
    (r"^conv_down\.", "down."),
    (r"^conv_up\.", "up."),
    (r"^attention(\d)\.", lambda match: f"transformer.{int(match[1]) - 1}."),
    (r"\.norm1\.", ".norm_attention."),
    (r"\.norm2\.", ".norm_mixer."),
    (r"\.atten\.reduce\.", ".reduce."),
    (r"\.atten\.qkv\.", ".qkv."),
    (r"\.atten\.proj\.", ".project."),
    (r"\.mlp\.fc1\.", ".mixer.0."),
    (r"\.mlp\.fc2\.", ".mixer.2."),
    (r"^conv\.", "fusion.0."),
    (r"^conv1\.", "fusion.1."),
    (r"^UP1\.", "upsampler."),
    (r"^conv2\.", "skip.0."),
    (r"^UP2\.", "skip.1."),
)
