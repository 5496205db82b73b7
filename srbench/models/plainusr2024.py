"""PlainUSR: Chasing Faster ConvNet for Efficient Super-Resolution (ACCV 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import PixelShuffleUpsampler, conv, leaky_relu
from srbench.models.keys import renamer
from srbench.models.reparam import (
    Kernel,
    Reparameterised,
    behind,
    chained,
    convolution,
    framed,
    fuse,
    kernel_of,
    one_by_one,
)


def soft_pool(t: Tensor, kernel: int = 7, stride: int = 3) -> Tensor:
    """The average of each window weighted by its exponentials."""
    weight = torch.exp(t)
    return F.avg_pool2d(weight * t, kernel, stride) / F.avg_pool2d(weight, kernel, stride)


class LIA(nn.Module):
    """Local importance attention: soft pooling and a strided 3x3, enlarged again, times the gate of channel 0.

    Needs h, w >= 7.
    """

    def __init__(self, channels: int, reduced: int) -> None:
        super().__init__()
        self.reduce = conv(channels, reduced, 1)
        self.stride = conv(reduced, reduced, 3, stride=2)
        self.expand = conv(reduced, channels, 3)

    def forward(self, z: Tensor) -> Tensor:
        """Rescale each value of z (N, c, h, w)."""
        importance = torch.sigmoid(self.expand(self.stride(soft_pool(self.reduce(z)))))
        enlarged = F.interpolate(importance, size=z.shape[-2:], mode="bilinear", align_corners=False)
        return z * enlarged * torch.sigmoid(z[:, :1])


class PlainAttention(nn.Module):
    """What the smallest networks have for LIA: a 3x3 and a sigmoid, times the gate of channel 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv(channels, channels, 3)

    def forward(self, z: Tensor) -> Tensor:
        """Rescale each value of z (N, c, h, w)."""
        return z * torch.sigmoid(z[:, :1]) * torch.sigmoid(self.conv(z))


class RepConv(Reparameterised):
    """The training form of a 3x3: a 1x1 to twice the channels, a 3x3 with a learned factor per channel plus its input,
    a 1x1 back, plus x. With ``gate`` a 1x1 of all channels then takes the place of channel 0.

    The factors come from a learned vector through two linear layers, so they do not look at the image.
    """

    def __init__(self, channels: int, *, gate: bool = False) -> None:
        super().__init__()
        wide = 2 * channels
        self.expand = nn.Conv2d(channels, wide, 1)
        self.wide = nn.Conv2d(wide, wide, 3)
        self.vector = nn.Parameter(torch.zeros(wide))
        self.squeeze = nn.Linear(wide, channels // 2, bias=False)
        self.excite = nn.Linear(channels // 2, wide, bias=False)
        self.reduce = nn.Conv2d(wide, channels, 1)
        self.gate = nn.Conv2d(channels, 1, 1, bias=False) if gate else None

    def factors(self) -> Tensor:
        """One factor in 0..1 per channel of the wide convolution."""
        return torch.sigmoid(self.excite(F.silu(self.squeeze(self.vector))))

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (N, c, h, w)."""
        wide = framed(self.expand, x)
        mixed = self.wide(wide) * self.factors()[:, None, None] + wide[..., 1:-1, 1:-1]
        out: Tensor = self.reduce(mixed) + x
        return out if self.gate is None else torch.cat([self.gate(out), out[:, 1:]], dim=1)

    def fused(self) -> nn.Conv2d:
        """One 3x3 convolution."""
        weight, bias = kernel_of(self.wide)
        factors = self.factors().detach().double()
        weight = weight * factors[:, None, None, None]
        weight[..., 1, 1] += torch.eye(len(weight)).to(weight)
        whole = behind(chained(*one_by_one(self.expand), Kernel(weight, bias * factors)), *one_by_one(self.reduce))
        weight, bias = whole
        weight[..., 1, 1] += torch.eye(len(weight)).to(weight)
        if self.gate is not None:
            matrix = torch.eye(len(weight)).to(weight)
            matrix[0] = one_by_one(self.gate)[0][0]
            weight, bias = behind(Kernel(weight, bias), matrix, torch.zeros_like(bias))
        return convolution(Kernel(weight, bias), self.expand.weight)


class PlainBlock(nn.Module):
    """``num_convs`` 3x3 with LeakyReLU between them, and attention (None: none). No residual."""

    def __init__(self, channels: int, num_convs: int, attention: nn.Module | None, *, train_form: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for index in range(num_convs):
            last = index == num_convs - 1
            gate = attention is not None and last
            layers.append(RepConv(channels, gate=gate) if train_form else conv(channels, channels, 3))
            layers += [] if last else [leaky_relu()]
        self.body = nn.Sequential(*layers, *([] if attention is None else [attention]))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return self.body(x)  # type: ignore[no-any-return]


class PlainUSR(nn.Module):
    """A plain chain in which each block replaces the first channels and passes the others; 3x3 and pixel shuffle.

    ``widths`` are the channels of the outer, (second) and innermost blocks: (64, 48, 32) gives five blocks of
    64, 48, 32, 48 and 64; with two widths there are three blocks, of which the innermost alone has attention.
    Three more channels carry the image to the end. ``reduced`` is the width inside LIA. ``train_form`` gives the
    branches of training; :meth:`deploy` fuses them. (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(
        self,
        scale: int,
        widths: tuple[int, ...] = (64, 48, 32),
        reduced: int = 16,
        num_convs: int = 2,
        *,
        train_form: bool = False,
    ) -> None:
        super().__init__()
        small = len(widths) == 2
        self.widths = (*widths, *widths[-2::-1])

        def attention(width: int) -> nn.Module | None:
            if not small:
                return LIA(width, reduced)
            return PlainAttention(width) if width == widths[-1] else None

        self.head = conv(3, widths[0] + 3, 3)
        self.blocks = nn.ModuleList(
            PlainBlock(width, num_convs, attention(width), train_form=train_form) for width in self.widths
        )
        self.upsampler = PixelShuffleUpsampler(widths[0] + 3, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        y = self.head(x)
        for width, block in zip(self.widths, self.blocks, strict=True):
            y = torch.cat([block(y[:, :width]), y[:, width:]], dim=1)
        return self.upsampler(y)  # type: ignore[no-any-return]

    def deploy(self) -> nn.Module:
        """Fuse the branches of training, in place."""
        return fuse(self)


def released_keys(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """block1, (block2,) blockm, ... to blocks.0 ...; the attention is the last layer of a block's body."""
    small = "block3.body.0.weight" not in state
    names = ("block1", "blockm", "block2") if small else ("block1", "block2", "blockm", "block3", "block4")
    order = tuple((rf"^{name}\.", f"blocks.{index}.") for index, name in enumerate(names))
    inner = (
        (r"\.body\.(\d)\.body\.0\.", r".body.\1.conv." if small else r".body.\1.reduce."),
        (r"\.body\.(\d)\.body\.2\.", r".body.\1.stride."),
        (r"\.body\.(\d)\.body\.3\.", r".body.\1.expand."),
    )
    return renamer(*order, *inner, (r"^tail\.", "upsampler."))(state)
