"""Stand-in for ``mamba_ssm.ops.selective_scan_interface``: the selective scan, step by step."""

from __future__ import annotations

from torch import Tensor

from srbench.models.selective_scan import Scan, selective_scan


def selective_scan_fn(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None = None,
    z: Tensor | None = None,
    delta_bias: Tensor | None = None,
    delta_softplus: bool = False,
    return_last_state: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """See :func:`srbench.models.selective_scan.selective_scan`."""
    found = selective_scan(Scan(u, delta, A, B, C, D, z, delta_bias, delta_softplus))
    return found if return_last_state else found[0]


selective_scan_ref = selective_scan_fn
