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


def _built_in() -> tuple[OperatorFormula, ...]:
    return (
        OperatorFormula(
            "torchvision::deform_conv2d",
            "srbench.cost.operators:deformable_convolution",
            "the kernel at every output position, and 4 per bilinear sample",
        ),
    )


OPERATORS: Registry[OperatorFormula] = Registry(
    "operator formula", OperatorFormula, built_in=_built_in, group="srbench.operators"
)
"""Formulas of foreign operators by name; the convention ``macs`` uses them."""
