"""ECBSR: Edge-oriented Convolution Block for Real-time Super Resolution on Mobile Devices (ACM MM 2021)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor, nn

from srbench.models.blocks import conv
from srbench.models.etds2023 import anchor, clamp_layers, shuffle
from srbench.models.reparam import Branches, edge_branches, fuse


class ECBSR(nn.Module):
    """A chain of 3x3 convolutions and PReLUs, plus the image repeated, and a pixel shuffle.

    MmCc has m convolutions of c channels between the first and the last. (N, 3, h, w) -> (N, 3, s*h, s*w).
    ``train_form`` makes each a sum of five branches (3x3, framed pair, Sobel x and y, Laplacian); :meth:`deploy` fuses
    them. ``equivalent`` is ETDS's transformation: the image travels in four more channels, and a clamp by
    convolutions takes the place of the addition.
    """

    def __init__(
        self,
        scale: int,
        channels: int = 16,
        num_middle: int = 4,
        *,
        equivalent: bool = False,
        train_form: bool = False,
    ) -> None:
        super().__init__()
        self.scale, self.equivalent = scale, equivalent
        width = channels + 4 if equivalent else channels

        def layer(inputs: int, outputs: int) -> nn.Module:
            return Branches(**edge_branches(inputs, outputs)) if train_form else conv(inputs, outputs, 3)

        layers: list[nn.Module] = [layer(3, width), nn.PReLU(width)]
        for _ in range(num_middle):
            layers += [layer(width, width), nn.PReLU(width)]
        layers += clamp_layers(width, scale) if equivalent else [layer(width, 3 * scale**2)]
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        y = self.body(x)
        return shuffle(y if self.equivalent else y + anchor(x, self.scale), self.scale)

    def deploy(self) -> nn.Module:
        """Fuse the branches of training, in place."""
        return fuse(self)


def released_keys(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """backbone.<i>.<0 convolution, 1 PReLU> to body.<2i or 2i+1>."""
    return {
        re.sub(r"^backbone\.(\d+)\.(\d)\.", lambda m: f"body.{2 * int(m[1]) + int(m[2])}.", key): tensor
        for key, tensor in state.items()
    }
