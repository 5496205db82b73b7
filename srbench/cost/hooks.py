"""What the challenges' module hooks add for one call of a module (AIM 2019 - NTIRE 2023; later only #Conv and Acts)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import nn

_CONV_MODULES = (nn.Conv2d, nn.ConvTranspose2d)
_ACTIVATION_MODULES = (nn.ReLU, nn.PReLU, nn.ELU, nn.LeakyReLU, nn.ReLU6)
HOOKED_MODULES = (*_CONV_MODULES, *_ACTIVATION_MODULES, nn.BatchNorm2d, nn.Linear)

_hooked_types: dict[type, bool] = {}


def is_hooked(module: nn.Module) -> bool:
    """Whether the challenge's hooks know the module; remembered by type, since it is asked for every call."""
    kind = type(module)
    known = _hooked_types.get(kind)
    if known is None:
        known = _hooked_types[kind] = isinstance(module, HOOKED_MODULES)
    return known


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
