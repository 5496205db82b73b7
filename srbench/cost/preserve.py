"""A pass leaves the network as it was: attributes, containers, data that was exchanged, values written in place."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import is_not
from typing import Any

import torch
from torch import Tensor, nn


def walk(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """Every module once, parents first, with its first qualified name."""
    found: list[tuple[str, nn.Module]] = []
    seen: set[int] = set()
    pending: list[tuple[str, nn.Module]] = [("", network)]
    while pending:
        name, module = pending.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        found.append((name, module))
        start = f"{name}." if name else ""
        children = [(start + key, child) for key, child in module._modules.items() if child is not None]
        pending.extend(reversed(children))
    return found


@contextmanager
def without_compiler() -> Iterator[None]:
    """What is wrapped by ``torch.compile`` runs as it is written: nothing is compiled for a single pass."""
    if "torch._dynamo" not in sys.modules:  # nothing can be wrapped
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


@contextmanager
def as_by_default() -> Iterator[None]:
    """Without ``torch.use_deterministic_algorithms``, which a training in the same process may have asked for.

    With it torch interpolates what is not on the CPU, meta tensors too, by other operators than it does on the CPU.
    """
    if not torch.are_deterministic_algorithms_enabled():
        yield  # asking for it imports torch's compiler, which takes a second
        return
    only_warned = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(False)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(True, warn_only=only_warned)


_CONTAINERS = (dict, list, set)
_OWN = ("_parameters", "_buffers", "_modules")
_STANDARD = frozenset(nn.Module().__dict__)


@contextmanager
def unchanged(network: nn.Module, walked: Sequence[tuple[str, nn.Module]] | None = None) -> Iterator[None]:
    """Put every attribute of every module back as it was, whatever the forward pass assigns.

    Dictionaries, lists and sets among the attributes (caches of masks) get their former content back as well.
    Compiled modules (torch.jit) keep their attributes out of Python's reach; of these only the mode is kept.
    """
    saved, contents, modes = [], [], []
    for _, module in walked or walk(network):
        own = module.__dict__
        if isinstance(module, torch.jit.ScriptModule):
            modes.append((module, bool(module.training)))
            continue
        attributes = dict(own)
        saved.append((own, attributes))
        for key in _OWN:
            contents.append((own[key], dict(own[key]) if own[key] else None))
        for key in attributes.keys() - _STANDARD:
            value = attributes[key]
            if type(value) in _CONTAINERS:
                contents.append((value, copy.copy(value) if value else None))
    try:
        yield
    finally:
        for own, attributes in saved:
            if _changed(own, attributes):
                own.clear()
                own.update(attributes)
        for container, before in contents:
            _refill(container, before)
        for module, training in modes:
            if module.training != training:
                module.train(training)


def _refill(container: Any, before: Any) -> None:
    """Give a dict, list or set its former content; None stands for an empty one."""
    if before is None:
        if container:
            container.clear()
    elif isinstance(container, list):
        container[:] = before
    elif isinstance(container, set) or _changed(container, before):
        container.clear()
        container.update(before)


def _changed(now: dict[Any, Any], before: dict[Any, Any]) -> bool:
    """Whether a dictionary holds other objects than before; they are not compared by value, which tensors refuse."""
    return len(now) != len(before) or any(map(is_not, now.values(), before.values()))


class Originals:
    """What tensors held before a pass wrote to them; :meth:`restore` puts it back."""

    def __init__(self) -> None:
        self.values: dict[int, tuple[Any, Any]] = {}
        self.data: dict[int, tuple[Tensor, Tensor]] = {}

    def keep_values(self, tensor: Tensor) -> None:
        """To be called before ``tensor`` is written in place; its whole storage is copied the first time."""
        storage: Any = tensor.untyped_storage()
        if storage._cdata not in self.values and not tensor.is_meta:
            self.values[storage._cdata] = (storage, storage.clone())

    def keep_data(self, tensor: Tensor) -> None:
        """To be called before ``tensor.data`` is assigned, or its storage or size is changed."""
        if id(tensor) not in self.data:
            self.data[id(tensor)] = (tensor, tensor.data)

    def restore(self) -> None:
        """Put everything back, in the order that undoes it."""
        for tensor, data in self.data.values():
            tensor.data = data
        for storage, before in self.values.values():
            storage.copy_(before)
        self.data.clear()
        self.values.clear()


def copy_network(network: nn.Module) -> nn.Module:
    """A deep copy, also of networks that hold tensors with a history as plain attributes.

    ``copy.deepcopy`` refuses tensors that are results of others (``self.kernel = self.scale * self.mask``); these are
    copied as values.
    """
    memo: dict[int, Any] = {}
    kept: list[Tensor] = []
    for _, module in walk(network):
        for tensor in tensors_in(list(vars(module).values()), 3):
            if not tensor.is_leaf:
                memo[id(tensor)] = tensor.detach().clone()
                kept.append(tensor)
    return copy.deepcopy(network, memo)


def tensors_in(values: Sequence[Any], depth: int) -> Iterator[Tensor]:
    """Tensors among ``values`` and inside lists, tuples and dictionaries among them, ``depth`` levels deep."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif depth and isinstance(value, (list, tuple)):
            yield from tensors_in(value, depth - 1)
        elif depth and isinstance(value, dict):
            yield from tensors_in(list(value.values()), depth - 1)
