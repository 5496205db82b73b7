"""PAN: Efficient Image Super-Resolution Using Pixel Attention (ECCV 2020 workshops)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv, leaky_relu
from srbench.models.keys import renamer


def _bare(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)


def _act() -> nn.LeakyReLU:
    return leaky_relu(0.2)


class SCPA(nn.Module):
    """Self-calibrated block with pixel attention: two half-width branches, one of them gated per pixel, plus the input.

    Source: section 3.3, Figure 3, Eq. 6-10. No biases but the attention's.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.enter_gated, self.enter_plain = _bare(channels, half, 1), _bare(channels, half, 1)
        self.gate = conv(half, half, 1)
        self.gated, self.gated_out = _bare(half, half, 3), _bare(half, half, 3)
        self.plain = _bare(half, half, 3)
        self.fusion = _bare(channels, channels, 1)
        self.activation = _act()

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        act = self.activation
        a, b = act(self.enter_plain(x)), act(self.enter_gated(x))
        a = act(self.plain(a))
        b = act(self.gated_out(self.gated(b) * torch.sigmoid(self.gate(b))))
        return self.fusion(torch.cat([a, b], dim=1)) + x  # type: ignore[no-any-return]


class UPA(nn.Module):
    """Upsampling with pixel attention: nearest by ``factor``, 3x3, x * sigmoid(1x1 x), act, 3x3, act.

    (N, inputs, h, w) -> (N, outputs, factor*h, factor*w). Source: section 3.4, Figure 4.
    """

    def __init__(self, inputs: int, outputs: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self.enter = conv(inputs, outputs, 3)
        self.attention = conv(outputs, outputs, 1)
        self.leave = conv(outputs, outputs, 3)
        self.activation = _act()

    def forward(self, x: Tensor) -> Tensor:
        """Enlarge x (N, c, h, w)."""
        y = self.enter(F.interpolate(x, scale_factor=self.factor, mode="nearest"))
        y = self.activation(y * torch.sigmoid(self.attention(y)))
        return self.activation(self.leave(y))  # type: ignore[no-any-return]


class PAN(nn.Module):
    """Sixteen SCPA blocks on 40 channels, one UPA (x2, x3) or two (x4) on 24, plus the bilinear upsampled input.

    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: section 3.1, Figure 2.
    """

    def __init__(self, scale: int, channels: int = 40, up_channels: int = 24, blocks: int = 16) -> None:
        super().__init__()
        self.scale = scale
        self.head = conv(3, channels, 3)
        self.blocks = nn.Sequential(*(SCPA(channels) for _ in range(blocks)))
        self.smooth = conv(channels, channels, 3)
        factors = (2, 2) if scale == 4 else (scale,)
        widths = (channels, up_channels)
        self.upsampler = nn.Sequential(*(UPA(widths[i], up_channels, factor) for i, factor in enumerate(factors)))
        self.tail = conv(up_channels, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x)
        y = self.tail(self.upsampler(head + self.smooth(self.blocks(head))))
        return y + F.interpolate(x, scale_factor=self.scale, mode="bilinear", align_corners=False)  # type: ignore[no-any-return]


released_keys = renamer(
    (r"^conv_first\.", "head."),
    (r"^trunk_conv\.", "smooth."),
    (r"^conv_last\.", "tail."),
    (r"^upconv(\d)\.", lambda m: f"upsampler.{int(m[1]) - 1}.enter."),
    (r"^att(\d)\.conv\.", lambda m: f"upsampler.{int(m[1]) - 1}.attention."),
    (r"^HRconv(\d)\.", lambda m: f"upsampler.{int(m[1]) - 1}.leave."),
    (r"^SCPA_trunk\.", "blocks."),
    (r"\.conv1_a\.", ".enter_plain."),
    (r"\.conv1_b\.", ".enter_gated."),
    (r"\.k1\.0\.", ".plain."),
    (r"\.PAConv\.k2\.", ".gate."),
    (r"\.PAConv\.k3\.", ".gated."),
    (r"\.PAConv\.k4\.", ".gated_out."),
    (r"\.conv3\.", ".fusion."),
)
