"""Where parameters, MACs and activations sit: one row per layer and operator."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from srbench.cost.trace import Trace


@dataclass(frozen=True)
class LayerRow:
    """One operator of one layer, summed over its calls (a recursive layer is called several times)."""

    name: str
    """Qualified name of the module it ran in; "" is the network's own forward."""
    op: str
    calls: int
    params: int
    """Parameters that the module itself owns; on its first row only, so that the rows sum to the total."""
    macs: int
    activations: int
    output_shape: tuple[int, ...]
    """Output of the first call."""


class Call(NamedTuple):
    """One call that a convention sees."""

    layer: str
    op: str
    macs: int
    activations: int
    output_shape: tuple[int, ...]


def calls_of(trace: Trace, convention: str) -> list[Call]:
    """The calls of a pass as ``convention`` prices them, in the order they ran; those it prices at zero left out."""
    if convention == "ntire-hooks":
        return [
            Call(c.layer, c.kind, c.macs, prod(c.out_shape) if c.conv else 0, c.out_shape)
            for c in trace.hooks
            if c.macs or c.conv
        ]
    calls = []
    for op in trace.ops:
        cost = op.cost
        macs = cost.fvcore if convention == "fvcore" else cost.torch if convention == "torch" else cost.macs
        counted = cost.fvcore_activation if convention == "fvcore" else cost.conv
        if macs or counted:
            calls.append(Call(op.layer, cost.label, macs, prod(op.out_shape) if counted else 0, op.out_shape))
    return calls


def rows_of(trace: Trace, convention: str) -> tuple[LayerRow, ...]:
    """One row per (layer, operator), and one per further layer that owns parameters; params sum to the network's."""
    merged: dict[tuple[str, str], list[Call]] = {}
    for call in calls_of(trace, convention):
        merged.setdefault((call.layer, call.op), []).append(call)
    params = {name: own for name, (_, own) in trace.layer_params.items()}
    rows = []
    for (layer, op), calls in merged.items():
        macs, activations = sum(c.macs for c in calls), sum(c.activations for c in calls)
        rows.append(
            LayerRow(layer, op, len(calls), params.pop(layer, 0), macs, activations, tuple(calls[0].output_shape))
        )
    for layer, own in params.items():
        if own:
            rows.append(LayerRow(layer, trace.layer_params[layer][0], 0, own, 0, 0, ()))
    return tuple(rows)
