"""What "MACs" can mean: the conventions of counting, as data. Their prices are in :mod:`srbench.cost`.

All of them count multiply-accumulates; they differ in what they see and in what they add. A convention of a plugin is
one more entry of :data:`CONVENTIONS`; with it come its quantities, ``macs:NAME``, ``activations:NAME``, ``convs:NAME``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from srbench.plugins import require_function, require_name
from srbench.registry import Registry

DEFAULT_CONVENTION = "macs"


@dataclass(frozen=True)
class Convention:
    """One way to count. ``price`` is a function, or a lazy reference to one, as :mod:`srbench.cost` documents it."""

    name: str
    title: str
    price: Callable[..., Any] | str
    description: str = ""

    def __post_init__(self) -> None:
        require_name("convention", self.name, lower=True)
        require_function(f"convention '{self.name}': price", self.price)


def _built_in() -> tuple[Convention, ...]:
    return (
        Convention(
            "macs",
            "every MAC of conv, linear, matmul, attention and interpolation, as module, functional or tensor op",
            "srbench.cost.conventions:every_mac",
        ),
        Convention("fvcore", "fvcore's operator counts (NTIRE 2024 on)", "srbench.cost.conventions:fvcore"),
        Convention(
            "ntire-hooks",
            "module hooks of the challenges AIM 2019 - NTIRE 2023: convs, activations, norms seen as modules",
            "srbench.cost.conventions:ntire_hooks",
        ),
        Convention(
            "torch",
            "half of torch's FlopCounterMode: convolutions and matrix products only",
            "srbench.cost.conventions:torch_flops",
        ),
    )


CONVENTIONS: Registry[Convention] = Registry("convention", Convention, built_in=_built_in, group="srbench.conventions")
"""Conventions by name; the first one is the default."""
