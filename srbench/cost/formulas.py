"""What one call of a torch operator costs: the formulas behind every convention that counts operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, log2, prod
from typing import Any, NamedTuple

from torch import Tensor

from srbench.cost.shapes import aten


class OpCost(NamedTuple):
    """What one call of an operator costs under the conventions that count operators."""

    label: str
    macs: int
    fvcore: int = 0
    """fvcore's count where it sees the operator itself; what it sees as a function is in ``functions.py``."""
    torch: int = 0
    conv: bool = False
    fvcore_activation: bool = False
    """fvcore counts the outputs of matrix products among the activations, the challenges do not."""
    weights: int = 0
    """Elements of the kernel of a convolution."""


Formula = Callable[[Sequence[Any], Any], OpCost]
"""(args of the operator, its output) -> its cost."""


def _complex(*tensors: Any) -> int:
    """4 real products in a complex one; 1 as soon as one factor is real."""
    return 4 if all(isinstance(t, Tensor) and t.dtype.is_complex for t in tensors) else 1


def _convolution(args: Sequence[Any], out: Tensor) -> OpCost:
    x, weight, transposed = args[0], args[1], args[6]
    positions = x if transposed else out
    kernel = weight.numel()
    macs = kernel * (positions.numel() // positions.shape[1])
    return OpCost(_CONV_LABELS[transposed, weight.dim() - 2], macs, macs, macs, True, True, kernel)


_CONV_LABELS = {(t, dims): f"conv{'_transpose' if t else ''}{dims}d" for t in (False, True) for dims in (1, 2, 3)}


def _matrix_product(label: str, left: int, in_fvcore: bool = True, in_torch: bool = True) -> Formula:
    """Product whose left factor is ``args[left]`` (..., n, k) and whose right one follows (..., k, m)."""

    def formula(args: Sequence[Any], _out: Tensor) -> OpCost:
        one = prod(args[left].shape) * args[left + 1].shape[-1]
        return OpCost(
            label,
            one * _complex(args[left], args[left + 1]),
            one if in_fvcore else 0,
            one if in_torch else 0,
            fvcore_activation=label in ("addmm", "bmm"),
        )

    return formula


def _vector_product(label: str, left: int) -> Formula:
    def formula(args: Sequence[Any], _out: Tensor) -> OpCost:
        return OpCost(label, prod(args[left].shape) * _complex(args[left], args[left + 1]))

    return formula


def _attention(in_torch: bool) -> Formula:
    def formula(args: Sequence[Any], _out: Any) -> OpCost:
        query, key, value = (a.shape for a in args[:3])
        macs = prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
        return OpCost("attention", macs, 0, macs if in_torch else 0)

    return formula


def _interpolation(label: str, taps: int, in_fvcore: int = 0) -> Formula:
    def formula(_args: Sequence[Any], out: Tensor) -> OpCost:
        n = out.numel()
        return OpCost(label, taps * n, in_fvcore * n)

    return formula


def _antialiased(label: str, taps: int) -> Formula:
    """Interpolation whose kernel widens by the factor it shrinks by, per axis."""

    def formula(args: Sequence[Any], out: Tensor) -> OpCost:
        given, made = args[0].shape[2:], out.shape[2:]
        per_element = prod(ceil(taps * max(1.0, m / n)) for m, n in zip(given, made, strict=True))
        return OpCost(label, per_element * out.numel())

    return formula


def _grid_sample(taps_by_mode: tuple[int, int, int]) -> Formula:
    def formula(args: Sequence[Any], out: Tensor) -> OpCost:
        return OpCost("grid_sample", taps_by_mode[args[2]] * out.numel(), 4 * out.numel())

    return formula


def _trilinear(args: Sequence[Any], _out: Tensor) -> OpCost:
    sizes: dict[int, int] = {}
    for tensor, expand in zip(args[:3], args[3:6], strict=True):
        shape = list(tensor.shape)
        for dim in sorted(expand):
            shape.insert(dim, 1)
        for dim, n in enumerate(shape):
            sizes[dim] = max(n, sizes.get(dim, 1))
    return OpCost("bilinear_layer", prod(sizes.values()))


def _norm(label: str, weight_at: int) -> Formula:
    def formula(args: Sequence[Any], _out: Any) -> OpCost:
        affine = args[weight_at] is not None
        return OpCost(label, 0, args[0].numel() * (5 if affine else 4))

    return formula


def _batch_norm(args: Sequence[Any], _out: Any) -> OpCost:
    affine = args[1] is not None
    training = args[5] if len(args) > 7 else False  # the variants without the flag are inference only
    factor = (5 if affine else 4) if training else (2 if affine else 1)
    return OpCost("batch_norm", 0, args[0].numel() * factor)


def _fourier(label: str, complex_input: bool) -> Formula:
    """A transform of n points (all transformed axes together) is 5 n log2 n operations, half that on real values.

    A multiply-accumulate is two operations; so 2.5 n log2 n, and 1.25 n log2 n.
    """

    def formula(args: Sequence[Any], out: Tensor) -> OpCost:
        real_side = out if label == "ifft" and not complex_input else args[0]
        n = prod(real_side.shape[dim] for dim in args[1])
        steps = real_side.numel() * log2(n) if n > 1 else 0.0
        return OpCost(label, round((2.5 if complex_input else 1.25) * steps))

    return formula


def complex_product(args: Sequence[Any], out: Tensor) -> OpCost:
    """Elementwise: two complex factors take 4 multiply-accumulates; real ones multiply without accumulating."""
    both = len(args) > 1 and _complex(args[0], args[1]) == 4
    return OpCost("complex_mul", 4 * out.numel() if both else 0)


def _products() -> dict[Any, Formula]:
    return {
        aten.convolution.default: _convolution,
        aten._convolution.default: _convolution,  # in modules that torch.jit traced
        aten.addmm.default: _matrix_product("addmm", 1),
        aten.mm.default: _matrix_product("mm", 0),
        aten.bmm.default: _matrix_product("bmm", 0),
        aten.baddbmm.default: _matrix_product("baddbmm", 1, in_fvcore=False),
        aten.addbmm.default: _matrix_product("addbmm", 1, in_fvcore=False, in_torch=False),
        aten.mv.default: _vector_product("mv", 0),
        aten.dot.default: _vector_product("dot", 0),
        aten.vdot.default: _vector_product("vdot", 0),
        aten.addmv.default: _vector_product("addmv", 1),
        aten._trilinear.default: _trilinear,
        aten._fft_r2c.default: _fourier("fft", False),
        aten._fft_c2c.default: _fourier("fft", True),
        aten._fft_c2r.default: _fourier("ifft", False),
    }


def _resampling_and_norms() -> dict[Any, Formula]:
    return {
        aten.upsample_linear1d.default: _interpolation("upsample_linear1d", 2),
        aten.upsample_bilinear2d.default: _interpolation("upsample_bilinear2d", 4, 4),
        aten.upsample_trilinear3d.default: _interpolation("upsample_trilinear3d", 8),
        aten.upsample_bicubic2d.default: _interpolation("upsample_bicubic2d", 16),
        aten.upsample_nearest2d.default: _interpolation("upsample_nearest2d", 0, 1),
        aten._upsample_bilinear2d_aa.default: _antialiased("upsample_bilinear2d_aa", 2),
        aten._upsample_bicubic2d_aa.default: _antialiased("upsample_bicubic2d_aa", 4),
        aten.grid_sampler_2d.default: _grid_sample((4, 0, 16)),
        aten.grid_sampler_3d.default: _grid_sample((8, 0, 8)),
        aten.native_layer_norm.default: _norm("layer_norm", 2),
        aten.native_group_norm.default: _norm("group_norm", 1),
        aten.native_batch_norm.default: _batch_norm,
        aten._native_batch_norm_legit_no_training.default: _batch_norm,
    }


_FUSED_ATTENTION = {
    "_scaled_dot_product_flash_attention": True,
    "_scaled_dot_product_flash_attention_for_cpu": True,
    "_scaled_dot_product_efficient_attention": True,
    "_scaled_dot_product_cudnn_attention": True,
    "_scaled_dot_product_fused_attention_overrideable": True,
}
"""Names of fused attention; which there are depends on the version of torch."""


def _build_formulas() -> dict[Any, Formula]:
    formulas = {**_products(), **_resampling_and_norms()}
    for name, in_torch in _FUSED_ATTENTION.items():
        packet = getattr(aten, name, None)
        if packet is not None:
            formulas[packet.default] = _attention(in_torch)
    return formulas


FORMULAS: dict[Any, Formula] = _build_formulas()
ELEMENTWISE_PRODUCTS = frozenset({aten.mul.Tensor, aten.mul_.Tensor})
"""Cost something where both factors are complex only, see :func:`complex_product`."""
