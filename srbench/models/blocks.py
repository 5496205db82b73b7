"""The blocks that several papers share, each once, so that a paper's file shows only what differs.

Shapes: every block maps (N, channels, h, w) float to the same shape unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(
    inputs: int,
    outputs: int,
    kernel: int | tuple[int, int],
    *,
    stride: int = 1,
    dilation: int = 1,
    bias: bool = True,
) -> nn.Conv2d:
    """Convolution with zero padding that keeps the size at stride 1; ``kernel`` is k or (k_h, k_w)."""
    k_h, k_w = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = ((k_h - 1) // 2 * dilation, (k_w - 1) // 2 * dilation)
    return nn.Conv2d(inputs, outputs, (k_h, k_w), stride=stride, padding=padding, dilation=dilation, bias=bias)


def depthwise(channels: int, kernel: int, *, dilation: int = 1, bias: bool = True) -> nn.Conv2d:
    """Convolution of each channel by itself, with zero padding that keeps the size."""
    padding = (kernel - 1) // 2 * dilation
    return nn.Conv2d(channels, channels, kernel, padding=padding, dilation=dilation, groups=channels, bias=bias)


def leaky_relu(slope: float = 0.05) -> nn.LeakyReLU:
    """LeakyReLU with the slope 0.05 of IMDN, RFDN and AIDN."""
    return nn.LeakyReLU(slope, inplace=True)


class PixelShuffleUpsampler(nn.Sequential):
    """One 3x3 convolution to ``outputs * scale**2`` channels and a pixel shuffle: (N, c, h, w) -> (N, 3, s*h, s*w).

    Source: IMDN (2019), Figure 1(b).
    """

    def __init__(self, channels: int, scale: int, outputs: int = 3, *, bias: bool = True) -> None:
        super().__init__(conv(channels, outputs * scale**2, 3, bias=bias), nn.PixelShuffle(scale))


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation of each pixel over its channels (biased variance), then a weight and a bias per channel.

    Source: "pixel normalisation" of VapSR (2022); also in LKDN, CFSR and LMLT.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (N, c, h, w)."""
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class LKA(nn.Module):
    """Large kernel attention: x times a 1x1, a depthwise 5x5 and a dilated depthwise 5x5 of it (17x17 pixels).

    Source: VAN (2022) as used in VapSR (2022) and LKDN (2023).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pointwise = conv(channels, channels, 1)
        self.depthwise = depthwise(channels, 5)
        self.depthwise_dilated = depthwise(channels, 5, dilation=3)

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each value of x (N, c, h, w)."""
        return x * self.depthwise_dilated(self.depthwise(self.pointwise(x)))  # type: ignore[no-any-return]


class CCA(nn.Module):
    """Contrast-aware channel attention: standard deviation + mean of each channel through two 1x1 convs and a sigmoid.

    Source: IMDN (2019), section 3.2.2, Eq. 5. With ``contrast=False`` it is the plain channel
    attention (mean only) that IMDN's Table 3 compares with.
    """

    def __init__(self, channels: int, reduction: int = 16, *, contrast: bool = True) -> None:
        super().__init__()
        self.contrast = contrast
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(
            conv(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            conv(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each channel of x (N, c, h, w)."""
        statistic = self.mean(x)
        if self.contrast:
            statistic = statistic + torch.std(x, dim=(2, 3), correction=0, keepdim=True)
        return x * self.gate(statistic)  # type: ignore[no-any-return]


class ESA(nn.Module):
    """Enhanced spatial attention; needs h, w >= 15 (a 3x3 stride 2 and a 7x7 max-pool without padding).

    ``stride`` and ``group`` replace the strided convolution and the three behind the pooling, for the papers that
    thin them out. Source: RFANet's block as used in E-RFDN (RFDN, 2020, section 4.6) and AIDN (2022).
    """

    def __init__(
        self, channels: int, reduced: int, *, stride: nn.Module | None = None, group: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.reduce = conv(channels, reduced, 1)
        self.skip = conv(reduced, reduced, 1)
        self.stride = stride or nn.Conv2d(reduced, reduced, 3, stride=2)
        self.group = group or nn.Sequential(
            conv(reduced, reduced, 3),
            nn.ReLU(inplace=True),
            conv(reduced, reduced, 3),
            nn.ReLU(inplace=True),
            conv(reduced, reduced, 3),
        )
        self.expand = conv(reduced, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each position of x (N, c, h, w)."""
        reduced = self.reduce(x)
        coarse = self.group(F.max_pool2d(self.stride(reduced), kernel_size=7, stride=3))
        coarse = F.interpolate(coarse, size=x.shape[-2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(self.expand(coarse + self.skip(reduced)))


class SRB(nn.Module):
    """Shallow residual block, act(conv3x3(x) + x). Source: RFDN (2020), section 3.3, Figure 2d.

    With ``residual=False`` it is act(conv3x3(x)), RFDN's Table 1 without SRB.
    """

    def __init__(self, channels: int, activation: nn.Module | None = None, *, residual: bool = True) -> None:
        super().__init__()
        self.residual = residual
        self.conv = conv(channels, channels, 3)
        self.activation = activation or leaky_relu()

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        y = self.conv(x)
        return self.activation(y + x if self.residual else y)  # type: ignore[no-any-return]


class DistillationFrame(nn.Module):
    """The frame of IMDN, RFDN, AIDN and LRFDN around their blocks.

    3x3 head; blocks in a chain; concat of *all* block outputs, 1x1, activation; 3x3; plus the head;
    3x3 and pixel shuffle. (N, 3, h, w) -> (N, 3, scale*h, scale*w).
    Source: IMDN (2019), Figure 1 (intermediate information collection); RFDN (2020), Eq. 5-8.
    """

    def __init__(
        self,
        blocks: Iterable[nn.Module],
        channels: int,
        scale: int,
        *,
        head: nn.Module | None = None,
        activation: nn.Module | None = None,
        smooth: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.head = head or conv(3, channels, 3)
        self.blocks = nn.ModuleList(blocks)
        self.fusion = nn.Sequential(conv(len(self.blocks) * channels, channels, 1), activation or leaky_relu())
        self.smooth = smooth or conv(channels, channels, 3)
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = y = self.head(x)
        collected = []
        for block in self.blocks:
            y = block(y)
            collected.append(y)
        return self.upsampler(self.smooth(self.fusion(torch.cat(collected, dim=1))) + head)  # type: ignore[no-any-return]


class ResidualFrame(nn.Module):
    """The plainer frame: 3x3 head; blocks in a chain and one conv, plus the head; 3x3 and pixel shuffle.

    Source: IMDN (2019), Figure 7 (IMDN_basic); also the AIM 2020 / NTIRE 2022 baseline.
    """

    def __init__(self, blocks: Iterable[nn.Module], channels: int, scale: int, *, smooth_kernel: int = 3) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.blocks = nn.ModuleList(blocks)
        self.smooth = conv(channels, channels, smooth_kernel)
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = y = self.head(x)
        for block in self.blocks:
            y = block(y)
        return self.upsampler(self.smooth(y) + head)  # type: ignore[no-any-return]
