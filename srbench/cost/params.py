"""Parameters, buffers, and what only training needs."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from torch import nn

from srbench.cost.record import Trace
from srbench.errors import SrbenchError


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

    ``deploy()`` may return the deployed network, or change the one it is called on and return None or itself.

    Raises:
        SrbenchError: ``deploy()`` raises or returns something else.
    """
    if not callable(getattr(network, "deploy", None)):
        return None
    twin = copy.deepcopy(network).eval()
    deploy: Any = twin.deploy
    try:
        result = deploy()
    except Exception as error:  # a user's network can raise anything
        raise SrbenchError(f"deploy() of {type(network).__name__} raised {type(error).__name__}: {error}") from error
    if result is not None and not isinstance(result, nn.Module):
        raise SrbenchError(
            f"deploy() of {type(network).__name__} returned {type(result).__name__}; "
            "expected an nn.Module, or None after changing itself."
        )
    merged: nn.Module = twin if result is None else result.eval()
    return None if _form(merged) == _form(network) else merged


def _form(network: nn.Module) -> list[Any]:
    """What a network is made of: its modules with their flags, and the shapes of its tensors."""
    plain = (bool, int, float, str, type(None))
    modules = [
        (name, type(module), {k: v for k, v in vars(module).items() if isinstance(v, plain) and k != "training"})
        for name, module in network.named_modules()
    ]
    return [*modules, *((name, tuple(tensor.shape)) for name, tensor in network.state_dict().items())]


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
