"""Training form and deploy form: networks whose branches are merged for inference, however they call it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
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
"""What networks found in the wild call it, on themselves or on their blocks; tried first, and used where it works."""
ALIKE = re.compile(r"deploy|merge|fuse|re_?para|repa|rep_|_rep\b|^rep|slim|collapse|compress|switch|convert|fold", re.I)
"""Any other method of such a name is tried as well; most of them do something else, so what they give is checked."""
_NEVER = re.compile(
    r"forward|load|save|state_dict|train|init|get_|print|check|test|repeat|report|replace|step|backward"
)


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
    return next(candidates(network), None)


def candidates(network: nn.Module) -> Iterator[Deployed]:
    """Every form that a method of ``network`` or of its blocks makes of it, those of well-known names first.

    Raises:
        SrbenchError: ``deploy()`` raises or returns something else.
    """
    before = form(network)
    for method in (DECLARED, *FOUND, *_alike(type(network))):
        if _callable_alone(network, method):
            made = _called(network, method)
            if made is not None and form(made) != before:
                yield Deployed(made, method)
    kinds = sorted({type(module) for module in network.modules()} - {type(network)}, key=str)
    for method in dict.fromkeys((*FOUND, DECLARED, *(name for kind in kinds for name in _alike(kind)))):
        merged = _with_blocks_merged(network, method)
        if merged is not None and form(merged.network) != before:
            yield merged


def _alike(kind: type) -> list[str]:
    """Methods of a class of somebody else's whose names sound like merging."""
    own = {name for base in kind.__mro__ if base.__module__.partition(".")[0] != "torch" for name in vars(base)}
    return sorted(name for name in own if ALIKE.search(name) and not _NEVER.search(name) and not name.startswith("__"))


def _with_blocks_merged(network: nn.Module, method: str) -> Deployed | None:
    """A copy whose outermost blocks with this method had it called; None where none has it, or it raises."""
    if not _outermost(network, method):
        return None
    twin = copy_network(network).eval()
    blocks = _outermost(twin, method)
    try:
        for block in blocks:
            getattr(block, method)()
    except Exception:  # a method of that name that does something else
        return None
    return Deployed(twin, method, len(blocks))


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
