"""ABPN: Anchor-based Plain Net for Mobile Image Super-Resolution (CVPR workshops 2021)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from torch import Tensor, nn

from srbench.models.blocks import conv
from srbench.models.etds2023 import anchor, clamp_layers, shuffle


class ABPN(nn.Module):
    """A chain of 3x3 convolutions and ReLUs, one convolution more, plus the image repeated, and a pixel shuffle.

    MmCc has m convolutions of c channels behind the first. (N, 3, h, w) -> (N, 3, s*h, s*w). ``equivalent`` is ETDS's
    transformation: the image travels in further channels (four, at x3 three in the last), and a clamp by convolutions
    takes the place of the addition.
    """

    def __init__(self, scale: int, channels: int = 28, num_middle: int = 4, *, equivalent: bool = False) -> None:
        super().__init__()
        self.scale, self.equivalent = scale, equivalent
        outputs = 3 * scale**2
        width = channels + 4 if equivalent else channels
        before_last = outputs + (3 if scale == 3 else 4) if equivalent else outputs
        widths = [3, *[width] * (num_middle + 1), before_last]
        layers: list[nn.Module] = []
        for inputs, channels_out in itertools.pairwise(widths):
            layers += [conv(inputs, channels_out, 3), nn.ReLU()]
        layers += clamp_layers(before_last, scale) if equivalent else [conv(outputs, outputs, 3)]
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        y = self.body(x)
        return shuffle(y if self.equivalent else y + anchor(x, self.scale), self.scale)


def released_keys(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The layers, in the order of their names, to every second layer of the body."""
    names = sorted({re.sub(r"\.(weight|bias)$", "", key) for key in state}, key=lambda name: int(name.split(".")[1]))
    return {
        f"body.{2 * position}.{kind}": state[f"{name}.{kind}"]
        for position, name in enumerate(names)
        for kind in ("weight", "bias")
    }
