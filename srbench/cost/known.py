"""What is known about each operator that a pass meets: its formula, its rule for shapes, whether it is free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from srbench.cost.formulas import ELEMENTWISE_PRODUCTS, FORMULAS, Formula, complex_product
from srbench.cost.free_ops import decomposes, is_free
from srbench.cost.shapes import RULES, Rule


class Operator(NamedTuple):
    """What is known about an operator, found by its id: hashing an operator is a Python call in torch."""

    func: Any
    formula: Formula | None
    rule: Rule | None
    free: bool
    view: bool
    mutable: bool
    blank: bool
    """Whether it gives memory that nothing was written to."""
    composite: bool
    """Whether torch itself writes it in terms of others; met inside of kernels only."""
    body: Callable[..., Any] | None
    """The Python function behind a custom operator, which can be looked into."""
    gpu_only: bool = False
    """Whether that function is for other devices than the CPU: it may hand shapes to a compiled kernel and fail."""


KNOWN: dict[int, Operator] = {}
"""By the id of the operator."""


def look_up(func: Any) -> Operator:
    """What is known about an operator, kept in :data:`KNOWN`."""
    formula = FORMULAS.get(func) or (complex_product if func in ELEMENTWISE_PRODUCTS else None)
    namespace, _, name = func._schema.name.partition("::")
    body, gpu_only = None, False
    if namespace not in ("aten", "prim", "prims"):
        from torch._library.custom_ops import OPDEFS

        definition = OPDEFS.get(func._schema.name)
        if definition is not None:
            body, gpu_only = definition._init_fn, not definition._backend_fns.keys() & {None, "cpu"}
    known = KNOWN[id(func)] = Operator(
        func,
        formula,
        RULES.get(func),
        is_free(func),
        bool(getattr(func, "is_view", False)),
        bool(func._schema.is_mutable),
        namespace == "aten" and name in ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"),
        formula is None and decomposes(func) and not is_free(func),
        body,
        gpu_only,
    )
    return known
