"""The conventions under which papers and challenges count "FLOPs", as named presets.

All of them count multiply-accumulates (MACs); they differ in what they see and in what they add.

====================  ==========================================================================================
``macs``              Every MAC of convolutions, linear layers, matrix products, attention and interpolation
                      (bilinear 4, bicubic 16 per output element), however it is written. The default.
``fvcore``            fvcore's operator counts (NTIRE from 2024 on): the above except bicubic and fused attention,
                      plus 1 per output element of nearest upsampling, 1 per input element of adaptive average
                      pooling and 1-5 per element of norms.
``ntire-hooks``       The challenge's module hooks (AIM 2019 - NTIRE 2023): see :func:`hook_macs`.
``torch``             Half of ``torch.utils.flop_counter.FlopCounterMode``: convolutions and matrix products only.
====================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

from torch import Tensor, nn

from srbench.cost.shapes import aten
from srbench.errors import unknown_name

CONVENTIONS: dict[str, str] = {
    "macs": "every MAC of conv, linear, matmul, attention and interpolation, as module, functional or tensor op",
    "fvcore": "fvcore's operator counts (NTIRE 2024 on)",
    "ntire-hooks": "module hooks of the challenges AIM 2019 - NTIRE 2023: convs, activations, norms seen as modules",
    "torch": "half of torch's FlopCounterMode: convolutions and matrix products only",
}


def check_conventions(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` without repeats.

    Raises:
        SrbenchError: one of them is no convention.
    """
    for name in names:
        if name not in CONVENTIONS:
            raise unknown_name("convention", name, CONVENTIONS)
    return tuple(dict.fromkeys(names))


class OpCost(NamedTuple):
    """What one call of an operator costs under the conventions that count operators."""

    label: str
    macs: int
    fvcore: int
    torch: int
    conv: bool = False
    fvcore_activation: bool = False
    """fvcore counts the outputs of matrix products among the activations, the challenges do not."""


Formula = Callable[[Sequence[Any], Any], OpCost]
"""(args of the operator, its output) -> its cost."""


def _convolution(args: Sequence[Any], out: Tensor) -> OpCost:
    x, weight, transposed = args[0], args[1], args[6]
    positions = x if transposed else out
    macs = weight.numel() * (positions.numel() // positions.shape[1])
    return OpCost(_CONV_LABELS[transposed, weight.dim() - 2], macs, macs, macs, True, True)


_CONV_LABELS = {(t, dims): f"conv{'_transpose' if t else ''}{dims}d" for t in (False, True) for dims in (1, 2, 3)}


def _matrix_product(label: str, left: int, in_fvcore: bool = True, in_torch: bool = True) -> Formula:
    """Product whose left factor is ``args[left]`` (..., n, k) and whose right one follows (..., k, m)."""

    def formula(args: Sequence[Any], _out: Tensor) -> OpCost:
        macs = prod(args[left].shape) * args[left + 1].shape[-1]
        return OpCost(
            label, macs, macs if in_fvcore else 0, macs if in_torch else 0, fvcore_activation=label in ("addmm", "bmm")
        )

    return formula


def _vector_product(label: str, left: int) -> Formula:
    def formula(args: Sequence[Any], _out: Tensor) -> OpCost:
        return OpCost(label, prod(args[left].shape), 0, 0)

    return formula


def _attention(args: Sequence[Any], _out: Any) -> OpCost:
    query, key, value = (a.shape for a in args[:3])
    macs = prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
    return OpCost("attention", macs, 0, macs)


def _interpolation(label: str, taps: int, in_fvcore: int = 0) -> Formula:
    def formula(_args: Sequence[Any], out: Tensor) -> OpCost:
        n = out.numel()
        return OpCost(label, taps * n, in_fvcore * n, 0)

    return formula


def _grid_sample(taps_by_mode: tuple[int, int, int]) -> Formula:
    def formula(args: Sequence[Any], out: Tensor) -> OpCost:
        return OpCost("grid_sample", taps_by_mode[args[2]] * out.numel(), 4 * out.numel(), 0)

    return formula


def _trilinear(args: Sequence[Any], _out: Tensor) -> OpCost:
    sizes: dict[int, int] = {}
    for tensor, expand in zip(args[:3], args[3:6], strict=True):
        shape = list(tensor.shape)
        for dim in sorted(expand):
            shape.insert(dim, 1)
        for dim, n in enumerate(shape):
            sizes[dim] = max(n, sizes.get(dim, 1))
    return OpCost("bilinear_layer", prod(sizes.values()), 0, 0)


def _norm(label: str, weight_at: int) -> Formula:
    def formula(args: Sequence[Any], _out: Any) -> OpCost:
        affine = args[weight_at] is not None
        return OpCost(label, 0, args[0].numel() * (5 if affine else 4), 0)

    return formula


def _batch_norm(args: Sequence[Any], _out: Any) -> OpCost:
    affine = args[1] is not None
    training = args[5] if len(args) > 7 else False  # the variants without the flag are inference only
    factor = (5 if affine else 4) if training else (2 if affine else 1)
    return OpCost("batch_norm", 0, args[0].numel() * factor, 0)


def _adaptive_pool(args: Sequence[Any], _out: Tensor) -> OpCost:
    return OpCost("adaptive_avg_pool2d", 0, args[0].numel(), 0)


def _build_formulas() -> dict[Any, Formula]:
    formulas: dict[Any, Formula] = {
        aten.convolution.default: _convolution,
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
        aten.upsample_linear1d.default: _interpolation("upsample_linear1d", 2),
        aten.upsample_bilinear2d.default: _interpolation("upsample_bilinear2d", 4, 4),
        aten.upsample_trilinear3d.default: _interpolation("upsample_trilinear3d", 8),
        aten.upsample_bicubic2d.default: _interpolation("upsample_bicubic2d", 16),
        aten.upsample_nearest2d.default: _interpolation("upsample_nearest2d", 0, 1),
        aten.grid_sampler_2d.default: _grid_sample((4, 0, 16)),
        aten.grid_sampler_3d.default: _grid_sample((8, 0, 8)),
        aten.native_layer_norm.default: _norm("layer_norm", 2),
        aten.native_group_norm.default: _norm("group_norm", 1),
        aten.native_batch_norm.default: _batch_norm,
        aten._native_batch_norm_legit_no_training.default: _batch_norm,
        aten._adaptive_avg_pool2d.default: _adaptive_pool,
    }
    for name in (
        "_scaled_dot_product_flash_attention", "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_efficient_attention", "_scaled_dot_product_cudnn_attention",
        "_scaled_dot_product_fused_attention_overrideable",
    ):  # fmt: skip
        packet = getattr(aten, name, None)  # depends on the version of torch
        if packet is not None:
            formulas[packet.default] = _attention
    return formulas


FORMULAS: dict[Any, Formula] = _build_formulas()

_CONV_MODULES = (nn.Conv2d, nn.ConvTranspose2d)
_ACTIVATION_MODULES = (nn.ReLU, nn.PReLU, nn.ELU, nn.LeakyReLU, nn.ReLU6)
HOOKED_MODULES = (*_CONV_MODULES, *_ACTIVATION_MODULES, nn.BatchNorm2d, nn.Linear)


def hook_macs(module: nn.Module, given: Sequence[int], out: Sequence[int]) -> tuple[int, bool]:
    """What the challenge's hook adds for one call of ``module``, and whether the call counts as a convolution.

    Convolutions (also transposed ones): k_h * k_w * C_in * (C_out / groups) at every output position, no bias;
    ReLU, PReLU, ELU, LeakyReLU, ReLU6: 1 per output element; BatchNorm2d: 2 (1 without affine) per element;
    Linear: N * shape[1] of the input * shape[1] of the output, which is right for (N, C) only.

    Args:
        module: one of :data:`HOOKED_MODULES`.
        given: shape of its input.
        out: shape of its output.
    """
    if isinstance(module, _CONV_MODULES):
        per_position = prod(module.kernel_size) * module.in_channels * (module.out_channels // module.groups)
        return per_position * (prod(out) // out[1]), True
    if isinstance(module, nn.BatchNorm2d):
        return prod(out) * (2 if module.affine else 1), False
    if isinstance(module, nn.Linear):
        return (given[0] * given[1] * out[1] if len(given) > 1 else prod(given)), False
    return prod(out), False
