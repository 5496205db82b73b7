"""ETDS: Equivalent Transformation and Dual Stream Network Construction for Mobile Super-Resolution (CVPR 2023)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv
from srbench.models.keys import renamer
from srbench.models.reparam import Kernel, convolution, kernel_of

RESIDUAL = 3
"""Channels of the residual stream: the image."""


def anchor(x: Tensor, scale: int) -> Tensor:
    """Each colour of x (N, 3, h, w) s*s times: what a pixel shuffle makes the nearest-neighbour image of."""
    return x.repeat_interleave(scale**2, dim=1)


def shuffle(y: Tensor, scale: int) -> Tensor:
    """Pixel shuffle of the first 3*s*s channels; those beyond only made the count a multiple of four."""
    return F.pixel_shuffle(y[:, : 3 * scale**2], scale)


def shuffled_width(scale: int) -> int:
    """3*s*s, at x3 28 in the place of 27: mobile chips want multiples of four.

    >>> [shuffled_width(scale) for scale in (2, 3, 4)]
    [12, 28, 48]
    """
    return -(-3 * scale**2 // 4) * 4


def clamp_layers(channels: int, scale: int) -> list[nn.Module]:
    """3x3 that gives 1 - v, ReLU, a 1x1 that subtracts from 1, ReLU: v clamped to 0..1 by convolutions alone."""
    width = shuffled_width(scale)
    clip = conv(width, width, 1)
    with torch.no_grad():
        clip.weight.copy_(-torch.eye(width)[..., None, None])
        clip.bias.fill_(1)  # type: ignore[union-attr]
    return [conv(channels, width, 3), nn.ReLU(), clip, nn.ReLU()]


class ETDS(nn.Module):
    """A chain of 3x3 convolutions and ReLUs, a clamp by convolutions, and a pixel shuffle: nothing else at inference.

    ``num_middle`` convolutions of ``channels`` between the first and the last: T is (16, 5), S (32, 4), M (32, 6),
    L (48, 7). (N, 3, h, w) -> (N, 3, s*h, s*w). Its training form is :class:`DualStream`.
    """

    def __init__(self, scale: int, channels: int = 32, num_middle: int = 6) -> None:
        super().__init__()
        self.scale = scale
        layers: list[nn.Module] = [conv(3, channels, 3), nn.ReLU()]
        for _ in range(num_middle):
            layers += [conv(channels, channels, 3), nn.ReLU()]
        self.body = nn.Sequential(*layers, *clamp_layers(channels, scale))

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        return shuffle(self.body(x), self.scale)


class DualLayer(nn.Module):
    """x' = relu(B x + A r), r' = relu(R r) for a stream x of features and a stream r of three residual channels.

    R starts as the identity, so that a new network passes the image through.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.own = conv(features, features, 3)
        self.across = conv(RESIDUAL, features, 3)
        self.residual = _identity()

    def forward(self, x: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
        """Both streams, (N, features, h, w) and (N, 3, h, w)."""
        return F.relu(self.own(x) + self.across(r)), F.relu(self.residual(r))

    def kernel(self) -> Kernel:
        """The block matrix [[B, A], [0, R]] with the biases of B and A added."""
        own, across, residual = map(kernel_of, (self.own, self.across, self.residual))
        nothing = torch.zeros(RESIDUAL, own.weight.shape[1], 3, 3).to(own.weight)
        upper = torch.cat([own.weight, across.weight], dim=1)
        lower = torch.cat([nothing, residual.weight], dim=1)
        return Kernel(torch.cat([upper, lower]), torch.cat([own.bias + across.bias, residual.bias]))


class DualStream(nn.Module):
    """The training form of ETDS: a stream of features and one of the image, summed before the clamp.

    :meth:`deploy` gives the :class:`ETDS` that computes the same.
    """

    def __init__(self, scale: int, channels: int = 32, num_middle: int = 6) -> None:
        super().__init__()
        features, outputs = channels - RESIDUAL, 3 * scale**2
        self.scale, self.channels = scale, channels
        self.head, self.head_residual = conv(3, features, 3), _identity()
        self.layers = nn.ModuleList(DualLayer(features) for _ in range(num_middle))
        self.tail, self.tail_residual = conv(features, outputs, 3), conv(RESIDUAL, outputs, 3)
        with torch.no_grad():
            nearest = anchor(torch.eye(RESIDUAL), scale).T
            self.tail_residual.weight.zero_()[..., 1, 1] = nearest
            self.tail_residual.bias.zero_()  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        features, residual = F.relu(self.head(x)), F.relu(self.head_residual(x))
        for layer in self.layers:
            features, residual = layer(features, residual)
        return shuffle((self.tail(features) + self.tail_residual(residual)).clamp(0, 1), self.scale)

    @torch.no_grad()
    def deploy(self) -> nn.Module:
        """One plain chain of convolutions."""
        head, head_residual = kernel_of(self.head), kernel_of(self.head_residual)
        tail, tail_residual = kernel_of(self.tail), kernel_of(self.tail_residual)
        kernels = [Kernel(*map(torch.cat, zip(head, head_residual, strict=True)))]
        kernels += [layer.kernel() for layer in self.layers if isinstance(layer, DualLayer)]
        last = Kernel(torch.cat([tail.weight, tail_residual.weight], dim=1), tail.bias + tail_residual.bias)
        missing = shuffled_width(self.scale) - len(last.bias)
        inverted = Kernel(F.pad(-last.weight, (0, 0) * 3 + (0, missing)), F.pad(1 - last.bias, (0, missing)))
        like = self.head.weight
        plain = ETDS(self.scale, self.channels, len(kernels) - 1).to(like)
        for index, kernel in enumerate((*kernels, inverted)):
            plain.body[2 * index] = convolution(kernel, like)
        return plain.train(self.training)


class PlainSR(nn.Module):
    """The plain network that ETDS compares with: a chain of 3x3 convolutions and ReLUs, and a pixel shuffle."""

    def __init__(self, scale: int, channels: int = 32, num_middle: int = 6) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(3, channels, 3), nn.ReLU()]
        for _ in range(num_middle):
            layers += [conv(channels, channels, 3), nn.ReLU()]
        self.body = nn.Sequential(*layers, conv(channels, 3 * scale**2, 3))
        self.upsampler = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        return self.upsampler(self.body(x))  # type: ignore[no-any-return]


def _identity() -> nn.Conv2d:
    layer = conv(RESIDUAL, RESIDUAL, 3)
    with torch.no_grad():
        layer.weight.zero_()[..., 1, 1] = torch.eye(RESIDUAL)
        layer.bias.zero_()  # type: ignore[union-attr]
    return layer


def _chain(number: int) -> str:
    return f"body.{2 * number}."


def released_keys(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Of ETDS and the plain network: conv_first, backbone_convs.<i>, conv_last and conv_clip to every second layer."""
    middle = sum(key.startswith("backbone_convs.") and key.endswith(".weight") for key in state)
    return renamer(
        (r"^conv_first\.", _chain(0)),
        (r"^backbone_convs\.(\d+)\.", lambda match: _chain(int(match[1]) + 1)),
        (r"^conv_last\.", _chain(middle + 1)),
        (r"^conv_clip\.", _chain(middle + 2)),
    )(state)
