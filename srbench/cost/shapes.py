"""Output shapes of operators on meta tensors, without arithmetic and without torch's slower generic rules.

Torch knows the output shape of every operator ("meta kernels"), but many of these rules are written in
Python and take 0.1-3 ms. The rules here cover what networks for super-resolution are made of in about a
microsecond each; whatever they do not cover goes to torch's own rule.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from srbench.cost.layouts import broadcast, cropped, dense, memory_format, only_channels_last, packed_strides
from srbench.cost.sizes import conv_output_shape, pool_length

aten: Any = torch.ops.aten
META = torch.device("meta")

Rule = Callable[[Sequence[Any], dict[str, Any]], "Tensor | tuple[Tensor, ...] | None"]
"""(args, kwargs) -> the output, or None when the rule does not apply and torch's own must be asked."""


@contextlib.contextmanager
def plain_checks() -> Iterator[None]:
    """Inside it, what torch's own rules check of plain numbers costs no import of its symbolic mathematics (0.5 s)."""
    library: Any = torch
    original = getattr(library, "_check_with", None)
    if original is None:
        yield
        return

    def check(error_type: Any, condition: Any, message: Any) -> None:
        if condition is not True:
            original(error_type, condition, message)

    library._check_with = check
    try:
        yield
    finally:
        library._check_with = original


def _plain(x: Any) -> bool:
    """Whether ``x`` is a contiguous floating-point tensor, for which the short rules hold."""
    return isinstance(x, Tensor) and x.is_contiguous() and x.dtype.is_floating_point


def _empty(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    return torch.empty(tuple(shape), dtype=dtype, device=META)


def _elementwise(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    shape: Any = None
    dtype: torch.dtype | None = None
    for arg in args:
        if isinstance(arg, Tensor):
            if not arg.is_contiguous():
                return _elementwise_permuted(args, kwargs)
            if dtype is not None and arg.dtype is not dtype:
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


def _elementwise_permuted(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    """Where layouts differ, the output has that of the first argument as large as itself, if it has no gaps."""
    tensors = [arg for arg in args if isinstance(arg, Tensor)]
    if kwargs.get("dtype") is not None or any(isinstance(arg, complex) for arg in args):
        return None
    shape: tuple[int, ...] | None = tuple(tensors[0].shape)
    for other in tensors[1:]:
        shape = broadcast(shape, other.shape) if shape is not None else None
    first = next((x for x in tensors if shape is not None and tuple(x.shape) == shape), None)
    if first is None or not first.dtype.is_floating_point or first.numel() == 0:
        return None
    if any(other.dtype is not first.dtype for other in tensors):
        return None
    before = itertools.takewhile(lambda x: x is not first, tensors)
    if any(sum(n > 1 for n in small.shape) > 1 for small in before):  # it may have a say in the order
        return None
    strides = first.stride() if dense(first) else packed_strides(first)
    return None if strides is None else torch.empty_strided(first.shape, strides, dtype=first.dtype, device=META)


def _in_place(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    target = args[0]
    others_fit = all(broadcast(target.shape, a.shape) == tuple(target.shape) for a in args[1:] if isinstance(a, Tensor))
    return target if others_fit else None


def _convolution(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, weight, transposed, groups = args[0], args[1], args[6], args[8]
    nhwc = only_channels_last(x)
    if (
        not (nhwc or _plain(x) or cropped(x) or _gives_rows(x, weight))
        or x.dtype is not weight.dtype
        or x.dim() != weight.dim()
    ):
        return None  # torch's own rule also knows the error to raise
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    shape = conv_output_shape(x.shape, weight.shape, args[3:9])
    if x.shape[1] != channels or min(shape) < 1:
        return None
    if nhwc:
        return torch.empty(shape, dtype=x.dtype, device=META, memory_format=torch.channels_last)
    return _empty(shape, x.dtype)


def _gives_rows(x: Tensor, weight: Tensor) -> bool:
    """Whether a convolution's output is contiguous although its input is neither that nor stored channels last."""
    plain = memory_format(x) is memory_format(weight) is torch.contiguous_format
    return x.dim() == 4 and x.dtype.is_floating_point and plain


def _pooled(x: Any, numbers: Sequence[Any], ceil: bool) -> tuple[int, ...] | None:
    """Shape after pooling by (kernel, stride, padding, dilation), each one number or two."""
    if not _plain(x) or x.dim() != 4:
        return None
    kernel, stride, padding, dilation = ([value] if isinstance(value, int) else list(value) for value in numbers)
    sides = []
    for i in (0, 1):
        k, s, p, d = (value[i if len(value) > 1 else 0] for value in (kernel, stride or kernel, padding, dilation))
        if p > k // 2:
            return None
        sides.append(pool_length(x.shape[2 + i], k, s, p, d, ceil))
    return (*x.shape[:2], *sides) if min(sides) > 0 else None


def _with_defaults(args: Sequence[Any], kwargs: dict[str, Any], *defaults: tuple[str, Any]) -> list[Any]:
    return [args[i + 1] if len(args) > i + 1 else kwargs.get(name, value) for i, (name, value) in enumerate(defaults)]


_POOL: tuple[tuple[str, Any], ...] = (("kernel_size", 1), ("stride", []), ("padding", 0))


def _max_pool(args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Tensor, ...] | None:
    *numbers, ceil = _with_defaults(args, kwargs, *_POOL, ("dilation", 1), ("ceil_mode", False))
    shape = _pooled(args[0], numbers, bool(ceil))
    return None if shape is None else (_empty(shape, args[0].dtype), _empty(shape, torch.int64))


def _avg_pool(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    *numbers, ceil = _with_defaults(args, kwargs, *_POOL, ("ceil_mode", False))
    shape = _pooled(args[0], [*numbers, 1], bool(ceil))
    return None if shape is None else _empty(shape, args[0].dtype)


def _adaptive_max_pool(args: Sequence[Any], _kwargs: dict[str, Any]) -> tuple[Tensor, ...] | None:
    x, size = args[:2]
    if x.dim() != 4 or not x.dtype.is_floating_point or min(*size, *x.shape) < 1:
        return None
    shape, layout = (*x.shape[:2], *size), memory_format(x)
    out, places = (torch.empty(shape, dtype=d, device=META, memory_format=layout) for d in (x.dtype, torch.int64))
    return out, places


def _eye(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    dtype, device = kwargs.get("dtype"), kwargs.get("device")
    return _empty((args[0], args[-1]), dtype) if dtype is not None and device == META else None


def _group_norm(args: Sequence[Any], _kwargs: dict[str, Any]) -> tuple[Tensor, ...] | None:
    x, batch, groups = args[0], args[3], args[6]
    if x.dim() != 4 or any(t is not None and t.dtype is not x.dtype for t in args[:3]):
        return None
    out = torch.empty(x.shape, dtype=x.dtype, device=META, memory_format=memory_format(x))
    return out, _empty((batch, groups), x.dtype), _empty((batch, groups), x.dtype)


def _folded(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, size, kernel = args[:3]
    if x.dim() != 3 or not x.dtype.is_floating_point or x.shape[1] % prod(kernel):
        return None
    sides = zip(size, kernel, *args[3:6], strict=True)
    positions = prod((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in sides)
    return _empty((x.shape[0], x.shape[1] // prod(kernel), *size), x.dtype) if x.shape[2] == positions else None


def _patches(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, kernel, *numbers = args
    if x.dim() != 4 or not x.dtype.is_floating_point:
        return None
    dilation, padding, stride = numbers
    sides = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, d, p, s in zip(x.shape[2:], kernel, dilation, padding, stride, strict=True)
    ]
    return _empty((x.shape[0], x.shape[1] * prod(kernel), prod(sides)), x.dtype) if min(sides) > 0 else None


def _layer_norm(args: Sequence[Any], _kwargs: dict[str, Any]) -> tuple[Tensor, ...] | None:
    x, normalized = args[:2]
    if not x.dtype.is_floating_point or tuple(x.shape[x.dim() - len(normalized) :]) != tuple(normalized):
        return None
    statistics = (*x.shape[: x.dim() - len(normalized)], *[1] * len(normalized))
    return _empty(x.shape, x.dtype), _empty(statistics, x.dtype), _empty(statistics, x.dtype)


def _vector_norm(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    _ord, dims, keep, dtype = _with_defaults(
        args, kwargs, ("ord", 2), ("dim", None), ("keepdim", False), ("dtype", None)
    )
    return _reduce((args[0], dims, keep), {"dtype": dtype})


def _alike(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    plain = all(value is None or value is False or value is torch.preserve_format for value in kwargs.values())
    return _empty(args[0].shape, args[0].dtype) if plain and len(args) == 1 and _plain(args[0]) else None


def _cat(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    tensors = args[0]
    dim = args[1] if len(args) > 1 else kwargs.get("dim", 0)
    first = tensors[0]
    if not first.dtype.is_floating_point or first.dim() == 0:
        return None
    if not all(t.dtype is first.dtype and t.dim() == first.dim() for t in tensors):
        return None
    layout = torch.contiguous_format
    if not all(t.is_contiguous() for t in tensors):
        kinds = {memory_format(t) for t in tensors}
        layout = kinds.pop() if len(kinds) == 1 else torch.contiguous_format
    dim = dim % first.dim()
    shape = list(first.shape)
    for other in tensors[1:]:
        for i, n in enumerate(other.shape):
            if i != dim and n != shape[i]:
                return None
    shape[dim] = sum(t.shape[dim] for t in tensors)
    return torch.empty(shape, dtype=first.dtype, device=META, memory_format=layout)


def _reduce(args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor | None:
    x = args[0]
    dims = args[1] if len(args) > 1 else kwargs.get("dim")
    keep = args[2] if len(args) > 2 else kwargs.get("keepdim", False)
    if not isinstance(x, Tensor) or not x.dtype.is_floating_point or x.dim() == 0:
        return None
    if dims is None or isinstance(dims, bool) or not isinstance(keep, bool) or kwargs.get("dtype"):
        return None
    chosen = {d % x.dim() for d in ([dims] if isinstance(dims, int) else dims)}
    if not chosen:
        return None
    left = [step for i, (step, n) in enumerate(zip(x.stride(), x.shape, strict=True)) if i not in chosen and n > 1]
    if not x.is_contiguous() and any(a <= b for a, b in itertools.pairwise(left)):
        return None  # what is left keeps the order it had
    if keep:
        return _empty([1 if i in chosen else n for i, n in enumerate(x.shape)], x.dtype)
    return _empty([n for i, n in enumerate(x.shape) if i not in chosen], x.dtype)


def _resize(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, size = args[:2]
    if size is None or x.dim() != 4 or not x.dtype.is_floating_point or min(*size, *x.shape) < 1:
        return None
    return torch.empty((*x.shape[:2], *size), dtype=x.dtype, device=META, memory_format=memory_format(x))


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


def _mirrored(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, (left, right, top, bottom) = args[:2]
    if not _plain(x) or x.dim() != 4 or min(left, right, top, bottom, x.shape[0] - 1, x.shape[1] - 1) < 0:
        return None
    height, width = x.shape[2:]
    return _pad(args, {}) if max(left, right) < width and max(top, bottom) < height else None


def _shuffle(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, factor = args[:2]
    last = only_channels_last(x)
    if not (last or _plain(x)) or x.dim() != 4 or x.shape[1] % factor**2:
        return None
    batch, channels, height, width = x.shape
    shape = (batch, channels // factor**2, height * factor, width * factor)
    layout = torch.channels_last if last else torch.contiguous_format
    return torch.empty(shape, dtype=x.dtype, device=META, memory_format=layout)


def _product(left: int) -> Rule:
    """Matrix product of ``args[left]`` (..., n, k) and the argument behind it (..., k, m), after a bias if any."""

    def rule(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
        a, b = args[left : left + 2]
        if any(t.dtype is not a.dtype for t in args[: left + 2]) or not a.dtype.is_floating_point:
            return None
        if a.dim() != b.dim() or a.shape[-1] != b.shape[-2] or a.shape[:-2] != b.shape[:-2]:
            return None
        shape = (*a.shape[:-1], b.shape[-1])
        if left and broadcast(args[0].shape, shape) != shape:
            return None
        return _empty(shape, a.dtype)

    return rule


def _unshuffle(args: Sequence[Any], _kwargs: dict[str, Any]) -> Tensor | None:
    x, factor = args[:2]
    if not _plain(x) or x.dim() != 4 or x.shape[2] % factor or x.shape[3] % factor:
        return None
    batch, channels, height, width = x.shape
    return _empty((batch, channels * factor**2, height // factor, width // factor), x.dtype)


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
    rules[aten.native_group_norm.default], rules[aten.im2col.default] = _group_norm, _patches
    rules[aten.col2im.default] = _folded
    rules[aten.eye.default] = rules[aten.eye.m] = _eye
    rules[aten.mm.default] = rules[aten.bmm.default] = _product(0)
    rules[aten.addmm.default] = _product(1)
    for operator in (aten.mean.dim, aten.sum.dim_IntList, aten.amax.default, aten.std.correction, aten.var.correction):
        rules[operator] = _reduce
    for operator in (
        aten.upsample_bilinear2d.default,
        aten.upsample_nearest2d.default,
        aten.upsample_bicubic2d.default,
    ):
        rules[operator] = _resize
    rules[aten.clone.default] = _clone
    rules[aten.max_pool2d_with_indices.default], rules[aten.avg_pool2d.default] = _max_pool, _avg_pool
    rules[aten.adaptive_max_pool2d.default], rules[aten.native_layer_norm.default] = _adaptive_max_pool, _layer_norm
    rules[aten.linalg_vector_norm.default] = _vector_norm
    for operator in (aten.zeros_like.default, aten.ones_like.default, aten.empty_like.default):
        rules[operator] = _alike
    rules[aten.pixel_shuffle.default], rules[aten.pixel_unshuffle.default] = _shuffle, _unshuffle
    rules[aten.constant_pad_nd.default] = _pad
    rules[aten.reflection_pad2d.default] = rules[aten.replication_pad2d.default] = _mirrored
    return rules


RULES: dict[Any, Rule] = _build_rules()
