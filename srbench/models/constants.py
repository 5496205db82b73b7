"""Values that a file's code gives as constants, worked out without running it: literals, names of them, arithmetic."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

LARGEST = 10**9

_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class NotConstant(Exception):
    """An expression that only running the code could evaluate."""


def constant(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression of literals, ``names``, tuples, lists, dicts and arithmetic.

    Raises:
        NotConstant: anything else.

    >>> constant(ast.parse("[64 // w * w, (a, -1)]", mode="eval").body, {"w": 7, "a": "x"})
    [63, ('x', -1)]
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, (ast.Tuple, ast.List)):
        values = [constant(item, names) for item in node.elts]
        return tuple(values) if isinstance(node, ast.Tuple) else values
    if isinstance(node, ast.Dict) and None not in node.keys:
        return {constant(k, names): constant(v, names) for k, v in zip(node.keys, node.values, strict=True) if k}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand, names)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _arithmetic(node, names)
    raise NotConstant


def _arithmetic(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    left, right = constant(node.left, names), constant(node.right, names)
    repeated = isinstance(node.op, ast.Mult) and isinstance(left, list) and isinstance(right, int) and right < 1000
    if not repeated and not all(isinstance(value, (int, float)) and abs(value) < LARGEST for value in (left, right)):
        raise NotConstant
    try:
        return _OPERATIONS[type(node.op)](left, right)
    except (ArithmeticError, TypeError):
        raise NotConstant from None


def _number(node: ast.expr, names: Mapping[str, Any]) -> int | float:
    value = constant(node, names)
    if isinstance(value, (int, float)):
        return value
    raise NotConstant


def assigned_before(assignments: Iterable[ast.Assign], line: int) -> dict[str, Any]:
    """What plain assignments before ``line`` give to names, the last one of each; in whatever block they stand."""
    found: dict[str, Any] = {}
    for node in sorted((node for node in assignments if node.lineno < line), key=lambda node: node.lineno):
        for target in node.targets:
            if isinstance(target, ast.Name):
                try:
                    found[target.id] = constant(node.value, found)
                except NotConstant:
                    found.pop(target.id, None)
    return found
