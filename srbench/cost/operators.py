"""Operators of other packages whose MACs are known: what a plugin adds so that nothing of its network is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from srbench.plugins import import_attribute, require_function, require_name
from srbench.registry import Registry

OperatorMacs = Callable[[Sequence[Any], Any], int]
"""(arguments of the operator, its output) -> MACs; tensors have ``shape``, ``dtype``, ``numel()`` and ``dim()``."""


@dataclass(frozen=True)
class OperatorFormula:
    """What one call of a custom operator costs; put it into :data:`OPERATORS`.

    ``macs`` is a function, or a lazy reference "module:function" to one. It is given every argument of the operator's
    schema, in order, and the output, with :class:`srbench.cost.record.TensorSize` in place of tensors.
    """

    name: str
    """``namespace::name``, as ``srbench profile`` prints what it could not count."""
    macs: OperatorMacs | str
    description: str = ""

    def __post_init__(self) -> None:
        require_name("formula of an operator", self.name)
        require_function(f"formula of operator '{self.name}': macs", self.macs)

    def function(self) -> OperatorMacs:
        """The formula, imported if it is a reference."""
        return self.macs if callable(self.macs) else import_attribute(self.macs)


def deformable_convolution(args: Sequence[Any], out: Any) -> int:
    """torchvision's ``deform_conv2d``: the kernel at every output position, and bilinear sampling of its inputs."""
    x, weight = args[0], args[1]
    positions = out.numel() // out.shape[1]
    sampled = x.shape[1] * prod(weight.shape[2:]) * positions
    return int(weight.numel() * positions + 4 * sampled)


def selective_scan(args: Sequence[Any], out: Any) -> int:
    """Mamba's selective scan, for operators whose arguments begin as ``selective_scan_fn(u, delta, A, B, C, D, ...)``.

    Per channel and place of the sequence, with n states: n multiply-accumulates of the recurrence
    ``h = exp(delta A) h + delta B u``, n of the output ``y = C h``, and 1 of the skip ``+ D u`` where there is one. Not
    counted, as products that are not accumulated (elementwise, like an activation) are not elsewhere: ``delta A``, its
    exponential, ``delta u``, its product with B, the gate. Authors count otherwise: 9 n is common, which takes every
    operation.

    Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023, equations 2a and 2b.
    """
    u, states, skip = args[0], args[2].shape[1], args[5]
    return int(u.numel() * (2 * states + (skip is not None)))


def fused_attention(args: Sequence[Any], out: Any) -> int:
    """Attention kernels that are given (N, length, heads, channels): both matrix products, in full.

    A causal mask or a window skips part of them on some hardware; here as in torch's own attention it does not count.
    """
    query, key, value = (tensor.shape for tensor in args[:3])
    return int(prod(query[:3]) * key[1] * (query[3] + value[3]))


def _built_in() -> tuple[OperatorFormula, ...]:
    here, attention = "srbench.cost.operators:", "both matrix products of attention, in full"
    return (
        OperatorFormula(
            "torchvision::deform_conv2d",
            f"{here}deformable_convolution",
            "the kernel at every output position, and 4 per bilinear sample",
        ),
        OperatorFormula(
            "srbench::selective_scan",
            f"{here}selective_scan",
            "Mamba's scan: 2 per state, channel and place, and 1 for the skip",
        ),
        OperatorFormula("flash_attn::_flash_attn_forward", f"{here}fused_attention", attention),
        OperatorFormula("aten::_flash_attention_forward", f"{here}fused_attention", attention),
        OperatorFormula("aten::_efficient_attention_forward", f"{here}fused_attention", attention),
    )


OPERATORS: Registry[OperatorFormula] = Registry(
    "operator formula", OperatorFormula, built_in=_built_in, group="srbench.operators"
)
"""Formulas of foreign operators by name; the convention ``macs`` uses them."""
