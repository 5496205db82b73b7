"""Output shapes of operators on meta tensors, without arithmetic and without torch's slower generic rules.

Torch knows the output shape of every operator ("meta kernels"), but many of these rules are written in
Python and take 0.1-3 ms. The rules here cover what networks for super-resolution are made of in about a
microsecond each; whatever they do not cover goes to torch's own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

aten: Any = torch.ops.aten
META = torch.device("meta")

Rule = Callable[[Sequence[Any], dict[str, Any]], Tensor | None]
"""(args, kwargs) -> the output, or None when the rule does not apply and torch's own must be asked."""


def _plain(x: Any) -> bool:
    """Whether ``x`` is a contiguous floating-point tensor, for which the short rules hold."""
    return isinstance(x, Tensor) and x.is_contiguous() and x.dtype.is_floating_point


def _empty(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    return torch.empty(tuple(shape), dtype=dtype, device=META)


def broadcast(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...] | None:
    """Shape of an elementwise operator's output; None when the shapes do not fit.

    >>> broadcast((1, 64, 1, 1), (8, 9))
    (1, 64, 8, 9)
    """
    if len(a) < len(b):
        a, b = b, a
    b = (1,) * (len(a) - len(b)) + tuple(b)
    if any(m != n and m != 1 and n != 1 for m, n in zip(a, b, strict=True)):
        return None
    return tuple(n if m == 1 else m for m, n in zip(a, b, strict=True))


def _elementwise(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    shape: Any = None
    dtype: torch.dtype | None = None
    for arg in args:
        if isinstance(arg, Tensor):
            if not arg.is_contiguous() or (dtype is not None and arg.dtype is not dtype):
                return None
            if shape is None:
                shape, dtype = arg.shape, arg.dtype
            elif arg.shape != shape:
                shape = broadcast(shape, arg.shape)
                if shape is None:
                    return None
        elif isinstance(arg, complex):
            return None
    if dtype is None or not dtype.is_floating_point or kwargs.get("dtype") is not None:
        return None
    return _empty(shape, dtype)


def _in_place(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    target = args[0]
    others_fit = all(broadcast(target.shape, a.shape) == tuple(target.shape) for a in args[1:] if isinstance(a, Tensor))
    return target if others_fit else None


def conv_output_shape(x: Sequence[int], weight: Sequence[int], settings: Sequence[Any]) -> tuple[int, ...]:
    """Shape of a convolution's output for input ``x`` (N, C_in, *spatial) and its weight.

    ``settings`` are the operator's own, in its order: stride, padding, dilation, transposed, output_padding, groups.
    """
    stride, padding, dilation, transposed, output_padding, groups = settings
    if not transposed and len(x) == 4 and len(stride) == len(padding) == len(dilation) == 2:  # nearly all of them
        height = (x[2] + 2 * padding[0] - dilation[0] * (weight[2] - 1) - 1) // stride[0] + 1
        width = (x[3] + 2 * padding[1] - dilation[1] * (weight[3] - 1) - 1) // stride[1] + 1
        return (x[0], weight[0], height, width)
    dims = len(x) - 2

    def at(values: Sequence[int], i: int) -> int:
        return values[i] if len(values) > 1 else values[0]

    spatial = []
    for i in range(dims):
        reach = at(dilation, i) * (weight[i + 2] - 1)
        if transposed:
            spatial.append((x[i + 2] - 1) * at(stride, i) - 2 * at(padding, i) + reach + at(output_padding, i) + 1)
        else:
            spatial.append((x[i + 2] + 2 * at(padding, i) - reach - 1) // at(stride, i) + 1)
    channels = weight[1] * groups if transposed else weight[0]
    return (x[0], channels, *spatial)


def _convolution(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, weight, transposed, groups = args[0], args[1], args[6], args[8]
    if not _plain(x) or x.dtype is not weight.dtype or x.dim() != weight.dim():
        return None  # torch's own rule also knows the error to raise
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    shape = conv_output_shape(x.shape, weight.shape, args[3:9])
    if x.shape[1] != channels or min(shape) < 1:
        return None
    return _empty(shape, x.dtype)


def _cat(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    tensors = args[0]
    dim = args[1] if len(args) > 1 else kwargs.get("dim", 0)
    first = tensors[0]
    if not all(_plain(t) and t.dtype is first.dtype and t.dim() == first.dim() for t in tensors):
        return None
    dim = dim % first.dim()
    shape = list(first.shape)
    for other in tensors[1:]:
        for i, n in enumerate(other.shape):
            if i != dim and n != shape[i]:
                return None
    shape[dim] = sum(t.shape[dim] for t in tensors)
    return _empty(shape, first.dtype)


def _reduce(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    x = args[0]
    dims = args[1] if len(args) > 1 else kwargs.get("dim")
    keep = args[2] if len(args) > 2 else kwargs.get("keepdim", False)
    if not _plain(x) or dims is None or isinstance(dims, bool) or not isinstance(keep, bool) or kwargs.get("dtype"):
        return None
    chosen = {d % x.dim() for d in ([dims] if isinstance(dims, int) else dims)}
    if not chosen:
        return None
    if keep:
        return _empty([1 if i in chosen else n for i, n in enumerate(x.shape)], x.dtype)
    return _empty([n for i, n in enumerate(x.shape) if i not in chosen], x.dtype)


def _resize(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, size = args[:2]
    return _empty((*x.shape[:2], *size), x.dtype) if _plain(x) and size is not None else None


def _clone(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    wanted = kwargs.get("memory_format")
    if wanted is torch.contiguous_format or (wanted in (None, torch.preserve_format) and args[0].is_contiguous()):
        return _empty(args[0].shape, args[0].dtype)
    return None


def _pad(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, pads = args[:2]
    if not _plain(x):
        return None
    shape = list(x.shape)
    for i in range(len(pads) // 2):
        shape[-1 - i] += pads[2 * i] + pads[2 * i + 1]
    return _empty(shape, x.dtype) if min(shape) > 0 else None


_ELEMENTWISE = """
relu leaky_relu gelu sigmoid tanh silu hardswish hardsigmoid hardtanh elu softplus mish clamp clamp_min clamp_max
add sub rsub mul div pow sqrt rsqrt exp log abs neg reciprocal sin cos erf square _prelu_kernel _softmax
_safe_softmax
"""


def _build_rules() -> dict[Any, Rule]:
    rules: dict[Any, Rule] = {}
    for name in _ELEMENTWISE.split():
        for packet_name, rule in ((name, _elementwise), (name + "_", _in_place)):
            packet = getattr(aten, packet_name, None)
            if packet is None:
                continue
            for overload in packet.overloads():
                operator = getattr(packet, overload)
                if len(operator._schema.returns) == 1 and not overload.endswith("out"):
                    rules[operator] = rule
    rules[aten.convolution.default] = rules[aten._convolution.default] = _convolution
    rules[aten.cat.default] = _cat
    for operator in (aten.mean.dim, aten.sum.dim_IntList, aten.amax.default, aten.std.correction, aten.var.correction):
        rules[operator] = _reduce
    for operator in (
        aten.upsample_bilinear2d.default,
        aten.upsample_nearest2d.default,
        aten.upsample_bicubic2d.default,
    ):
        rules[operator] = _resize
    rules[aten.clone.default] = _clone
    rules[aten.constant_pad_nd.default] = _pad
    return rules


RULES: dict[Any, Rule] = _build_rules()
