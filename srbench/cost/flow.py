"""The data flow of a pass: which call each tensor comes from, how deep it lies, what reaches the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor


class Flow:
    """Calls as nodes of a graph; a tensor is known by its storage, so views belong to the call that wrote them."""

    def __init__(self) -> None:
        self.of_storage: dict[int, int] = {}
        self.parents: list[Sequence[int]] = []
        self.depths: list[int] = []
        self.of_image: list[bool] = []

    def add(self, out: Any, parents: Sequence[int], depth: int, of_image: bool) -> int:
        """A new call with its output; returns its node."""
        node = len(self.parents)
        self.parents.append(parents)
        self.depths.append(depth)
        self.of_image.append(of_image)
        if isinstance(out, Tensor):
            self.of_storage[out.untyped_storage()._cdata] = node
        else:
            self.put(out, node)
        return node

    def put(self, out: Any, node: int) -> None:
        """Say that ``out`` was written by ``node``."""
        if isinstance(out, Tensor):
            self.of_storage[out.untyped_storage()._cdata] = node
        elif isinstance(out, (list, tuple)):
            for one in out:
                self.put(one, node)

    def dead(self, output: Any) -> frozenset[int]:
        """Nodes that ``output`` does not depend on."""
        alive: set[int] = set()
        pending = [self.of_storage[s] for s in storages(output) if s in self.of_storage]
        while pending:
            node = pending.pop()
            if node not in alive:
                alive.add(node)
                pending.extend(self.parents[node])
        return frozenset(range(len(self.parents))) - alive


def storages(value: Any) -> list[int]:
    """Storages of all tensors in a result, whatever it is packed in."""
    if isinstance(value, Tensor):
        return [value.untyped_storage()._cdata]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [s for one in value for s in storages(one)]
    return []
