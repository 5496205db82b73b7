"""Whether every value of a pass was made by an operator that a counter can see.

A hand-written kernel that is called past torch's dispatcher leaves no operator behind: its output comes from nowhere.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Origins(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the storage of every result, and inputs whose storage nobody has made."""

    def __init__(self, known: list[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept = list(known)  # keeps the ids taken
        self.made = {_storage(tensor) for tensor in known}
        self.unmade: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run ``func``; single numbers and small vectors may come from anywhere."""
        for tensor in _tensors((args, kwargs or {})):
            if tensor.numel() > 64 and _storage(tensor) not in self.made:
                self.unmade.append(str(func))
                self._add(tensor)
        result = func(*args, **(kwargs or {}))
        for tensor in _tensors(result):
            self._add(tensor)
        if func.namespace not in ("aten", "prims", "prim") and _tensors(result):
            self.unmade.append(str(func))
        return result

    def _add(self, tensor: Tensor) -> None:
        self.kept.append(tensor)
        self.made.add(_storage(tensor))


def _tensors(values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


def _storage(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def unmade(network: nn.Module, image: Tensor) -> list[str]:
    """Operators of a small pass that took a value from nowhere, or that are not torch's own; each once.

    ``image`` is a batch (1, 3, h, w); it is kept small by the caller, since all results of the pass are held.
    """
    known = [image, *network.parameters(), *network.buffers()]
    for module in network.modules():
        known += _tensors([value for value in vars(module).values() if isinstance(value, (Tensor, list, tuple, dict))])
    mode = _Origins(known)
    with torch.no_grad(), mode:
        network(image)
    return list(dict.fromkeys(mode.unmade))
