"""Formulas of operators that torch does not have: the selective scan, fused attention, and what nobody has told us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from srbench.cost.count import count
from srbench.cost.operators import OPERATORS, fused_attention
from srbench.cost.record import TensorSize
from srbench.models import open_model
from srbench.models.options import ModelOptions
from srbench.models.selective_scan import Scan, selective_scan

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"
FOUND = Path(__file__).resolve().parents[1] / "strangers" / "found"
N, CHANNELS, LENGTH, STATES = 2, 6, 5, 3
SIZE = (4, 6)


def arguments(groups: int) -> dict[str, torch.Tensor]:
    """What a scan is given, in the shapes that VMamba and MambaIR give it."""
    torch.manual_seed(0)
    return {
        "u": torch.randn(N, CHANNELS, LENGTH),
        "delta": torch.randn(N, CHANNELS, LENGTH),
        "A": -torch.rand(CHANNELS, STATES),
        "B": torch.randn(N, groups, STATES, LENGTH),
        "C": torch.randn(N, groups, STATES, LENGTH),
        "D": torch.randn(CHANNELS),
        "delta_bias": torch.randn(CHANNELS),
    }


def by_loops(u, delta, A, B, C, D, delta_bias):
    """The recurrence with a loop over everything, and how many products it adds to something."""
    accumulated = 0

    def multiply_add(a: float, b: float, c: float) -> float:
        nonlocal accumulated
        accumulated += 1
        return a * b + c

    steps = F.softplus(delta + delta_bias[:, None]).double()
    out = torch.zeros_like(u, dtype=torch.float64)
    for n in range(N):
        for d in range(CHANNELS):
            state = [0.0] * STATES
            group = d * B.shape[1] // CHANNELS
            for t in range(LENGTH):
                step, value, y = float(steps[n, d, t]), float(u[n, d, t]), 0.0
                for s in range(STATES):
                    decay = float(torch.exp(step * A[d, s].double()))
                    state[s] = multiply_add(decay, state[s], step * value * float(B[n, group, s, t]))
                    y = multiply_add(float(C[n, group, s, t]), state[s], y)
                out[n, d, t] = multiply_add(float(D[d]), value, y)
    return out, accumulated


class OverPixels(nn.Module):
    """A scan over the pixels of an image, or the same as einsum and a loop writes it."""

    def __init__(self, plain: bool, skip: bool = True) -> None:
        super().__init__()
        self.plain = plain
        self.A = nn.Parameter(-torch.rand(3, STATES))
        self.project = nn.Conv2d(3, 2 * STATES, 1)
        self.D = nn.Parameter(torch.rand(3)) if skip else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Image to image of its size."""
        u = x.flatten(2)
        B, C = self.project(x).flatten(2).chunk(2, dim=1)
        if not self.plain:
            return selective_scan(Scan(u, u, self.A, B, C, self.D))[0].view_as(x)
        decays = torch.exp(torch.einsum("bdl,dn->bdln", u, self.A))
        driven = torch.einsum("bdl,bnl,bdl->bdln", u, B, u)
        state, values = torch.zeros_like(driven[:, :, 0]), []
        for t in range(u.shape[2]):
            state = decays[:, :, t] * state + driven[:, :, t]
            values.append(torch.einsum("bdn,bn->bd", state, C[:, :, t]))
        y = torch.stack(values, dim=-1)
        return (y if self.D is None else y + u * self.D[:, None]).view_as(x)


@pytest.mark.parametrize("groups", [1, 2])
def test_a_selective_scan_is_the_recurrence_and_counts_what_it_accumulates(groups: int) -> None:
    given = arguments(groups)
    wanted, accumulated = by_loops(**given)
    found, states = selective_scan(Scan(**given, delta_softplus=True))
    torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=1e-5)
    assert states.shape == (N, CHANNELS, STATES)
    sizes = [TensorSize(tuple(given[name].shape)) for name in ("u", "delta", "A", "B", "C", "D")]
    formula = OPERATORS.get("srbench::selective_scan").function()
    assert formula(sizes, (TensorSize(found.shape),)) == accumulated == found.numel() * (2 * STATES + 1)


@pytest.mark.parametrize("skip", [True, False])
def test_beside_a_plain_scan_the_formula_has_the_recurrence_too(skip: bool) -> None:
    """Of the plain one the matrix products are seen; its recurrence is written elementwise, n a place and channel."""
    image, pixels = torch.rand(1, 3, *SIZE), SIZE[0] * SIZE[1]
    plain, fused = OverPixels(plain=True, skip=skip), OverPixels(plain=False, skip=skip)
    fused.load_state_dict(plain.state_dict())
    torch.testing.assert_close(fused(image), plain(image), rtol=1e-4, atol=1e-5)
    written, scanned = count(plain, SIZE)["macs"], count(fused, SIZE)["macs"]
    projected = 3 * 2 * STATES * pixels
    assert written.macs == projected + 3 * pixels * STATES
    assert scanned.macs == written.macs + 3 * pixels * (STATES + skip)
    assert (scanned.uncounted, scanned.lower_bound) == ({}, False)


def test_a_network_of_mamba_is_counted_without_its_package() -> None:
    model = open_model(f"{FOUND}/scan/net.py:Net", 4, "none", options=ModelOptions(shims=True))
    assert model.network is not None
    found = count(model.network, SIZE)["macs"]
    pixels = SIZE[0] * SIZE[1]
    assert found.macs == pixels * (3 * 8 * 9 + 8 * (8 + 4 + 4) + 8 * (2 * 4 + 1) + 8 * 48 * 9)
    assert not found.lower_bound
    assert model.network(torch.rand(1, 3, *SIZE)).shape == (1, 3, 16, 24)


def test_fused_attention_is_what_attention_costs() -> None:
    class Attends(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            tokens = x.flatten(2).transpose(1, 2)[:, None]
            return F.scaled_dot_product_attention(tokens, tokens, tokens)

    tokens = TensorSize((1, SIZE[0] * SIZE[1], 1, 3))
    assert fused_attention([tokens] * 3, tokens) == count(Attends(), SIZE)["macs"].macs


@torch.library.custom_op("operators::of_a_gpu", mutates_args=(), device_types="cuda")
def _of_a_gpu(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    raise RuntimeError("the compiled kernel wants CUDA tensors")


@_of_a_gpu.register_fake
def _(x, weight):
    return torch.empty_like(x)


_LIBRARY = torch.library.Library("operators", "FRAGMENT")
_LIBRARY.define("compiled(Tensor x, Tensor weight) -> Tensor")
torch.library.impl(_LIBRARY, "compiled", "Meta")(lambda x, weight: torch.empty_like(x))


@pytest.mark.parametrize("name", ["of_a_gpu", "compiled"])
def test_an_operator_of_a_gpu_that_nobody_told_of_is_named_and_the_count_is_a_lower_bound(name: str) -> None:
    class Uses(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """A convolution, and the operator on what it gives."""
            return getattr(torch.ops.operators, name)(self.conv(x), self.conv.weight)  # type: ignore[no-any-return]

    found = count(Uses(), SIZE)["macs"]
    assert found.macs == 81 * SIZE[0] * SIZE[1]
    assert (found.uncounted, found.lower_bound) == ({f"operators::{name}": 1}, True)


_LIBRARY_OF_THE_PAGE = torch.library.Library("my", "FRAGMENT")
_LIBRARY_OF_THE_PAGE.define("scan(Tensor u, Tensor delta, Tensor A) -> Tensor")
torch.library.impl(_LIBRARY_OF_THE_PAGE, "scan", "Meta")(lambda u, delta, A: torch.empty_like(u))


def test_the_formula_of_the_documentation_counts_its_operator() -> None:
    class Uses(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.A = nn.Parameter(torch.rand(3, STATES))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """A scan over the pixels."""
            return torch.ops.my.scan(x.flatten(2), x.flatten(2), self.A).view_as(x)  # type: ignore[no-any-return]

    example = re.search(r"```python\n# scan_cost\.py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    assert count(Uses(), SIZE)["macs"].uncounted == {"my::scan": 1}
    with OPERATORS.scoped():
        exec(example[1], {})
        found = count(Uses(), SIZE)["macs"]
    assert (found.macs, found.lower_bound) == (9 * 3 * SIZE[0] * SIZE[1] * STATES, False)
