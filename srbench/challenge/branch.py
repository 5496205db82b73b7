"""Follows the plain assignments of a loader's branch: constants, imported classes, calls of them, files of weights."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from srbench.models.constants import NotConstant, constant
from srbench.models.signature import SCALE_NAMES

_KEPT = {"to", "cuda", "cpu", "eval", "float", "train", "requires_grad_"}
"""Methods of a network that do not change what it computes here."""


@dataclass(frozen=True)
class Made:
    """A network: the class that was called, with constant arguments, or the ``reason`` why they are not known."""

    module: str
    class_name: str
    positional: tuple[Any, ...]
    keywords: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights, and the key in it that is taken."""

    path: str
    key: str = ""


@dataclass(frozen=True)
class Import:
    """A module, or a name that was taken from one."""

    module: str
    name: str = ""


class Reader:
    """Follows the plain assignments of a branch: constants, imported classes, calls of them, files of weights."""

    def __init__(self, scale: int, names: dict[str, Any], outer: Reader | None) -> None:
        self.scale, self.names = scale, dict(names)
        self.own: str = outer.own if outer else ""
        self.imports: list[str] = list(outer.imports) if outer else []
        self.steps: list[str] = []
        self.loaded: WeightsFile | None = None
        self.loads = False
        self.strict = True
        self.target = ""

    def statement(self, node: ast.stmt) -> None:
        """Take one statement into account."""
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                self.names[alias.asname or alias.name] = Import(module.lstrip("."), alias.name)
            self.imports.append(module.lstrip("."))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                self.names[bound] = Import(alias.name if alias.asname else bound)
                self.imports.append(alias.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.Expr):
            self._expression(node.value)
        elif isinstance(node, (ast.With, ast.Try)):
            for inner in node.body:
                self.statement(inner)
        elif isinstance(node, ast.For) and self._renames(node):
            pass
        elif not isinstance(node, (ast.Pass, ast.Raise, ast.Return)):
            self.steps.append(ast.unparse(node).splitlines()[0][:100])

    def network(self) -> Made | None:
        """What the loader would return: what weights are loaded into, or is called ``model``, or was made last."""
        named = self.names.get(self.target) if self.target else self.names.get("model")
        if isinstance(named, Made):
            return named
        made = [value for value in self.names.values() if isinstance(value, Made)]
        return made[-1] if made else None

    def data_range(self) -> float | None:
        """The constant called ``data_range``."""
        value = self.names.get("data_range")
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def tile(self) -> tuple[int, int] | None:
        """(edge, overlap) of the constant called ``tile``."""
        value, overlap = self.names.get("tile"), self.names.get("tile_overlap", 32)
        if isinstance(value, (tuple, list)) and len(value) == 2:
            value, overlap = value
        return (value, overlap) if isinstance(value, int) and isinstance(overlap, int) else None

    def why_no_weights(self) -> str:
        """'' where it is known which weights are loaded, or that none are."""
        if self.loads and self.loaded is None:
            return "its weights are chosen by code; only running it would tell"
        return ""

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            if len(values) == len(target.elts):
                for one, part in zip(target.elts, values, strict=True):
                    self._assign(one, part)
            return
        if not isinstance(target, ast.Name):
            self.steps.append(f"{ast.unparse(target)} = {ast.unparse(value)}"[:100])
            return
        try:
            self.names[target.id] = self.value(value)
        except NotConstant:
            before = self.names.get(target.id)
            if isinstance(before, Made):
                self.steps.append(f"{target.id} = {ast.unparse(value)}"[:100])
            else:
                self.names.pop(target.id, None)

    def _renames(self, node: ast.For) -> bool:
        """``for k, v in state.items(): new[k[7:]] = v``: what it fills are the same weights under other keys."""
        found = self._items_of(node.iter)
        filled = [
            target.value.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Assign)
            for target in inner.targets
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
        ]
        if found is None or not filled:
            return False
        self.names[filled[0]] = found
        return True

    def _items_of(self, node: ast.expr) -> WeightsFile | None:
        """The weights whose ``.items()`` an expression goes through."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items":
            found = self._owner(node.func.value)
            return found if isinstance(found, WeightsFile) else None
        return None

    def _expression(self, node: ast.expr) -> None:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return
        owner = node.func.value
        if node.func.attr in ("load_state_dict", "load_weights") and isinstance(owner, ast.Name):
            self.loads, self.target = True, owner.id
            for pair in node.keywords:
                if pair.arg == "strict" and isinstance(pair.value, ast.Constant):
                    self.strict = bool(pair.value.value)
            wanted = (
                node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "state_dict"), None)
            )
            try:
                found = self.value(wanted) if wanted is not None else None
            except NotConstant:
                found = None
            if isinstance(found, str):
                found = WeightsFile(found)
            if isinstance(found, WeightsFile):
                self.loaded = found
        elif isinstance(owner, ast.Name) and isinstance(self.names.get(owner.id), Made) and node.func.attr not in _KEPT:
            self.steps.append(ast.unparse(node)[:100])

    def value(self, node: ast.expr) -> Any:
        """What an expression gives, as far as it can be known.

        Raises:
            NotConstant: only running it would tell.
        """
        if isinstance(node, ast.JoinedStr):
            return "".join(self._text(part) for part in node.values)
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        if isinstance(node, ast.Attribute) and node.attr in SCALE_NAMES:
            return self.scale
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.DictComp):
            renamed = self._items_of(node.generators[0].iter)
            if renamed is not None:
                return renamed
        if isinstance(node, ast.IfExp):
            return self.value(node.body)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
            left = self.value(node.left)
            if isinstance(left, str):
                joint = "/" if isinstance(node.op, ast.Div) else ""
                return f"{left}{joint}{self.value(node.right)}"
        plain = {name: v for name, v in self.names.items() if not isinstance(v, (Made, WeightsFile, Import))}
        return constant(node, plain)

    def _text(self, part: ast.expr) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        if isinstance(part, ast.FormattedValue):
            spec = self.value(part.format_spec) if part.format_spec is not None else ""
            try:
                return format(self.value(part.value), str(spec))
            except (ValueError, TypeError):
                raise NotConstant from None
        raise NotConstant

    def _item(self, node: ast.Subscript) -> Any:
        found = self.value(node.value)
        if not isinstance(found, WeightsFile):
            raise NotConstant
        key = constant(node.slice, {})
        return replace(found, key=f"{found.key}.{key}".strip("."))

    def _call(self, node: ast.Call) -> Any:
        text = ast.unparse(node.func)
        if text.endswith("path.join"):
            parts = [self.value(argument) for argument in node.args]
            return "/".join(str(part).strip("/") if index else str(part) for index, part in enumerate(parts))
        if text in ("Path", "pathlib.Path", "str") and len(node.args) == 1:
            return str(self.value(node.args[0]))
        if text in ("torch.load", "load"):
            path = self.value(node.args[0]) if node.args else None
            if not isinstance(path, str):
                raise NotConstant
            return WeightsFile(path)
        if isinstance(node.func, ast.Attribute):
            owner = self._owner(node.func.value)
            if isinstance(owner, Made) and node.func.attr in _KEPT:
                return owner
            if isinstance(owner, WeightsFile):
                return self._of_file(owner, node)
            if isinstance(owner, Import) and owner.module and owner.module.partition(".")[0] not in ("torch", "os"):
                place = f"{owner.module}.{owner.name}".strip(".")
                return self._made(place, node.func.attr, node)
        if isinstance(node.func, ast.Name):
            known = self.names.get(node.func.id)
            if isinstance(known, Import) and known.name:
                return self._made(known.module or self.own, known.name, node)
        raise NotConstant

    def _of_file(self, owner: WeightsFile, node: ast.Call) -> WeightsFile:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            return replace(owner, key=f"{owner.key}.{constant(node.args[0], {})}".strip("."))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "state_dict":
            return owner
        raise NotConstant

    def _owner(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Attribute):
            inner = self._owner(node.value)
            if isinstance(inner, Import):
                return Import(f"{inner.module}.{inner.name}".strip("."), node.attr) if inner.name else Import(
                    f"{inner.module}.{node.attr}")  # fmt: skip
            return None
        try:
            return self.value(node)
        except NotConstant:
            return None

    def _made(self, module: str, name: str, node: ast.Call) -> Made:
        try:
            positional = tuple(self._argument(argument) for argument in node.args)
            keywords = {str(pair.arg): self._argument(pair.value) for pair in node.keywords if pair.arg}
            if len(keywords) != len(node.keywords):
                raise NotConstant
        except NotConstant:
            given = ", ".join(map(ast.unparse, (*node.args, *(pair.value for pair in node.keywords))))
            return Made(module, name, (), {}, f"the arguments of {name}({given[:80]}) are no literals")
        if name[:1].islower() and "." in module and name in ("select_model", "load_model"):
            raise NotConstant
        return Made(module, name, positional, keywords)

    def _argument(self, node: ast.expr) -> Any:
        found = self.value(node)
        if isinstance(found, (Made, WeightsFile, Import)):
            raise NotConstant
        return found
