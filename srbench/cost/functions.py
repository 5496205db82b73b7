"""Public functions of torch that a pass runs through, and what fvcore makes of them.

fvcore counts the graph that ``torch.jit.trace`` records. That graph holds public functions (``matmul``, ``linear``,
``einsum``) where a pass over operators sees what they are made of (``mm``, ``bmm``, ``addmm``). So the ``fvcore``
convention prices these here, and the operators inside them at nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import floor, prod
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

Price = Callable[[Sequence[Any], dict[str, Any], Any], int]
"""(args, kwargs, output) -> what fvcore counts for one call of the function."""


class Function(NamedTuple):
    """A public function whose inner operators are shown under its name."""

    label: str
    fvcore: Price | None = None
    """None: fvcore does not know the function and counts nothing for it."""
    opaque: bool = True
    """Whether the graph that fvcore counts holds the function as one operator."""
    activation: bool = True
    """Whether fvcore counts its output among the activations."""


def _argument(args: Sequence[Any], kwargs: dict[str, Any], place: int, name: str) -> Any:
    return args[place] if len(args) > place else kwargs.get(name)


def _product(left: Tensor, right: Tensor) -> int:
    if left.dim() < 2 or right.dim() < 2:
        return 0  # fvcore stops with an error here
    return int(prod(left.shape) * right.shape[-1])


def _matmul(args: Sequence[Any], kwargs: dict[str, Any], _out: Any) -> int:
    return _product(_argument(args, kwargs, 0, "input"), _argument(args, kwargs, 1, "other"))


def _reversed_matmul(args: Sequence[Any], _kwargs: dict[str, Any], _out: Any) -> int:
    return _product(args[1], args[0])


def _linear(args: Sequence[Any], kwargs: dict[str, Any], _out: Any) -> int:
    x, weight = _argument(args, kwargs, 0, "input"), _argument(args, kwargs, 1, "weight")
    return int(prod(x.shape) * weight.shape[0])


def _einsum(args: Sequence[Any], _kwargs: dict[str, Any], _out: Any) -> int:
    if not args or not isinstance(args[0], str):
        return 0
    operands = args[1] if len(args) == 2 and isinstance(args[1], (list, tuple)) else args[1:]
    return einsum_macs(args[0].replace(" ", ""), tuple(tuple(t.shape) for t in operands))


@lru_cache(maxsize=1024)
def einsum_macs(equation: str, shapes: tuple[tuple[int, ...], ...]) -> int:
    """What fvcore counts for an einsum: half of numpy's operations, to the four digits that numpy prints.

    >>> einsum_macs("bic,bjc->bij", ((1, 3, 80), (1, 3, 80)))
    720
    """
    letters = {c: chr(97 + i) for i, c in enumerate(dict.fromkeys(c for c in equation if c.isalpha()))}
    plain = "".join(letters.get(c, c) for c in equation)
    if plain == "abc,abd->acd":
        return prod(shapes[0]) * shapes[1][-1]
    if plain == "abc,adc->adb":
        return prod(shapes[0]) * shapes[1][1]
    import numpy as np

    arrays = [np.broadcast_to(np.float64(0), shape) for shape in shapes]
    for line in np.einsum_path(plain, *arrays, optimize="optimal")[1].split("\n"):
        if "optimized flop" in line.lower():
            return floor(float(line.split(":")[-1]) / 2)
    return 0


def _pooling(args: Sequence[Any], kwargs: dict[str, Any], _out: Any) -> int:
    return int(_argument(args, kwargs, 0, "input").numel())


def _instance_norm(weight_at: int) -> Price:
    def price(args: Sequence[Any], kwargs: dict[str, Any], _out: Any) -> int:
        affine = _argument(args, kwargs, weight_at, "weight") is not None
        return int(_argument(args, kwargs, 0, "input").numel()) * (5 if affine else 4)

    return price


def _build_functions() -> dict[Any, Function]:
    matmul = Function("matmul", _matmul)
    pooling = Function("adaptive_avg_pool2d", _pooling, activation=False)
    known: dict[Any, Function] = {
        **dict.fromkeys((torch.matmul, Tensor.matmul, Tensor.__matmul__, torch.linalg.matmul), matmul),
        Tensor.__rmatmul__: Function("matmul", _reversed_matmul),
        F.linear: Function("linear", _linear),
        torch.einsum: Function("einsum", _einsum),
        F.scaled_dot_product_attention: Function("attention"),
        F.adaptive_avg_pool2d: pooling,
        torch._C._nn.adaptive_avg_pool2d: pooling,
        F.adaptive_avg_pool1d: Function("adaptive_avg_pool1d"),
        F.instance_norm: Function("instance_norm", _instance_norm(3), activation=False),
        torch.instance_norm: Function("instance_norm", _instance_norm(1), activation=False),
    }
    for name in ("tensordot", "inner", "chain_matmul", "lstm", "gru", "rnn_tanh", "rnn_relu", "matrix_power"):
        known[getattr(torch, name)] = Function(name)
    for function, name in ((torch.linalg.multi_dot, "multi_dot"), (Tensor.inner, "inner")):
        known[function] = Function(name)
    return known


FUSED_INSIDE = Function("attention", opaque=False, activation=False)
"""Multi-head attention without weights asked for: its linear layers are seen, its products are fused."""
_CONVOLUTIONS: dict[Any, str] = {F.conv1d: "conv1d", F.conv2d: "conv2d", F.conv3d: "conv3d"}
_NAMED_PADDING = {label: Function(f"{label} with padding by name") for label in _CONVOLUTIONS.values()}
_AREA = Function("adaptive_avg_pool2d", _pooling, activation=False)


def padded_by_name(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Function | None:
    """Convolutions with ``padding="same"`` or ``"valid"`` are an operator of their own, which fvcore does not know."""
    padding = args[4] if len(args) > 4 else kwargs.get("padding") if kwargs else None
    return _NAMED_PADDING[_CONVOLUTIONS[func]] if isinstance(padding, str) else None


def _interpolate(_func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Function | None:
    x = _argument(args, kwargs, 0, "input")
    return _AREA if _argument(args, kwargs, 3, "mode") == "area" and x.dim() == 4 else None


def _multi_head(_func: Any, _args: Sequence[Any], kwargs: dict[str, Any]) -> Function | None:
    return _ATTENTION if kwargs.get("need_weights", True) else FUSED_INSIDE


_ATTENTION = Function("attention", opaque=False)
Chooser = Callable[[Any, Sequence[Any], dict[str, Any]], "Function | None"]
"""(function, args, kwargs) -> what this call of it is to fvcore; None where the operators inside it tell all."""
FUNCTIONS: dict[Any, Function | Chooser | str] = {
    **_build_functions(),
    **dict.fromkeys(_CONVOLUTIONS, padded_by_name),
    F.interpolate: _interpolate,
    F.multi_head_attention_forward: _multi_head,
    Tensor.numpy: "numpy",
    Tensor.__array__: "numpy",
    Tensor.data.__set__: "set data",  # type: ignore[attr-defined]
}
"""Functions that a pass must know of. ``numpy``: what happens to the array is not seen."""
