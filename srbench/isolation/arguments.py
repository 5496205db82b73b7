"""What a program's command line gives when nobody gives it anything, read from its ``add_argument`` calls."""

from __future__ import annotations

import ast
from typing import Any

from srbench.models.constants import NotConstant, constant

_FLAGS = {"store_true": False, "store_false": True}


def argument_defaults(tree: ast.AST) -> dict[str, Any]:
    """Defaults of all arguments that a file declares, by the attribute they end up in; None where there is none.

    >>> text = "p.add_argument('--model-dir', default='zoo')\\np.add_argument('--fast', action='store_true')"
    >>> argument_defaults(ast.parse(text))
    {'model_dir': 'zoo', 'fast': False}
    """
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        given = {str(pair.arg): pair.value for pair in node.keywords if pair.arg}
        if node.func.attr == "set_defaults":
            found |= {name: _value(value) for name, value in given.items()}
        elif node.func.attr == "add_argument":
            name = _name(node, given)
            if name:
                action = given.get("action")
                kind = action.value if isinstance(action, ast.Constant) else None
                fallback = _FLAGS.get(kind) if isinstance(kind, str) else None
                found[name] = _value(given["default"]) if "default" in given else fallback
    return found


def _name(node: ast.Call, given: dict[str, ast.expr]) -> str:
    written = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    dest = given.get("dest")
    if isinstance(dest, ast.Constant) and isinstance(dest.value, str):
        return dest.value
    chosen = next((one for one in written if one.startswith("--")), written[0] if written else "")
    return chosen.lstrip("-").replace("-", "_")


def _value(node: ast.expr) -> Any:
    try:
        return constant(node, {})
    except NotConstant:
        return None
