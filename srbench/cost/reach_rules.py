"""What an operator does to the span of input pixels that an element depends on; see :mod:`srbench.cost.reach`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from torch import Tensor


class Span(NamedTuple):
    """Along one axis of the image: element ``j`` depends on input pixels ``step * j + low`` to ``step * j + high``."""

    dim: int
    """Dimension of the tensor; both axes name the same one where they are flattened into it."""
    size: int
    step: Fraction
    low: Fraction
    high: Fraction

    def moved(self, dim: int) -> Span:
        """The same along another dimension."""
        return self._replace(dim=dim)

    def windowed(self, size: int, stride: int, first: int, last: int) -> Span:
        """After an operator whose output ``j`` takes elements ``stride * j + first`` to ``stride * j + last``."""
        low, high = self.low + self.step * first, self.high + self.step * last
        return self._replace(size=size, step=self.step * stride, low=low, high=high)

    def resized(self, size: int, ratio: Fraction, first: Fraction, last: Fraction) -> Span:
        """After an operator whose output ``j`` takes elements ``ratio * j + first`` to ``ratio * j + last``."""
        low, high = self.low + self.step * first, self.high + self.step * last
        return self._replace(size=size, step=self.step * ratio, low=low, high=high)


Spans = tuple[Span, Span]
"""Of the image's height and width."""


class Obstacle(Exception):
    """An operator that no overlap makes exact: 'global', 'resize', 'constant' or 'unknown'."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


Lookup = Callable[[Tensor], Spans | None]
Rule = Callable[[Sequence[Any], Any, Lookup], Spans | list[Spans]]
"""(arguments, output, spans of a tensor) -> spans of the output, or of each of several outputs."""


def tensors(values: Any) -> Iterator[Tensor]:
    """All tensors among arguments or outputs."""
    for value in values if isinstance(values, (list, tuple)) else (values,):
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors(value)


def _first(args: Sequence[Any], spans: Lookup) -> Spans:
    found = spans(args[0]) if isinstance(args[0], Tensor) else None
    if found is None:
        raise Obstacle("unknown")  # the image enters as a kernel or an index
    return found


def _image(args: Sequence[Any], spans: Lookup) -> Spans:
    """Spans of the first argument, (N, C, H, W); nothing else may be made of the image."""
    found = _first(args, spans)
    others = [t for t in tensors(list(args[1:])) if spans(t) is not None]
    if others or (found[0].dim, found[1].dim) != (2, 3):
        raise Obstacle("unknown")
    return found


def _pair(value: Any) -> tuple[int, int]:
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return (values[0], values[-1])


def _both(found: Spans, make: Callable[[int, Span], Span]) -> Spans:
    return make(0, found[0]), make(1, found[1])


# ---- windows
def _convolution(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    found = _image(args, spans)
    kernel, stride = args[1].shape[2:], _pair(args[3])
    padding, dilation = _pair(args[4]), _pair(args[5])

    def one(i: int, span: Span) -> Span:
        reach = dilation[i] * (kernel[i] - 1)
        size = out.shape[2 + i]
        if args[6]:
            first, last = Fraction(padding[i] - reach, stride[i]), Fraction(padding[i], stride[i])
            return span.resized(size, Fraction(1, stride[i]), first, last)
        return span.windowed(size, stride[i], -padding[i], reach - padding[i])

    return _both(found, one)


def _pool(args: Sequence[Any], out: Any, spans: Lookup, dilated: bool) -> Spans:
    found = _image(args, spans)
    kernel = _pair(args[1])
    stride = _pair(args[2]) if len(args) > 2 and args[2] else kernel
    padding = _pair(args[3]) if len(args) > 3 else (0, 0)
    dilation = _pair(args[4]) if dilated and len(args) > 4 else (1, 1)
    made = next(tensors(out))
    return _both(
        found,
        lambda i, s: s.windowed(made.shape[2 + i], stride[i], -padding[i], dilation[i] * (kernel[i] - 1) - padding[i]),
    )


def _max_pool(args: Sequence[Any], out: Any, spans: Lookup) -> list[Spans]:
    found = _pool(args, out, spans, True)
    return [found, found]


def _average_pool(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    return _pool(args, out, spans, False)


def _padding(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    found, pads = _first(args, spans), args[1]

    def one(_i: int, span: Span) -> Span:
        back = out.dim() - 1 - span.dim
        before = pads[2 * back] if 2 * back < len(pads) else 0
        return span.windowed(out.shape[span.dim], 1, -before, -before)

    return _both(found, one)


# ---- other sizes
def _shuffle(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    factor = args[1]
    first = Fraction(1 - factor, factor)
    return _both(_image(args, spans), lambda i, s: s.resized(out.shape[2 + i], Fraction(1, factor), first, Fraction(0)))


def _unshuffle(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    return _both(_image(args, spans), lambda i, s: s.windowed(out.shape[2 + i], args[1], 0, args[1] - 1))


def _resizing(taps: int, aligned: bool) -> Rule:
    """``taps`` elements on each side of the place that an output comes from; 0 for the nearest."""

    def rule(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
        found = _image(args, spans)
        if aligned and args[2]:  # corners on corners: the ratio is (in - 1) / (out - 1)
            raise Obstacle("resize")
        factors = args[3:5] if aligned else args[2:4]

        def one(i: int, span: Span) -> Span:
            size = out.shape[2 + i]
            factor = factors[i] if len(factors) > i else None
            ratio = Fraction(span.size, size) if factor is None else 1 / Fraction(factor).limit_denominator(1000)
            if taps == 0:
                return span.resized(size, ratio, Fraction(-1), Fraction(0))
            centre = (ratio - 1) / 2
            return span.resized(size, ratio, centre - taps, centre + taps)

        return _both(found, one)

    return rule


# ---- elementwise and joining
def _joined(given: Sequence[tuple[Tensor, Spans]], dims: int) -> Spans:
    """The union over tensors of one grid, their dimensions counted from the last one of ``dims``."""
    moved = [tuple(s.moved(s.dim - tensor.dim() + dims) for s in found) for tensor, found in given]
    grids = {tuple((s.dim, s.size, s.step) for s in found) for found in moved}
    if len(grids) != 1:
        raise Obstacle("unknown")

    def union(axis: int) -> Span:
        each = [found[axis] for found in moved]
        return each[0]._replace(low=min(s.low for s in each), high=max(s.high for s in each))

    return union(0), union(1)


def _check_constants(args: Sequence[Any], found: Spans, dims: int, spans: Lookup) -> None:
    """Refuse tensors that are no part of the image but as large, such as embeddings of positions."""
    for tensor in tensors(list(args)):
        if spans(tensor) is not None:
            continue
        for span in found:
            at = span.dim - dims + tensor.dim()
            if at >= 0 and tensor.shape[at] > 1 and tensor.stride(at) != 0:  # stride 0: one value everywhere
                raise Obstacle("constant")


def elementwise(args: Sequence[Any], out: Any, spans: Lookup) -> Spans | list[Spans]:
    """Every element of the output is made of those at its own place."""
    made = list(tensors(out))
    given = [(t, found) for t in tensors(list(args)) if (found := spans(t)) is not None]
    joined = _joined(given, made[0].dim())
    _check_constants(args, joined, made[0].dim(), spans)
    return [joined] * len(made) if isinstance(out, (list, tuple)) else joined


def _cat(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    dim = (args[1] if len(args) > 1 else 0) % out.dim()
    found = elementwise(args[:1], out, spans)
    if not isinstance(found, tuple) or dim in (found[0].dim, found[1].dim):
        raise Obstacle("unknown")
    return found


def _stack(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    dim = (args[1] if len(args) > 1 else 0) % out.dim()
    given = [(t, found) for t in args[0] if (found := spans(t)) is not None]
    if len(given) != len(args[0]):
        raise Obstacle("constant")
    joined = _joined(given, out.dim() - 1)
    return _both(joined, lambda _i, s: s.moved(s.dim + (s.dim >= dim)))


def _along(found: Spans, dims: Sequence[int], total: int) -> bool:
    """Whether any of ``dims`` is an axis of the image; an empty list means all."""
    return not dims or any(d % total in (found[0].dim, found[1].dim) for d in dims)


def _reduction(at: int) -> Rule:
    """A sum, mean, extreme or norm over the dimensions in argument ``at``."""

    def rule(args: Sequence[Any], out: Any, spans: Lookup) -> Spans | list[Spans]:
        found, x = _first(args, spans), args[0]
        given = args[at] if len(args) > at else None
        dims = [given] if isinstance(given, int) else list(given or [])
        if _along(found, dims, x.dim()):
            raise Obstacle("global")
        made = list(tensors(out))
        gone = [d % x.dim() for d in dims] if made[0].dim() < x.dim() else []
        moved = _both(found, lambda _i, s: s.moved(s.dim - sum(d < s.dim for d in gone)))
        return [moved] * len(made) if isinstance(out, (list, tuple)) else moved

    return rule


def _softmax(args: Sequence[Any], _out: Any, spans: Lookup) -> Spans:
    found = _first(args, spans)
    if _along(found, [args[1]], args[0].dim()):
        raise Obstacle("global")
    return found


def _layer_norm(args: Sequence[Any], out: Any, spans: Lookup) -> list[Spans]:
    found = _first(args, spans)
    if max(found[0].dim, found[1].dim) >= args[0].dim() - len(args[1]):
        raise Obstacle("global")
    return [found] * len(list(tensors(out)))


def _batch_norm(args: Sequence[Any], out: Any, spans: Lookup) -> list[Spans]:
    if args[3] is None or (len(args) > 7 and args[5]):  # statistics of the image itself
        raise Obstacle("global")
    return [_first(args, spans)] * len(list(tensors(out)))


def _adaptive_pool(args: Sequence[Any], out: Any, spans: Lookup) -> Spans | list[Spans]:
    """Equal windows where the output's size divides the input's."""
    found, made = _image(args, spans), list(tensors(out))
    sizes = made[0].shape[2:]
    if tuple(sizes) == (1, 1):
        raise Obstacle("global")
    if any(span.size % size for span, size in zip(found, sizes, strict=True)):
        raise Obstacle("resize")
    pooled = _both(found, lambda i, s: s.windowed(sizes[i], s.size // sizes[i], 0, s.size // sizes[i] - 1))
    return [pooled] * len(made) if isinstance(out, (list, tuple)) else pooled


def _whole_image(_args: Sequence[Any], _out: Any, _spans: Lookup) -> Spans:
    raise Obstacle("global")


def _product(left: int) -> Rule:
    """A matrix product of the image's features (rows are places) and weights."""

    def rule(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
        a, b = args[left], args[left + 1]
        found = spans(a)
        others = [t for i, t in enumerate(args) if i != left and isinstance(t, Tensor) and spans(t) is not None]
        if found is not None and others:
            raise Obstacle("global" if b in others else "unknown")
        if found is None or max(found[0].dim, found[1].dim) >= a.dim() - 1:
            raise Obstacle("unknown")
        return found

    return rule


# ---- the same values in another order
def _same(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    found = _first(args, spans)
    if any(out.shape[s.dim] != args[0].shape[s.dim] for s in found):
        raise Obstacle("unknown")
    return found


def _expand(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    x = args[0]
    found = _both(_first(args, spans), lambda _i, s: s.moved(s.dim + out.dim() - x.dim()))
    if any(out.shape[s.dim] != x.shape[s.dim - out.dim() + x.dim()] for s in found):
        raise Obstacle("unknown")
    return found


def _view(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    """Height and width stay dimensions of their own, or are flattened into one together, or come out of it again."""
    found, x = _first(args, spans), args[0]
    height, width = found
    before = prod(x.shape[: height.dim])
    for i, n in enumerate(out.shape):
        if prod(out.shape[:i]) != before:
            continue
        if n == height.size * width.size and (height.dim == width.dim or width.dim == height.dim + 1):
            return height.moved(i), width.moved(i)
        if n == height.size:
            until = before * height.size * prod(x.shape[height.dim + 1 : width.dim])
            for j in range(i + 1, out.dim()):
                if prod(out.shape[:j]) == until and out.shape[j] == width.size:
                    return height.moved(i), width.moved(j)
    raise Obstacle("unknown")


def _permute(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    order = [d % out.dim() for d in args[1]]
    return _both(_first(args, spans), lambda _i, s: s.moved(order.index(s.dim)))


def _transpose(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    a, b = (args[1] % out.dim(), args[2] % out.dim()) if len(args) > 1 else (0, 1)
    return _both(_first(args, spans), lambda _i, s: s.moved({a: b, b: a}.get(s.dim, s.dim)))


def _unsqueeze(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    dim = args[1] % out.dim()
    return _both(_first(args, spans), lambda _i, s: s.moved(s.dim + (s.dim >= dim)))


def _squeeze(args: Sequence[Any], _out: Any, spans: Lookup) -> Spans:
    x = args[0]
    asked = args[1] if len(args) > 1 else range(x.dim())
    dims = [d % x.dim() for d in ([asked] if isinstance(asked, int) else asked)]
    gone = [d for d in dims if x.shape[d] == 1]
    return _both(_first(args, spans), lambda _i, s: s.moved(s.dim - sum(d < s.dim for d in gone)))


def _slice(args: Sequence[Any], out: Any, spans: Lookup) -> Spans:
    found, x = _first(args, spans), args[0]
    dim = (args[1] if len(args) > 1 else 0) % x.dim()
    start = (args[2] if len(args) > 2 else None) or 0
    step = args[4] if len(args) > 4 else 1
    if found[0].dim == found[1].dim == dim:
        raise Obstacle("unknown")
    start = max(0, start + x.shape[dim]) if start < 0 else start
    return _both(found, lambda _i, s: s.windowed(out.shape[dim], step, start, start) if s.dim == dim else s)


def _pieces(args: Sequence[Any], out: Any, spans: Lookup) -> list[Spans]:
    found = _first(args, spans)
    dim = (args[2] if len(args) > 2 else 0) % args[0].dim()
    if _along(found, [dim], args[0].dim()):
        raise Obstacle("unknown")
    return [found] * len(out)


def _without(at: int, several: bool) -> Rule:
    """One dimension is gone: ``select`` and ``unbind``."""

    def rule(args: Sequence[Any], out: Any, spans: Lookup) -> Spans | list[Spans]:
        found = _first(args, spans)
        dim = (args[at] if len(args) > at else 0) % args[0].dim()
        if _along(found, [dim], args[0].dim()):
            raise Obstacle("unknown")
        moved = _both(found, lambda _i, s: s.moved(s.dim - (s.dim > dim)))
        return [moved] * len(out) if several else moved

    return rule


def _roll(args: Sequence[Any], _out: Any, spans: Lookup) -> Spans:
    found = _first(args, spans)
    if _along(found, list(args[2]) if len(args) > 2 else [], args[0].dim()):
        raise Obstacle("global")
    return found


def _rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = {
        "convolution": _convolution, "_convolution": _convolution,
        "max_pool2d_with_indices": _max_pool, "avg_pool2d": _average_pool,
        "constant_pad_nd": _padding, "reflection_pad2d": _padding, "replication_pad2d": _padding,
        "pixel_shuffle": _shuffle, "pixel_unshuffle": _unshuffle,
        "upsample_nearest2d": _resizing(0, False), "_upsample_nearest_exact2d": _resizing(1, False),
        "upsample_bilinear2d": _resizing(1, True), "upsample_bicubic2d": _resizing(2, True),
        "cat": _cat, "stack": _stack, "_softmax": _softmax, "_safe_softmax": _softmax, "_log_softmax": _softmax,
        "native_layer_norm": _layer_norm, "native_batch_norm": _batch_norm,
        "_native_batch_norm_legit_no_training": _batch_norm,
        "native_group_norm": _whole_image,
        "_adaptive_avg_pool2d": _adaptive_pool, "adaptive_max_pool2d": _adaptive_pool,
        "mm": _product(0), "bmm": _product(0), "addmm": _product(1), "baddbmm": _product(1), "mv": _product(0),
        "permute": _permute, "transpose": _transpose, "t": _transpose, "unsqueeze": _unsqueeze, "squeeze": _squeeze,
        "expand": _expand, "slice": _slice, "split": _pieces, "split_with_sizes": _pieces,
        "select": _without(1, False), "unbind": _without(1, True), "roll": _roll,
    }  # fmt: skip
    for name in ("view", "_unsafe_view", "reshape", "_reshape_alias"):
        rules[name] = _view
    for name in ("clone", "alias", "detach", "contiguous", "_to_copy", "channel_shuffle", "native_channel_shuffle",
                 "native_dropout", "repeat", "lift_fresh", "empty_like", "zeros_like", "ones_like"):  # fmt: skip
        rules[name] = _same
    for name in ("mean", "sum", "amax", "amin", "var", "std", "var_mean", "std_mean", "max", "min", "prod", "median",
                 "argmax", "argmin", "logsumexp", "any", "all"):  # fmt: skip
        rules[name] = _reduction(1)
    rules["linalg_vector_norm"] = rules["norm"] = _reduction(2)
    rules["copy"] = rules["_prelu_kernel"] = rules["where"] = elementwise
    for name in ("_fft_r2c", "_fft_c2c", "_fft_c2r", "cumsum", "cumprod", "flip"):
        rules[name] = _whole_image
    return rules


RULES: dict[str, Rule] = _rules()
"""By name of the operator, without ``aten::`` and the ``_`` of those that work in place."""
