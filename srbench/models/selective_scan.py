"""Mamba's selective scan in plain torch, for networks that take it from a CUDA package that is not installed.

An operator of its own with a rule for shapes: counting sees one call, and never runs the loop over the sequence.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

_LIBRARY = torch.library.Library("srbench", "FRAGMENT")  # type: ignore[no-untyped-call]
_LIBRARY.define(  # type: ignore[no-untyped-call]
    "selective_scan(Tensor u, Tensor delta, Tensor A, Tensor B, Tensor C, Tensor? D, Tensor? z, Tensor? delta_bias, "
    "bool delta_softplus) -> (Tensor, Tensor)"
)


def selective_scan(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None = None,
    z: Tensor | None = None,
    delta_bias: Tensor | None = None,
    delta_softplus: bool = False,
) -> tuple[Tensor, Tensor]:
    """A linear recurrence along a sequence whose step, input and output weights depend on the input.

    ``h_t = exp(delta_t A) h_(t-1) + delta_t B_t u_t`` and ``y_t = C_t h_t + D u_t``, for every channel, in float32.

    Args:
        u: (N, channels, length).
        delta: (N, channels, length), the steps, before ``delta_bias`` and ``delta_softplus``.
        A: (channels, states), real.
        B: (channels, states), or (N, states, length), or (N, groups, states, length).
        C: as B.
        D: (channels,) or None.
        z: (N, channels, length), a gate through SiLU, or None.
        delta_bias: (channels,) or None.
        delta_softplus: whether the steps go through softplus.

    Returns:
        y, as ``u``, and the last states (N, channels, states).

    Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023, equations 2a and 2b
    with the steps of section 3.2. One step of Python per element of the sequence: correct, and slow.
    """
    found: tuple[Tensor, Tensor] = torch.ops.srbench.selective_scan(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    return found


@torch.library.impl(_LIBRARY, "selective_scan", "CompositeExplicitAutograd")
def _computed(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None,
    z: Tensor | None,
    delta_bias: Tensor | None,
    delta_softplus: bool,
) -> tuple[Tensor, Tensor]:
    steps = delta.float() if delta_bias is None else delta.float() + delta_bias.float()[:, None]
    steps = F.softplus(steps) if delta_softplus else steps
    driven = steps * u.float()
    into, out_of = (_by_step(weights.float(), u.shape[1]) for weights in (B, C))
    states = u.new_zeros(u.shape[0], *A.shape, dtype=torch.float32)
    values = []
    for t in range(u.shape[2]):
        states = torch.exp(steps[:, :, t, None] * A) * states + driven[:, :, t, None] * into(t)
        values.append((states * out_of(t)).sum(dim=-1))
    y = torch.stack(values, dim=-1)
    y = y if D is None else y + D.float()[:, None] * u.float()
    y = y if z is None else y * F.silu(z.float())
    return y.to(u.dtype), states


@torch.library.impl(_LIBRARY, "selective_scan", "Meta")
def _shapes(u: Tensor, delta: Tensor, A: Tensor, *_: object) -> tuple[Tensor, Tensor]:
    return torch.empty_like(u), u.new_empty(u.shape[0], *A.shape, dtype=torch.float32)


def _by_step(weights: Tensor, channels: int) -> Callable[[int], Tensor]:
    """What gives (N or 1, channels or 1, states) at a place of the sequence."""
    if weights.dim() == 2:
        return lambda _: weights[None]
    if weights.dim() == 3:
        return lambda t: weights[:, None, :, t]
    spread = weights.repeat_interleave(channels // weights.shape[1], dim=1)
    return lambda t: spread[..., t]
