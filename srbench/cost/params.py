"""Parameters, buffers, and what only training needs."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from srbench.cost.deploy import deploy as deploy_form
from srbench.cost.record import Trace


@dataclass(frozen=True)
class ParamsResult:
    """Sizes of a network's state, shared tensors counted once."""

    params: int
    """Elements of all parameters."""
    buffers: int
    """Elements of all buffers (running statistics, fixed kernels, means)."""
    training_only: int
    """Parameters inference does without: those ``deploy()`` merges away and, given a pass, those it never touched."""
    weight_bytes: int
    """Bytes of parameters and buffers as they are stored in memory."""


def deployed(network: nn.Module) -> nn.Module | None:
    """A re-parameterised copy of a network that declares ``deploy()``; None when it does not, or nothing is merged.

    Raises:
        SrbenchError: ``deploy()`` raises or returns something else.
    """
    found = deploy_form(network) if callable(getattr(network, "deploy", None)) else None
    return found.network if found is not None else None


def parameters(network: nn.Module, trace: Trace | None = None, deploy: bool = True) -> ParamsResult:
    """Count the state of ``network``.

    Args:
        network: any module.
        trace: a pass over it (:attr:`srbench.cost.count.CountResult.trace`); parameters that it did not touch
            are then counted as needed by training only.
        deploy: count what ``deploy()`` merges away, if the network declares it.
    """
    params = sum(p.numel() for p in network.parameters())
    twin = deployed(network) if deploy else None
    merged = max(0, params - sum(p.numel() for p in twin.parameters())) if twin is not None else 0
    tensors = [*network.parameters(), *network.buffers()]
    return ParamsResult(
        params=params,
        buffers=sum(b.numel() for b in network.buffers()),
        training_only=max(merged, trace.unused_params if trace is not None else 0),
        weight_bytes=sum(t.numel() * t.element_size() for t in tensors),
    )
