"""The conventions ``fvcore``, ``ntire-hooks`` and ``torch`` equal the libraries: on random networks, on the zoo.

The challenges' hooks are no library that can be installed: they are written here once more, as hooks that run.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import prod
from typing import Any

import pytest
import torch
from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from srbench.cost.count import count
from srbench.cost.preserve import copy_network
from srbench.cost.source import open_network
from srbench.models.registry import cards

WIDTH, SIZE = 8, (12, 10)
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
ELEMENTWISE = (nn.ReLU, nn.PReLU, nn.ELU, nn.LeakyReLU, nn.ReLU6)


def by_hooks(network: nn.Module, x: Tensor) -> tuple[int, int, int]:
    """(MACs, activations, convolutions) as the challenges' forward hooks add them up."""
    seen: list[tuple[int, int, int]] = []

    def hook(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        if isinstance(module, CONVOLUTIONS):
            kernel = prod(module.kernel_size) * module.in_channels * (module.out_channels // module.groups)
            seen.append((kernel * out.shape[0] * prod(out.shape[2:]), out.numel(), 1))
        elif isinstance(module, nn.Linear):
            seen.append((given[0].shape[0] * given[0].shape[1] * out.shape[1], 0, 0))
        else:
            seen.append((out.numel() * (2 if getattr(module, "affine", False) else 1), 0, 0))

    kinds = (*CONVOLUTIONS, *ELEMENTWISE, nn.Linear, nn.BatchNorm2d)
    handles = [m.register_forward_hook(hook) for m in network.modules() if isinstance(m, kinds)]
    with torch.no_grad():
        network(x)
    for handle in handles:
        handle.remove()
    macs, activations, convs = (sum(column) for column in zip((0, 0, 0), *seen, strict=True))
    return macs, activations, convs


def by_fvcore(network: nn.Module, x: Tensor, *kinds: type) -> tuple[int, ...]:
    """What the library's counters of these kinds give."""
    found = []
    for analysis in (kind(network, x) for kind in kinds):
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(int(analysis.total()))
    return tuple(found)


def by_torch(network: nn.Module, x: Tensor) -> int:
    """Flops of torch's own counter."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(x)
    return int(counter.get_total_flops())


def agree(network: nn.Module, x: Tensor, ours: dict[str, Any]) -> None:
    """All three conventions against the libraries, each on a copy of its own."""
    network = network.eval()
    hooks, fvcore = ours["ntire-hooks"], ours["fvcore"]
    assert (hooks.macs, hooks.activations, hooks.num_conv) == by_hooks(copy_network(network), x)
    theirs = by_fvcore(copy_network(network), x, FlopCountAnalysis, ActivationCountAnalysis)
    assert (fvcore.macs, fvcore.activations) == theirs
    assert 2 * ours["torch"].macs == by_torch(copy_network(network), x)


class Says(nn.Module):
    """A step written as code: ``run(modules, x)``."""

    def __init__(self, run: Callable[[nn.ModuleList, Tensor], Tensor], *parts: nn.Module) -> None:
        super().__init__()
        self.parts, self.run = nn.ModuleList(parts), run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self.parts, x)


class Unlisted(nn.Module):
    """Keeps its convolution in a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = [nn.Conv2d(WIDTH, WIDTH, 1).requires_grad_(False)]  # else jit cannot trace it

    def forward(self, x: Tensor) -> Tensor:
        return self.convs[0](x)


class FreeKernel(nn.Module):
    """A convolution as a function."""

    def __init__(self, kernel: int, padding: int | str, groups: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(WIDTH, WIDTH // groups, kernel, kernel) / 9)
        self.padding, self.groups = padding, groups

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight, None, 1, self.padding, 1, self.groups)


def tokens(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2)


def attention(q: nn.Linear, x: Tensor, how: str) -> Tensor:
    """Self-attention over the pixels, written in one of the ways in use."""
    t = q(tokens(x))
    if how == "fused":
        y = F.scaled_dot_product_attention(t, t, t)
    elif how == "einsum":
        y = torch.einsum("bij,bjc->bic", torch.einsum("bic,bjc->bij", t, t).softmax(-1), t)
    elif how == "bmm":
        y = torch.bmm(torch.bmm(t, t.transpose(1, 2)).softmax(-1), t)
    else:
        heads = t.unflatten(2, (2, WIDTH // 2)).transpose(1, 2)
        y = ((heads @ heads.transpose(-1, -2)).softmax(-1) @ heads).transpose(1, 2).flatten(2)
    return y.transpose(1, 2).reshape(x.shape)


def gate(parts: nn.ModuleList, x: Tensor) -> Tensor:
    """ESA's way: shrunk, convolved, enlarged, as a mask."""
    small = F.max_pool2d(parts[0](x), 3, 2)
    return x * F.interpolate(parts[1](small), x.shape[-2:], mode="bilinear", align_corners=False).sigmoid()


ODD = st.sampled_from([1, 3, 5])
GROUPS = st.sampled_from([1, 2, WIDTH])
ACTIVATIONS = st.sampled_from([nn.ReLU, nn.PReLU, nn.LeakyReLU, nn.GELU, nn.SiLU, nn.ELU, nn.Sigmoid, nn.ReLU6])
NORMS = st.sampled_from(
    [
        lambda: nn.BatchNorm2d(WIDTH),
        lambda: nn.BatchNorm2d(WIDTH, affine=False),
        lambda: nn.GroupNorm(2, WIDTH),
        lambda: nn.InstanceNorm2d(WIDTH),
        lambda: Says(lambda p, x: p[0](x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), nn.LayerNorm(WIDTH)),
    ]
)
STEPS = st.one_of(
    st.builds(lambda k, g: nn.Conv2d(WIDTH, WIDTH, k, padding=k // 2, groups=g), ODD, GROUPS),
    st.builds(lambda k, d: nn.Conv2d(WIDTH, WIDTH, k, padding="same", dilation=d), ODD, st.integers(1, 2)),
    st.builds(lambda k: nn.Conv2d(WIDTH, WIDTH, k, padding=k // 2, padding_mode="reflect"), ODD),
    st.builds(lambda g: nn.ConvTranspose2d(WIDTH, WIDTH, 3, 1, 1, groups=g), st.sampled_from([1, 2])),
    st.builds(lambda k: Says(lambda p, x: p[1](p[0](x)), nn.Conv2d(WIDTH, WIDTH, (1, k), padding="same"),
                             nn.Conv2d(WIDTH, WIDTH, (k, 1), padding=(k // 2, 0))), ODD),
    st.builds(FreeKernel, ODD, st.just("same"), GROUPS),
    st.builds(lambda g: FreeKernel(3, 1, g), GROUPS),
    st.builds(Unlisted),
    ACTIVATIONS.map(lambda kind: kind()),
    NORMS.map(lambda make: make()),
    st.builds(lambda how: Says(lambda p, x: attention(p[0], x, how), nn.Linear(WIDTH, WIDTH)),
              st.sampled_from(["fused", "einsum", "bmm", "heads"])),
    st.builds(lambda: Says(lambda p, x: p[0](x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), nn.Linear(WIDTH, WIDTH))),
    st.builds(lambda: Says(gate, nn.Conv2d(WIDTH, WIDTH, 1), nn.Conv2d(WIDTH, WIDTH, 3, padding=1))),
    st.builds(lambda: Says(lambda p, x: x * p[0](F.adaptive_avg_pool2d(x, 1)), nn.Conv2d(WIDTH, WIDTH, 1))),
    st.builds(lambda: Says(lambda p, x: x * p[0](x.mean((2, 3), keepdim=True)), nn.Conv2d(WIDTH, WIDTH, 1))),
    st.builds(lambda: Says(lambda p, x: p[0](p[0](x)), nn.Conv2d(WIDTH, WIDTH, 3, padding=1))),
    st.builds(lambda: Says(lambda p, x: (p[0](x), x + 1)[1], nn.Conv2d(WIDTH, WIDTH, 1))),  # nobody uses it
    st.builds(lambda mode: Says(lambda p, x: F.interpolate(F.avg_pool2d(x, 2), SIZE, mode=mode)),
              st.sampled_from(["nearest", "bilinear", "bicubic", "area"])),
    st.builds(lambda: Says(lambda p, x: torch.cat([p[0](x[:, :2]), x[:, 2:]], 1), nn.Conv2d(2, 2, 3, 1, 1))),
    st.builds(lambda: Says(lambda p, x: F.fold(F.unfold(x, 3, padding=1), SIZE, 3, padding=1) / 9)),
)  # fmt: skip


@st.composite
def networks(draw: Any) -> nn.Module:
    """Up to five steps between a head and a pixel shuffle, some of them in residual blocks."""
    torch.manual_seed(0)
    body = []
    for step in draw(st.lists(STEPS, min_size=1, max_size=5)):
        body.append(Says(lambda p, x: x + p[0](x), step) if draw(st.booleans()) else step)
    head, tail = nn.Conv2d(3, WIDTH, 3, padding=1), nn.Conv2d(WIDTH, 12, 3, padding=1)
    return nn.Sequential(head, *body, tail, nn.PixelShuffle(2)).eval()


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(networks())
def test_random_networks_are_counted_as_the_libraries_count_them(network: nn.Module) -> None:
    agree(network, torch.rand(1, 3, *SIZE), count(network, SIZE))


ZOO = [card for card in cards() if card.network is not None and card.variant_of is None]


@pytest.mark.parametrize("card", ZOO, ids=lambda card: card.name)
def test_the_zoo_is_counted_as_the_hooks_count_it(card: Any) -> None:
    source = open_network(card.name, card.scales[-1])
    size = source.fitting((64, 64))
    ours = count(source.network, size, card.channels, ("ntire-hooks",), source.scale, card.pre_upsampled)
    factor = source.scale if card.pre_upsampled else 1
    x = torch.zeros(1, card.channels, size[0] * factor, size[1] * factor, device="meta")
    theirs = by_hooks(source.network.to("meta").eval(), x)
    assert (ours["ntire-hooks"].macs, ours["ntire-hooks"].activations, ours["ntire-hooks"].num_conv) == theirs


@pytest.mark.parametrize("name", ["edsr", "rdn", "rcan", "san", "drcn", "memnet", "drrn"])
def test_the_large_ones_of_the_zoo_are_counted_as_fvcore_counts_them(name: str) -> None:
    source = open_network(name, 2)
    card, size = source.card, source.fitting((8, 8))
    factor = 2 if card.pre_upsampled else 1
    ours = count(source.network, size, card.channels, ("fvcore",), 2, card.pre_upsampled)["fvcore"]
    x = torch.zeros(1, card.channels, size[0] * factor, size[1] * factor)
    assert (ours.macs,) == by_fvcore(source.network.eval(), x, FlopCountAnalysis)


def test_the_zoo_counts_alike_in_any_order_and_whatever_the_process_asked_of_torch() -> None:
    opened = {card.name: open_network(card.name, card.scales[-1]) for card in ZOO}

    def figures(name: str) -> dict[str, tuple[int, ...]]:
        one = opened[name]
        found = count(one.network, one.fitting((24, 24)), one.card.channels, None, one.scale, one.card.pre_upsampled)
        return {kind: (c.macs, c.activations, c.num_conv, c.depth) for kind, c in found.items()}

    before = {name: figures(name) for name in opened}
    torch.use_deterministic_algorithms(True)  # meta tensors are interpolated by other operators then
    try:
        after = {name: figures(name) for name in reversed(opened)}
        assert torch.are_deterministic_algorithms_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
    assert {name: after[name] for name in opened} == before
