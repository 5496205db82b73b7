"""Training form and deploy form: networks whose branches are merged for inference, however they call it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from torch import nn

from srbench.cost.preserve import copy_network
from srbench.errors import SrbenchError

DECLARED = "deploy"
"""The method by which a network declares its deploy form to srbench; it must work."""
FOUND = (
    "switch_to_deploy", "switch_deploy", "to_deploy", "convert_to_deploy", "fuse_model", "fuse", "repa", "rep",
    "reparam", "reparameterize", "re_parameterize", "merge_branches", "merge_kernels",
)  # fmt: skip
"""What networks found in the wild call it, on themselves or on their blocks; tried, and used where it works."""


@dataclass(frozen=True)
class Deployed:
    """A merged copy of a network."""

    network: nn.Module
    method: str
    """What was called."""
    blocks: int = 0
    """On how many blocks; 0: on the network itself."""

    @property
    def declared(self) -> bool:
        """Whether the network declares this form to srbench, so that it must be right."""
        return self.method == DECLARED and not self.blocks


def deploy(network: nn.Module) -> Deployed | None:
    """A re-parameterised copy of ``network``; None when it knows no such form, or nothing is merged.

    The method may return the deployed network, or change the one it is called on and return None or itself. Methods of
    :data:`FOUND` must need no argument; one that raises counts as not there.

    Raises:
        SrbenchError: ``deploy()`` raises or returns something else.
    """
    for method in (DECLARED, *FOUND):
        if not _callable_alone(network, method):
            continue
        made = _called(network, method)
        if made is not None:
            return None if form(made) == form(network) else Deployed(made, method)
    for method in (*FOUND, DECLARED):
        twin = copy_network(network).eval()
        blocks = _outermost(twin, method)
        if not blocks:
            continue
        try:
            for block in blocks:
                getattr(block, method)()
        except Exception:  # a method of that name that does something else
            continue
        return None if form(twin) == form(network) else Deployed(twin, method, len(blocks))
    return None


def _callable_alone(module: nn.Module, method: str) -> bool:
    found = getattr(type(module), method, None)
    if found is None or not callable(found):
        return False
    bound = getattr(module, method, None)
    if not callable(bound):
        return False
    try:
        needed = inspect.signature(bound).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in needed)


def _outermost(network: nn.Module, method: str) -> list[nn.Module]:
    """Blocks that know the method; inside of them it is their own business."""
    found: list[nn.Module] = []
    pending = list(network.children())
    while pending:
        module = pending.pop()
        if _callable_alone(module, method):
            found.append(module)
        else:
            pending.extend(module.children())
    return found


def _called(network: nn.Module, method: str) -> nn.Module | None:
    """The copy after the call; None where a method that was only found raises or gives something else."""
    twin = copy_network(network).eval()
    declared = method == DECLARED
    try:
        result: Any = getattr(twin, method)()
    except Exception as error:  # a user's network can raise anything
        if declared:
            raise SrbenchError(
                f"{method}() of {type(network).__name__} raised {type(error).__name__}: {error}"
            ) from error
        return None
    if result is not None and not isinstance(result, nn.Module):
        if declared:
            raise SrbenchError(
                f"{method}() of {type(network).__name__} returned {type(result).__name__}; "
                "expected an nn.Module, or None after changing itself."
            )
        return None
    merged: nn.Module = twin if result is None else result.eval()
    return merged


def form(network: nn.Module) -> list[Any]:
    """What a network is made of: its modules with their flags, and the shapes of its tensors."""
    plain = (bool, int, float, str, type(None))
    modules = [
        (name, type(module), {k: v for k, v in vars(module).items() if isinstance(v, plain) and k != "training"})
        for name, module in network.named_modules()
    ]
    return [*modules, *((name, tuple(tensor.shape)) for name, tensor in network.state_dict().items())]
