"""Mamba's selective scan in plain torch, for networks that take it from a CUDA package that is not installed.

An operator of its own with a rule for shapes: counting sees one call, and never runs the loop over the sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

_LIBRARY = torch.library.Library("srbench", "FRAGMENT")  # type: ignore[no-untyped-call]
_LIBRARY.define(  # type: ignore[no-untyped-call]
    "selective_scan(Tensor u, Tensor delta, Tensor A, Tensor B, Tensor C, Tensor? D, Tensor? z, Tensor? delta_bias, "
    "bool delta_softplus) -> (Tensor, Tensor)"
)


class Scan(NamedTuple):
    """What a scan is given, in Mamba's order and under its names."""

    u: Tensor
    """(N, channels, length)."""
    delta: Tensor
    """(N, channels, length), the steps, before ``delta_bias`` and ``delta_softplus``."""
    A: Tensor
    """(channels, states), real."""
    B: Tensor
    """(channels, states), or (N, states, length), or (N, groups, states, length)."""
    C: Tensor
    """As B."""
    D: Tensor | None = None
    """(channels,)."""
    z: Tensor | None = None
    """(N, channels, length), a gate through SiLU."""
    delta_bias: Tensor | None = None
    """(channels,)."""
    delta_softplus: bool = False
    """Whether the steps go through softplus."""


def selective_scan(given: Scan) -> tuple[Tensor, Tensor]:
    """A linear recurrence along a sequence whose step, input and output weights depend on the input.

    ``h_t = exp(delta_t A) h_(t-1) + delta_t B_t u_t`` and ``y_t = C_t h_t + D u_t``, for every channel, in float32.

    Returns:
        y, as ``u``, and the last states (N, channels, states).

    Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023, equations 2a and 2b
    with the steps of section 3.2. One step of Python per element of the sequence: correct, and slow.
    """
    found: tuple[Tensor, Tensor] = torch.ops.srbench.selective_scan(*given)
    return found


@torch.library.impl(_LIBRARY, "selective_scan", "CompositeExplicitAutograd")
def _computed(*arguments: Any) -> tuple[Tensor, Tensor]:
    given = Scan(*arguments)
    steps, u = given.delta.float(), given.u.float()
    steps = steps if given.delta_bias is None else steps + given.delta_bias.float()[:, None]
    steps = F.softplus(steps) if given.delta_softplus else steps
    driven = steps * u
    into, out_of = (_by_step(weights.float(), u.shape[1]) for weights in (given.B, given.C))
    states = u.new_zeros(u.shape[0], *given.A.shape)
    values = []
    for t in range(u.shape[2]):
        states = torch.exp(steps[:, :, t, None] * given.A) * states + driven[:, :, t, None] * into(t)
        values.append((states * out_of(t)).sum(dim=-1))
    y = torch.stack(values, dim=-1)
    y = y if given.D is None else y + given.D.float()[:, None] * u
    y = y if given.z is None else y * F.silu(given.z.float())
    return y.to(given.u.dtype), states


@torch.library.impl(_LIBRARY, "selective_scan", "Meta")
def _shapes(*arguments: Any) -> tuple[Tensor, Tensor]:
    given = Scan(*arguments)
    return torch.empty_like(given.u), given.u.new_empty(given.u.shape[0], *given.A.shape, dtype=torch.float32)


def _by_step(weights: Tensor, channels: int) -> Callable[[int], Tensor]:
    """What gives (N or 1, channels or 1, states) at a place of the sequence."""
    if weights.dim() == 2:
        return lambda _: weights[None]
    if weights.dim() == 3:
        return lambda t: weights[:, None, :, t]
    spread = weights.repeat_interleave(channels // weights.shape[1], dim=1)
    return lambda t: spread[..., t]
