"""Follows the plain statements of a loader's branch: assignments, calls, weights, functions of its own file."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from srbench.challenge.reading import KEPT, UNKNOWN, Expressions, Function, Import, Made, WeightsFile
from srbench.models.constants import NotConstant

_DEEPEST = 6
_MOST_CALLS = 3000
"""Of functions that are followed, in all branches together."""
_RANGE_NAMES = ("data_range", "rgb_range", "img_range", "pixel_range")


class Reader(Expressions):
    """Follows the plain statements of a branch, and of the functions of the loader's own file that it calls."""

    def __init__(self, scale: int, names: Mapping[str, Any], outer: Reader | None, depth: int = 0) -> None:
        super().__init__(scale, names, outer.own if outer else "")
        self.depth = depth
        self.budget: list[int] = outer.budget if outer else [_MOST_CALLS]
        self.id_name: str = outer.id_name if outer else ""
        self.imports: list[str] = list(outer.imports) if outer else []
        self.steps: list[str] = []
        self.loaded: WeightsFile | None = None
        self.loads = False
        self.strict = True
        self.target = ""
        self.returned: tuple[Any, ...] | None = None
        self.followed: list[ast.AST] = []
        """Functions of the loader's file that were called."""

    def step(self, node: ast.AST) -> None:
        """Something else is done to a network."""
        self.steps.append(ast.unparse(node).splitlines()[0][:100])

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
        elif isinstance(node, ast.Assign) and _loads(node.value):
            self._expression(node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.Expr):
            self._expression(node.value)
        elif isinstance(node, ast.FunctionDef):
            self.names[node.name] = Function(node, self.names)
        elif isinstance(node, ast.ClassDef):
            self.names[node.name] = Import("", node.name)
        elif isinstance(node, (ast.With, ast.Try)):
            for inner in node.body:
                self.statement(inner)
        elif isinstance(node, ast.Return):
            self._return(node.value)
        elif (isinstance(node, ast.For) and self._renames(node)) or (isinstance(node, ast.If) and self._has_key(node)):
            pass
        elif not isinstance(node, (ast.Pass, ast.Raise, ast.Assert)):
            self.step(node)

    def network(self) -> Made | None:
        """What the loader would return: what weights are loaded into, or is returned, or called ``model``, or last."""
        given = next((value for value in self.returned or () if isinstance(value, Made)), None)
        named = given or (self.names.get(self.target) if self.target else None) or self.names.get("model")
        if isinstance(named, Made):
            return named
        made = [value for value in self.names.values() if isinstance(value, Made)]
        return made[-1] if made else None

    def data_range(self) -> float | None:
        """The constant called ``data_range``, or the number that is returned."""
        named = [self.names.get(name) for name in _RANGE_NAMES]
        for value in (*named, *(self.returned or ())):
            if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 65535:
                return float(value)
        return None

    def title(self) -> str:
        """The constant called ``name``, or the text that is returned."""
        named = [self.names.get(name) for name in ("name", "model_name")]
        found = next((value for value in (*named, *(self.returned or ())) if isinstance(value, str)), "")
        return found.strip()

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

    def called(self, function: Function, node: ast.Call) -> Any:
        """What a function of the loader's own file returns, its statements followed as if they stood here.

        Raises:
            NotConstant: it returns nothing that is known.
        """
        self.budget[0] -= 1
        if self.depth >= _DEEPEST or self.budget[0] < 0:
            raise NotConstant
        inside = Reader(self.scale, {**function.names, **self._bound(function, node)}, self, self.depth + 1)
        if isinstance(function.node, ast.Lambda):
            inside._return(function.node.body)
        else:
            for statement in function.node.body:
                inside.statement(statement)
        self.imports, self.steps = inside.imports, self.steps + inside.steps
        self.followed += [function.node, *inside.followed]
        if inside.loads:
            self.loads, self.loaded, self.strict, self.target = True, inside.loaded, inside.strict, ""
            network = inside.network()
            if network is not None:
                self.names["model"] = network
        if not inside.returned or all(value is UNKNOWN for value in inside.returned):
            given = next(map(self.known, node.args[:1]), None)
            if isinstance(given, WeightsFile) and inside.returned:
                return given  # with other names of keys, most likely
            raise NotConstant
        return inside.returned if len(inside.returned) > 1 else inside.returned[0]

    def _bound(self, function: Function, node: ast.Call) -> dict[str, Any]:
        """Parameters of a function with what is known of them in a call."""
        parameters = function.node.args
        names = [one.arg for one in (*parameters.posonlyargs, *parameters.args)]
        defaults = dict(zip(names[len(names) - len(parameters.defaults) :], parameters.defaults, strict=True))
        only = zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        defaults |= {one.arg: default for one, default in only if default is not None}
        known = {name: self.known(default) for name, default in defaults.items()}
        known |= {name: self.known(value) for name, value in zip(names, node.args, strict=False)}
        try:
            known |= self._keywords(node)
        except NotConstant:
            known |= {pair.arg: self.known(pair.value) for pair in node.keywords if pair.arg}
        return {name: value for name, value in known.items() if value is not UNKNOWN}

    def _return(self, value: ast.expr | None) -> None:
        if self.returned is None and value is not None:
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
            found = tuple(self.known(part) for part in parts)
            if len(found) == 1 and isinstance(found[0], (tuple, dict)):
                found = tuple(found[0].values()) if isinstance(found[0], dict) else found[0]
            self.returned = found

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            self._assign_many(target, value)
            return
        if not isinstance(target, ast.Name):
            if not self._put_in(target, value):
                self.steps.append(f"{ast.unparse(target)} = {ast.unparse(value)}"[:100])
            return
        if target.id == self.id_name and target.id in self.names:
            return  # it is what the branch is about, however it comes from the arguments
        try:
            self.names[target.id] = self.value(value)
        except NotConstant:
            if isinstance(self.names.get(target.id), Made):
                self.steps.append(f"{target.id} = {ast.unparse(value)}"[:100])
            else:
                self.names.pop(target.id, None)

    def _put_in(self, target: ast.expr, value: ast.expr) -> bool:
        """``TABLE[3] = load_team03``: whether it was a dictionary that is known."""
        if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
            return False
        table, key = self.names.get(target.value.id), self.known(target.slice)
        if not isinstance(table, dict) or not isinstance(key, (int, str)):
            return False
        self.names[target.value.id] = {**table, key: self.known(value)}
        return True

    def _assign_many(self, target: ast.Tuple | ast.List, value: ast.expr) -> None:
        if isinstance(value, (ast.Tuple, ast.List)):
            if len(value.elts) == len(target.elts):
                for one, part in zip(target.elts, value.elts, strict=True):
                    self._assign(one, part)
            return
        found = self.known(value)
        if isinstance(found, (tuple, list)) and len(found) == len(target.elts):
            for one, part in zip(target.elts, found, strict=True):
                if isinstance(one, ast.Name) and part is not UNKNOWN:
                    self.names[one.id] = part
                elif isinstance(one, ast.Name):
                    self.names.pop(one.id, None)

    def _renames(self, node: ast.For) -> bool:
        """``for k, v in state.items(): new[k[7:]] = v``: what it fills are the same weights under other keys."""
        found = self.items_of(node.iter)
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

    def _has_key(self, node: ast.If) -> bool:
        """``if "params" in state: state = state["params"]``: the key is taken where there is one, ``params?``."""
        name = _looked_into(node.test)
        if not isinstance(self.names.get(name), WeightsFile):
            return False
        before, loaded = dict(self.names), self.loaded
        for inner in node.body:
            self.statement(inner)
        for key, value in self.names.items():
            if isinstance(value, WeightsFile) and value != before.get(key) and value.key:
                self.names[key] = replace(value, key=f"{value.key.rstrip('?')}?")
        if self.loaded is not None and self.loaded != loaded and self.loaded.key:
            self.loaded = replace(self.loaded, key=f"{self.loaded.key.rstrip('?')}?")
        return True

    def _expression(self, node: ast.expr) -> None:
        if not isinstance(node, ast.Call):
            return
        if not isinstance(node.func, ast.Attribute):
            self.known(node)  # a function of the file may load weights into what it is given
            return
        owner = node.func.value
        if _loads(node) and isinstance(owner, ast.Name):
            self._load(owner.id, node)
        elif isinstance(owner, ast.Name) and isinstance(self.names.get(owner.id), Made) and node.func.attr not in KEPT:
            self.steps.append(ast.unparse(node)[:100])

    def _load(self, target: str, node: ast.Call) -> None:
        self.loads, self.target = True, target
        for pair in node.keywords:
            if pair.arg == "strict" and isinstance(pair.value, ast.Constant):
                self.strict = bool(pair.value.value)
        given = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "state_dict"), None)
        found = self.known(given) if given is not None else None
        if isinstance(found, str):
            found = WeightsFile(found)
        if isinstance(found, WeightsFile):
            self.loaded = found


def _loads(node: ast.expr) -> bool:
    """Whether it is ``network.load_state_dict(...)``."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in ("load_state_dict", "load_weights")


def _looked_into(test: ast.expr) -> str:
    """``state`` of ``"params" in state`` or ``in state.keys()``; '' where it is another test."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.In):
        return ""
    where = test.comparators[0]
    if isinstance(where, ast.Call) and isinstance(where.func, ast.Attribute) and where.func.attr == "keys":
        where = where.func.value
    asked = isinstance(test.left, ast.Constant) and isinstance(test.left.value, str)
    return where.id if asked and isinstance(where, ast.Name) else ""
