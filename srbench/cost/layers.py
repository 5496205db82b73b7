"""Where parameters, MACs and activations sit: one row per layer and operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srbench.cost.conventions import Call
from srbench.cost.record import Trace


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


def rows_of(trace: Trace, priced: Sequence[Call]) -> tuple[LayerRow, ...]:
    """One row per (layer, operator), and one per further layer that owns parameters; params sum to the network's."""
    merged: dict[tuple[str, str], list[Call]] = {}
    for call in priced:
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
