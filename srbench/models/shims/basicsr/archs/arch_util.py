"""Stand-in for ``basicsr.archs.arch_util``: initialisation, layer lists, the usual upsampler and residual block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from timm.layers import to_1tuple, to_2tuple, to_3tuple, to_4tuple, to_ntuple, trunc_normal_  # noqa: F401
from torch import Tensor, nn
from torch.nn import functional as F


@torch.no_grad()
def default_init_weights(modules: Any, scale: float = 1, bias_fill: float = 0, **options: Any) -> None:
    """He's normal values times ``scale`` in every convolution and linear layer below ``modules``."""
    for top in modules if isinstance(modules, Iterable) and not isinstance(modules, nn.Module) else [modules]:
        for module in top.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight, **options)
                module.weight.mul_(scale)
                if module.bias is not None:
                    module.bias.fill_(bias_fill)


def make_layer(basic_block: Callable[..., nn.Module], num_basic_block: int, **arguments: Any) -> nn.Sequential:
    """So many equal blocks in a row."""
    return nn.Sequential(*(basic_block(**arguments) for _ in range(num_basic_block)))


class ResidualBlockNoBN(nn.Module):
    """Two 3x3 convolutions with a ReLU between them, times ``res_scale``, added to the input."""

    def __init__(self, num_feat: int = 64, res_scale: float = 1, pytorch_init: bool = False) -> None:
        super().__init__()
        self.res_scale = res_scale
        self.conv1 = nn.Conv2d(num_feat, num_feat, 3, 1, 1)
        self.conv2 = nn.Conv2d(num_feat, num_feat, 3, 1, 1)
        self.relu = nn.ReLU(inplace=True)
        if not pytorch_init:
            default_init_weights([self.conv1, self.conv2], 0.1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, num_feat, h, w) -> the same."""
        return x + self.conv2(self.relu(self.conv1(x))) * self.res_scale  # type: ignore[no-any-return]


class Upsample(nn.Sequential):
    """3x3 convolutions and pixel shuffles: x2 several times, or x3 once."""

    def __init__(self, scale: int, num_feat: int) -> None:
        if scale != 3 and scale & (scale - 1):
            raise ValueError(f"scale {scale} is not a power of two, and not 3")
        factors = [3] if scale == 3 else [2] * int(math.log2(scale))
        pairs = [(nn.Conv2d(num_feat, f * f * num_feat, 3, 1, 1), nn.PixelShuffle(f)) for f in factors]
        super().__init__(*(layer for pair in pairs for layer in pair))


def pixel_unshuffle(x: Tensor, scale: int) -> Tensor:
    """(N, c, h, w) -> (N, c * scale**2, h / scale, w / scale)."""
    return F.pixel_unshuffle(x, scale)
