"""Convolutions that training sees as several branches and inference as one: their sum, fused exactly.

A network in its training form holds :class:`Reparameterised` layers; :func:`fuse` puts the equal plain layers in their
place. Kernels are summed in double precision, so a fused network differs by float32 noise only.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv


class Kernel(NamedTuple):
    """A 3x3 convolution as numbers: weight (out, in, 3, 3) and bias (out), float64."""

    weight: Tensor
    bias: Tensor

    def plus(self, *others: Kernel) -> Kernel:
        """The convolution that gives the sum of all outputs."""
        weights, biases = zip(self, *others, strict=True)
        return Kernel(torch.stack(weights).sum(0), torch.stack(biases).sum(0))


class Reparameterised(nn.Module):
    """A layer with a plain equal: :meth:`fused` gives it."""

    def fused(self) -> nn.Module:
        """The plain layer that computes the same."""
        raise NotImplementedError


def fuse(network: nn.Module) -> nn.Module:
    """Replace every reparameterised layer of ``network`` by its plain equal, in place; returns ``network``."""
    for name, child in list(network.named_children()):
        if isinstance(child, Reparameterised):
            with torch.no_grad():
                setattr(network, name, child.fused())
        else:
            fuse(child)
    return network


def convolution(kernel: Kernel, like: Tensor) -> nn.Conv2d:
    """The zero-padded convolution of ``kernel``, of the type and on the device of ``like``."""
    outputs, inputs, height, width = kernel.weight.shape
    layer = nn.Conv2d(inputs, outputs, (height, width), padding=((height - 1) // 2, (width - 1) // 2))
    layer.weight.data, layer.bias.data = kernel.weight.to(like), kernel.bias.to(like)  # type: ignore[union-attr]
    return layer


def kernel_of(layer: nn.Module) -> Kernel:
    """A branch as one 3x3 kernel: a dense 1x1 or 3x3 convolution, a :class:`FramedPair`, or the identity.

    Raises:
        TypeError: any other layer.
    """
    if isinstance(layer, (FramedPair, EdgePair)):
        return layer.kernel()
    if isinstance(layer, Identity):
        return Kernel(centred(torch.eye(layer.channels, dtype=torch.float64)), torch.zeros(layer.channels).double())
    if isinstance(layer, nn.Conv2d) and layer.groups == 1:
        weight = layer.weight.detach().double()
        bias = torch.zeros(len(weight)) if layer.bias is None else layer.bias.detach()
        return Kernel(centred(weight[..., 0, 0]) if weight.shape[-1] == 1 else weight, bias.double())
    raise TypeError(f"{type(layer).__name__} cannot be fused into a 3x3 convolution")


def centred(matrix: Tensor) -> Tensor:
    """A 1x1 kernel, given as (out, in), at the centre of a 3x3 kernel."""
    return F.pad(matrix[..., None, None], (1, 1, 1, 1))


def chained(first: Tensor, first_bias: Tensor, second: Kernel) -> Kernel:
    """``second`` behind the 1x1 ``first`` (out, in), where the frame of ``second`` is filled with ``first_bias``."""
    weight = torch.einsum("omhw,mi->oihw", second.weight, first)
    return Kernel(weight, second.bias + torch.einsum("omhw,m->o", second.weight, first_bias))


def behind(kernel: Kernel, matrix: Tensor, bias: Tensor) -> Kernel:
    """A 1x1 ``matrix`` (out, in) and its ``bias`` behind ``kernel``."""
    return Kernel(torch.einsum("om,mihw->oihw", matrix, kernel.weight), matrix @ kernel.bias + bias)


def framed(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """The 1x1 convolution of x, one pixel larger on each side; the frame holds its bias."""
    return F.pad(F.conv2d(x, layer.weight), (1, 1, 1, 1)) + layer.bias.view(1, -1, 1, 1)  # type: ignore[union-attr]


class Identity(nn.Module):
    """The input itself, as a branch of ``channels`` channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """Return x."""
        return x


class FramedPair(nn.Module):
    """A 1x1 convolution, a frame of one pixel that holds its bias, and a 3x3 convolution without padding.

    The frame is what makes the pair equal to one zero-padded 3x3 convolution, at the border too.
    Source: ECBSR (2021).
    """

    def __init__(self, inputs: int, middle: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, middle, 1)
        self.second = nn.Conv2d(middle, outputs, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (N, c, h, w)."""
        return self.second(framed(self.first, x))  # type: ignore[no-any-return]

    def kernel(self) -> Kernel:
        """The pair as one kernel."""
        return chained(*one_by_one(self.first), kernel_of(self.second))


def one_by_one(layer: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """Matrix (out, in) and bias of a 1x1 convolution, float64."""
    weight = layer.weight.detach().double()[..., 0, 0]
    bias = torch.zeros(len(weight)) if layer.bias is None else layer.bias.detach()
    return weight, bias.double()


class FramedTriple(FramedPair):
    """A framed pair of ``middle`` channels and a 1x1 to ``outputs`` behind it. Source: SPAN (2024)."""

    def __init__(self, inputs: int, middle: int, outputs: int) -> None:
        super().__init__(inputs, middle, middle)
        self.last = nn.Conv2d(middle, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (N, c, h, w)."""
        return self.last(super().forward(x))  # type: ignore[no-any-return]

    def kernel(self) -> Kernel:
        """The three as one kernel."""
        return behind(super().kernel(), *one_by_one(self.last))


EDGES = {
    "sobel_x": ((1, 0, -1), (2, 0, -2), (1, 0, -1)),
    "sobel_y": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    "laplacian": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
}


class EdgePair(nn.Module):
    """A framed pair whose 3x3 is one of ``EDGES`` per channel, with a learned factor and bias. Source: ECBSR (2021)."""

    mask: Tensor

    def __init__(self, inputs: int, outputs: int, edge: str) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 1)
        self.factor = nn.Parameter(torch.randn(outputs) * 1e-3)
        self.bias = nn.Parameter(torch.randn(outputs) * 1e-3)
        self.register_buffer("mask", torch.tensor(EDGES[edge], dtype=torch.float32), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x (N, c, h, w)."""
        weight = self.factor[:, None, None, None] * self.mask
        return F.conv2d(framed(self.first, x), weight, self.bias, groups=len(weight))

    def kernel(self) -> Kernel:
        """The pair as one kernel."""
        weight = torch.diag(self.factor.detach().double())[..., None, None] * self.mask.double()
        return chained(*one_by_one(self.first), Kernel(weight, self.bias.detach().double()))


def edge_branches(inputs: int, outputs: int) -> dict[str, nn.Module]:
    """The five branches of ECBSR's block: a 3x3, a framed pair twice as wide, and the three edges."""
    edges = {edge: EdgePair(inputs, outputs, edge) for edge in EDGES}
    return {"plain": conv(inputs, outputs, 3), "pair": FramedPair(inputs, 2 * outputs, outputs), **edges}


class Branches(Reparameterised):
    """The sum of several convolutions of the same input, one 3x3 convolution when fused."""

    def __init__(self, **branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleDict(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Sum of the branches of x (N, c, h, w)."""
        return torch.stack([branch(x) for branch in self.branches.values()]).sum(0)

    def fused(self) -> nn.Conv2d:
        """One 3x3 convolution."""
        first, *others = (kernel_of(branch) for branch in self.branches.values())
        return convolution(first.plus(*others), next(self.parameters()))
