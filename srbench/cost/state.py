"""What becomes of a network's parameters in a pass: which are touched, which meet the image, which are merged first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from srbench.cost.flow import Flow, storages
from srbench.cost.preserve import tensors_in


class Parameters:
    """Follows parameters, and what is made of them alone, until they meet the image."""

    def __init__(self, walked: Sequence[tuple[str, nn.Module]], computing: bool) -> None:
        found = [p for _, module in walked for p in module._parameters.values() if p is not None]
        self.kept = found  # compiled modules make these objects on demand: keeps their ids taken
        self.sizes = {id(p): p.numel() for p in found}
        self.untouched = dict(self.sizes)
        self.on_storage: dict[int, list[int]] = {}
        for p in found:
            owners = self.on_storage.setdefault(p.untyped_storage()._cdata, [])
            if id(p) not in owners:
                owners.append(id(p))
        self.made_of: dict[int, frozenset[int]] = {}
        self.met: dict[int, Tensor] = {}
        self.own: set[int] = set()
        if computing:
            tensors = tensors_in([vars(module) for _, module in walked], 3)
            self.own = {s for tensor in (*found, *tensors) for s in storages(tensor)}

    def is_own(self, tensor: Tensor) -> bool:
        """While computing: whether the tensor's memory belongs to the network."""
        return tensor.untyped_storage()._cdata in self.own

    def knows(self, tensor: Tensor, flow: Flow) -> bool:
        """While computing: whether a tensor is the network's own or was made by an operator."""
        storage = tensor.untyped_storage()._cdata
        return storage in self.own or storage in flow.of_storage or id(tensor) in self.sizes

    def note(self, reals: list[Tensor], of_image: bool, flow: Flow | None) -> None:
        """Real tensors among the arguments of one call; ``flow`` tells them from data of the image while computing."""
        untouched, met = self.untouched, self.met
        for tensor in reals:
            untouched.pop(id(tensor), None)
            if of_image and id(tensor) not in met:
                if flow is not None:
                    node = flow.of_storage.get(tensor.untyped_storage()._cdata)
                    if node is not None and flow.of_image[node] and id(tensor) not in self.sizes:
                        continue
                    if node is None and not self.is_own(tensor) and id(tensor) not in self.sizes:
                        continue
                met[id(tensor)] = tensor  # keeps the id taken

    def derive(self, reals: list[Tensor], out: Any) -> None:
        """``out`` was made of these tensors alone."""
        sources = frozenset().union(*(self.sources(t) for t in reals))
        for storage in storages(out):
            if storage not in self.on_storage:
                self.made_of[storage] = sources

    def sources(self, tensor: Tensor) -> frozenset[int]:
        """Ids of the parameters that a tensor is, shares memory with, or was made of."""
        if id(tensor) in self.sizes:
            return frozenset((id(tensor),))
        storage = tensor.untyped_storage()._cdata
        return frozenset(self.on_storage.get(storage, ())) or self.made_of.get(storage, frozenset())

    def inference(self) -> int:
        """Numbers made of parameters that met the image; a merged kernel counts at most as what it was made of."""
        used: set[int] = set()
        merged: dict[int, tuple[int, frozenset[int]]] = {}
        for tensor in self.met.values():
            storage = tensor.untyped_storage()._cdata
            if id(tensor) in self.sizes:
                used.add(id(tensor))
            elif storage in self.on_storage:
                used.update(self.on_storage[storage])
            elif storage in self.made_of:
                held = tensor.untyped_storage().nbytes() // tensor.element_size()
                merged[storage] = (held, self.made_of[storage])
        total = 0
        for held, sources in merged.values():
            rest = sources - used
            behind = sum(self.sizes[one] for one in rest)
            if behind <= held:
                used.update(rest)
            else:
                total += held
        return min(total + sum(self.sizes[one] for one in used), sum(self.sizes.values()))
