"""Stand-in for einops: ``rearrange``, ``repeat`` and ``reduce`` of tensors, for patterns with names and groups."""

from __future__ import annotations

import math
import re
from typing import Any

from torch import Tensor

Groups = list[list[str]]


def rearrange(tensor: Tensor, pattern: str, **sizes: int) -> Tensor:
    """Reorder, split and merge axes: ``rearrange(x, 'b (h w) c -> b c h w', h=8)``."""
    return _transform(tensor, pattern, "rearrange", sizes)


def repeat(tensor: Tensor, pattern: str, **sizes: int) -> Tensor:
    """The same, where the right side may have new axes, whose sizes are given."""
    return _transform(tensor, pattern, "repeat", sizes)


def reduce(tensor: Tensor, pattern: str, reduction: str, **sizes: int) -> Tensor:
    """The same, where axes that the right side lacks are reduced by mean, sum, max, min or prod."""
    return _transform(tensor, pattern, reduction, sizes)


def _transform(tensor: Tensor, pattern: str, how: str, sizes: dict[str, int]) -> Tensor:
    left, right = (_groups(side, tensor.ndim) for side in _sides(pattern, tensor.ndim))
    sizes = dict(sizes)
    axes = [name for group in left for name in group]
    shape = [size for group, length in zip(left, tensor.shape, strict=True) for size in _split(group, length, sizes)]
    x = tensor.reshape(shape)
    wanted = [name for group in right for name in group]
    for name in [name for name in axes if name not in wanted]:
        if how in ("rearrange", "repeat") and sizes[name] != 1:
            raise ValueError(f"'{pattern}': axis {name} is on the left side only")
        x = _reduced(x, axes.index(name), how)
        axes.remove(name)
    for name in [name for name in wanted if name not in axes]:
        length = int(name.removeprefix("_")) if name.startswith("_") else sizes[name]
        sizes[name] = length
        x = x.unsqueeze(-1).expand(*x.shape, length)
        axes.append(name)
    x = x.permute([axes.index(name) for name in wanted])
    return x.reshape([math.prod(sizes[name] for name in group) for group in right])


def _sides(pattern: str, dimensions: int) -> list[str]:
    sides = pattern.split("->")
    if len(sides) != 2:
        raise ValueError(f"'{pattern}' has no '->'")
    if "..." in pattern:
        named = len(re.findall(r"\([^)]*\)|[^\s()]+", sides[0].replace("...", " ")))
        rest = " ".join(f"rest{i}" for i in range(dimensions - named))
        sides = [side.replace("...", rest) for side in sides]
    return sides


def _groups(side: str, _dimensions: int) -> Groups:
    found: Groups = []
    for group, single in re.findall(r"\(([^)]*)\)|(\S+)", side):
        names = group.split() if not single else ([] if single == "1" else [single])
        found.append([f"_{name}" if name.isdigit() else name for name in names if name != "1"])
    return found


def _split(group: list[str], length: int, sizes: dict[str, int]) -> list[int]:
    """Sizes of the axes of one group; the one that nobody gave follows from the length."""
    unknown = [name for name in group if name not in sizes and not name.startswith("_")]
    sizes.update({name: int(name[1:]) for name in group if name.startswith("_")})
    known = math.prod(sizes[name] for name in group if name not in unknown)
    if len(unknown) > 1 or length % max(known, 1):
        raise ValueError(f"an axis of length {length} cannot be split into {' '.join(group)}")
    for name in unknown:
        sizes[name] = length // known
    if math.prod(sizes[name] for name in group) != length:
        raise ValueError(f"an axis of length {length} is not {' x '.join(group) or '1'}")
    return [sizes[name] for name in group]


def _reduced(x: Tensor, axis: int, how: str) -> Tensor:
    if how in ("max", "min"):
        return x.amax(axis) if how == "max" else x.amin(axis)
    if how in ("rearrange", "repeat"):
        return x.squeeze(axis)
    operation: Any = getattr(x, how)
    return operation(axis)  # type: ignore[no-any-return]
