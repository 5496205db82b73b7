"""CFSR: Transforming Image Super-Resolution, a ConvFormer-based Efficient Approach (IEEE TIP 2024)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from srbench.models.blocks import ChannelNorm, PixelShuffleUpsampler, conv, depthwise
from srbench.models.keys import renamer
from srbench.models.reparam import Reparameterised, fuse

MEAN = (0.4488, 0.4371, 0.4040)
"""Mean of DIV2K's pixels, RGB in [0, 1]."""

MASKS = {
    "sobel_x": ((0, 1, -1), (2, 0, -2), (1, 0, -1)),
    "sobel_y": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    "laplacian": ((1, 0, 0), (1, -4, 1), (0, 1, 0)),
}
"""The edge masks of the training form; Sobel-x and the Laplacian are the authors', which are not the textbook's."""


class EdgeDepthwise(Reparameterised):
    """A depthwise 3x3 beside three fixed edge masks, each with a learned factor and bias per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.plain = depthwise(channels, 3)
        self.factors = nn.Parameter(torch.full((len(MASKS), channels), 1e-3))
        self.biases = nn.Parameter(torch.zeros(len(MASKS), channels))
        self.register_buffer("masks", torch.tensor(list(MASKS.values()), dtype=torch.float32), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve each channel of x (N, c, h, w) by itself."""
        out: Tensor = self.plain(x)
        for factor, bias, mask in zip(self.factors, self.biases, cast(Tensor, self.masks), strict=True):
            weight = factor[:, None, None, None] * mask
            out = out + nn.functional.conv2d(x, weight, bias, padding=1, groups=len(factor))
        return out

    def fused(self) -> nn.Conv2d:
        """The plain depthwise convolution."""
        layer = depthwise(self.factors.shape[1], 3).to(self.factors)
        masks = torch.einsum("mc,mhw->chw", self.factors.double(), cast(Tensor, self.masks).double())[:, None]
        bias = self.plain.bias.double()  # type: ignore[union-attr]
        layer.weight.data.copy_(self.plain.weight.double() + masks)
        layer.bias.data.copy_(bias + self.biases.double().sum(0))  # type: ignore[union-attr]
        return layer


class LargeKernelMixer(nn.Module):
    """In the place of self-attention: norm, 1x1, GELU, depthwise 9x9, times a 1x1 of the same input, 1x1."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels, eps=1e-6)
        self.gate = nn.Sequential(conv(channels, channels, 1), nn.GELU(), depthwise(channels, kernel))
        self.value = conv(channels, channels, 1)
        self.project = conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Mix x (N, c, h, w) over space."""
        y = self.norm(x)
        return self.project(self.gate(y) * self.value(y))  # type: ignore[no-any-return]


class EdgeFeedForward(nn.Module):
    """Norm, 1x1 to twice the channels, GELU, plus the GELU of a depthwise 3x3, 1x1 back."""

    def __init__(self, channels: int, *, train_form: bool) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels, eps=1e-6)
        self.expand = conv(channels, 2 * channels, 1)
        self.local = EdgeDepthwise(2 * channels) if train_form else depthwise(2 * channels, 3)
        self.activation = nn.GELU()
        self.reduce = conv(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Mix x (N, c, h, w) over channels."""
        y = self.activation(self.expand(self.norm(x)))
        return self.reduce(y + self.activation(self.local(y)))  # type: ignore[no-any-return]


class CFBlock(nn.Module):
    """x + scale * mixer(x), then x + scale * feed-forward(x), with a learned scale per channel."""

    def __init__(self, channels: int, kernel: int, *, train_form: bool) -> None:
        super().__init__()
        self.mixer = LargeKernelMixer(channels, kernel)
        self.feed_forward = EdgeFeedForward(channels, train_form=train_form)
        self.mixer_scale = nn.Parameter(torch.ones(channels))
        self.feed_forward_scale = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        x = x + self.mixer_scale[:, None, None] * self.mixer(x)
        return x + self.feed_forward_scale[:, None, None] * self.feed_forward(x)  # type: ignore[no-any-return]


class CFLayer(nn.Module):
    """Blocks in a chain, y, and y plus a 1x1 of it."""

    def __init__(self, channels: int, kernel: int, num_blocks: int, *, train_form: bool) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(CFBlock(channels, kernel, train_form=train_form) for _ in range(num_blocks)))
        self.smooth = conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y = self.blocks(x)
        return y + self.smooth(y)  # type: ignore[no-any-return]


class CFSR(nn.Module):
    """Mean off, 3x3 head, two layers of six blocks, norm, 3x3 plus the head, 3x3 and pixel shuffle, mean on.

    48 channels, kernel 9. ``train_form`` gives the depthwise 3x3s their edge branches; :meth:`deploy` fuses them.
    (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    mean: Tensor

    def __init__(
        self,
        scale: int,
        channels: int = 48,
        depths: tuple[int, ...] = (6, 6),
        kernel: int = 9,
        *,
        train_form: bool = False,
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.head = conv(3, channels, 3)
        self.layers = nn.Sequential(*(CFLayer(channels, kernel, depth, train_form=train_form) for depth in depths))
        self.norm = ChannelNorm(channels, eps=1e-6)
        self.smooth = conv(channels, channels, 3)
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x - self.mean)
        return self.upsampler(self.smooth(self.norm(self.layers(head))) + head) + self.mean  # type: ignore[no-any-return]

    def deploy(self) -> nn.Module:
        """Fuse the branches of training, in place."""
        return fuse(self)


released_keys = renamer(
    (r"^conv_first\.", "head."),
    (r"^conv_after_body\.", "smooth."),
    (r"^upsample\.", "upsampler."),
    (r"\.conv\.", ".smooth."),
    (r"\.layer_scale_1$", ".mixer_scale"),
    (r"\.layer_scale_2$", ".feed_forward_scale"),
    (r"\.attn\.", ".mixer."),
    (r"\.a\.2\.lkb_reparam\.", ".gate.2."),
    (r"\.a\.0\.", ".gate.0."),
    (r"\.v\.", ".value."),
    (r"\.proj\.", ".project."),
    (r"\.mlp\.", ".feed_forward."),
    (r"\.fc1\.", ".expand."),
    (r"\.pos\.", ".local."),
    (r"\.fc2\.", ".reduce."),
)
