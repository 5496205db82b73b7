"""An organisers' loader read as a syntax tree: its ``if/elif`` chain, one branch per entry. Nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.models.constants import NotConstant, constant
from srbench.models.reference import Reference
from srbench.models.signature import SCALE_NAMES

MOST_BYTES = 4_000_000
_KEPT = {"to", "cuda", "cpu", "eval", "float", "train", "requires_grad_"}
"""Methods of a network that do not change what it computes here."""


@dataclass(frozen=True)
class Branch:
    """One entry of the chain, as far as reading tells.

    ``module`` is dotted from the loader's folder; '' for a class of the loader's own file. ``key`` is the wrapper that
    the weights are taken from, '' for none, '?' where the code chooses. ``steps`` is what else is done to the network,
    as code. ``reason`` says why there is no class, arguments or weights; '' where all is understood.
    """

    id: str
    number: int | str
    line: int
    name: str = ""
    module: str = ""
    class_name: str = ""
    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    weights: str = ""
    key: str = ""
    strict: bool = True
    data_range: float | None = None
    tile: tuple[int, int] | None = None
    steps: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    reason: str = ""

    @property
    def call(self) -> str:
        """The constructor's arguments as code."""
        return Reference("", self.class_name, self.positional, self.keywords).call


@dataclass(frozen=True)
class Chain:
    """The loader of a repository."""

    file: Path
    function: str
    id_name: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class _Made:
    module: str
    class_name: str
    positional: tuple[Any, ...]
    keywords: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class _File:
    path: str
    key: str = ""


@dataclass(frozen=True)
class _Import:
    module: str
    name: str = ""


def find_chain(root: Path, scale: int) -> Chain:
    """The longest chain of branches on an id in a Python file of ``root``; files at the top are looked at first.

    Raises:
        SrbenchError: there is none.
    """
    best: Chain | None = None
    for file in _candidates(root):
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            found = _chain(file, tree, function, scale)
            if found is not None and (best is None or len(found.branches) > len(best.branches)):
                best = found
    if best is None:
        raise SrbenchError(
            f"no loader was found in '{root}': expected a function such as select_model(args, device) with a chain "
            "'if model_id == 0: ... elif model_id == 1: ...' that makes each entry's network."
        )
    return best


def _candidates(root: Path) -> Iterator[Path]:
    from srbench.models.repository import SKIPPED

    tops = sorted(root.glob("*.py"))
    deeper = sorted(
        file
        for file in root.glob("*/*.py")
        if file.parent.name.lower() not in SKIPPED and not file.parent.name.startswith(".")
    )
    for file in (*tops, *deeper):
        if file.is_file() and file.stat().st_size <= MOST_BYTES and b"elif" in file.read_bytes():
            yield file


def _chain(file: Path, tree: ast.Module, function: ast.FunctionDef, scale: int) -> Chain | None:
    tests: list[tuple[int | str, str, ast.If]] = []
    for node in _ifs(function.body):
        match = _tested(node.test)
        if match is not None:
            tests += [(value, match[1], node) for value in match[0]]
    if len(tests) < 2 or not any(_makes_something(node.body) for _, _, node in tests):
        return None
    names = [name for _, name, _ in tests]
    id_name = max(set(names), key=names.count)
    kept = [(value, node) for value, name, node in tests if name == id_name]
    before = [s for s in function.body if s.lineno < kept[0][1].lineno]
    outer = _Reader(scale, {}, None)
    for statement in tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            outer.statement(statement)
        elif isinstance(statement, ast.ClassDef):
            outer.names[statement.name] = _Import("", statement.name)
    outer.own = file.stem
    for statement in before:
        outer.statement(statement)
    branches = [found for value, node in kept if (found := _branch(value, node, outer, id_name, scale)) is not None]
    return Chain(file, function.name, id_name, tuple(branches))


def _ifs(body: list[ast.stmt]) -> Iterator[ast.If]:
    """Every ``if`` of a body and the ``elif`` behind it, also inside ``with`` and ``try``."""
    for node in body:
        if isinstance(node, ast.If):
            yield node
            yield from _ifs(node.orelse)
        elif isinstance(node, (ast.With, ast.Try)):
            yield from _ifs(node.body)


def _tested(test: ast.expr) -> tuple[list[int | str], str] | None:
    """``model_id == 3``, ``3 == args.model_id``, ``model_id in (3, 4)``: the values and the name."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        parts = [_tested(value) for value in test.values]
        if all(parts) and len({part[1] for part in parts if part}) == 1:
            return [value for part in parts if part for value in part[0]], next(p[1] for p in parts if p)
        return None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    left, right = test.left, test.comparators[0]
    if isinstance(left, ast.Constant):
        left, right = right, left
    name = left.attr if isinstance(left, ast.Attribute) else left.id if isinstance(left, ast.Name) else ""
    if not name:
        return None
    if isinstance(test.ops[0], ast.Eq) and isinstance(right, ast.Constant) and isinstance(right.value, (int, str)):
        return [right.value], name
    if isinstance(test.ops[0], ast.In) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        values = [item.value for item in right.elts if isinstance(item, ast.Constant)]
        if values and all(isinstance(value, (int, str)) for value in values):
            return [value for value in values if isinstance(value, (int, str))], name
    return None


def _makes_something(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Call) for statement in body for node in ast.walk(statement))


def _branch(value: int | str, node: ast.If, outer: _Reader, id_name: str, scale: int) -> Branch | None:
    """One branch; None for a placeholder without code."""
    if all(isinstance(s, (ast.Pass, ast.Raise)) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
           for s in node.body):  # fmt: skip
        return None
    reader = _Reader(scale, {**outer.names, id_name: value}, outer)
    for statement in node.body:
        reader.statement(statement)
    label = f"{value:02d}" if isinstance(value, int) else value
    found = Branch(label, value, node.lineno, imports=tuple(reader.imports), steps=tuple(reader.steps))
    made = reader.network()
    name = reader.names.get("name", reader.names.get("model_name"))
    loaded = reader.loaded
    found = replace(
        found,
        name=name.strip() if isinstance(name, str) else "",
        data_range=reader.data_range(),
        tile=reader.tile(),
        weights=loaded.path if loaded else "",
        key=loaded.key if loaded else "",
        strict=reader.strict,
    )
    if made is None:
        first = ast.unparse(node.body[-1]).splitlines()[0]
        return replace(found, reason=f"no class is called in it; only running it would tell ('{first[:80]}')")
    found = replace(
        found, module=made.module, class_name=made.class_name, positional=made.positional, keywords=made.keywords
    )
    why = made.reason or reader.why_no_weights()
    return replace(found, reason=why)


class _Reader:
    """Follows the plain assignments of a branch: constants, imported classes, calls of them, files of weights."""

    def __init__(self, scale: int, names: dict[str, Any], outer: _Reader | None) -> None:
        self.scale, self.names = scale, dict(names)
        self.own: str = outer.own if outer else ""
        self.imports: list[str] = list(outer.imports) if outer else []
        self.steps: list[str] = []
        self.loaded: _File | None = None
        self.loads = False
        self.strict = True
        self.target = ""

    def statement(self, node: ast.stmt) -> None:
        """Take one statement into account."""
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                self.names[alias.asname or alias.name] = _Import(module.lstrip("."), alias.name)
            self.imports.append(module.lstrip("."))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                self.names[bound] = _Import(alias.name if alias.asname else bound)
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
        elif not isinstance(node, (ast.Pass, ast.Raise, ast.Return)):
            self.steps.append(ast.unparse(node).splitlines()[0][:100])

    def network(self) -> _Made | None:
        """What the loader would return: what weights are loaded into, or is called ``model``, or was made last."""
        named = self.names.get(self.target) if self.target else self.names.get("model")
        if isinstance(named, _Made):
            return named
        made = [value for value in self.names.values() if isinstance(value, _Made)]
        return made[-1] if made else None

    def data_range(self) -> float | None:
        value = self.names.get("data_range")
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def tile(self) -> tuple[int, int] | None:
        value, overlap = self.names.get("tile"), self.names.get("tile_overlap", 32)
        if isinstance(value, (tuple, list)) and len(value) == 2:
            value, overlap = value
        return (value, overlap) if isinstance(value, int) and isinstance(overlap, int) else None

    def why_no_weights(self) -> str:
        if self.loads and self.loaded is None:
            return "its weights are chosen by code; only running it would tell"
        return ""

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            if len(values) == len(target.elts):
                for one, of in zip(target.elts, values, strict=True):
                    self._assign(one, of)
            return
        if not isinstance(target, ast.Name):
            self.steps.append(f"{ast.unparse(target)} = {ast.unparse(value)}"[:100])
            return
        try:
            self.names[target.id] = self.value(value)
        except NotConstant:
            before = self.names.get(target.id)
            if isinstance(before, _Made):
                self.steps.append(f"{target.id} = {ast.unparse(value)}"[:100])
            else:
                self.names.pop(target.id, None)

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
            if isinstance(found, _File):
                self.loaded = found
        elif (
            isinstance(owner, ast.Name) and isinstance(self.names.get(owner.id), _Made) and node.func.attr not in _KEPT
        ):
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
        if isinstance(node, ast.IfExp):
            return self.value(node.body)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
            left = self.value(node.left)
            if isinstance(left, str):
                joint = "/" if isinstance(node.op, ast.Div) else ""
                return f"{left}{joint}{self.value(node.right)}"
        plain = {name: v for name, v in self.names.items() if not isinstance(v, (_Made, _File, _Import))}
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
        if not isinstance(found, _File):
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
            return _File(path)
        if isinstance(node.func, ast.Attribute):
            owner = self._owner(node.func.value)
            if isinstance(owner, _Made) and node.func.attr in _KEPT:
                return owner
            if isinstance(owner, _File):
                return self._of_file(owner, node)
            if isinstance(owner, _Import) and owner.module and owner.module.partition(".")[0] not in ("torch", "os"):
                place = f"{owner.module}.{owner.name}".strip(".")
                return self._made(place, node.func.attr, node)
        if isinstance(node.func, ast.Name):
            known = self.names.get(node.func.id)
            if isinstance(known, _Import) and known.name:
                return self._made(known.module or self.own, known.name, node)
        raise NotConstant

    def _of_file(self, owner: _File, node: ast.Call) -> _File:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            return replace(owner, key=f"{owner.key}.{constant(node.args[0], {})}".strip("."))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "state_dict":
            return owner
        raise NotConstant

    def _owner(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Attribute):
            inner = self._owner(node.value)
            if isinstance(inner, _Import):
                return _Import(f"{inner.module}.{inner.name}".strip("."), node.attr) if inner.name else _Import(
                    f"{inner.module}.{node.attr}")  # fmt: skip
            return None
        try:
            return self.value(node)
        except NotConstant:
            return None

    def _made(self, module: str, name: str, node: ast.Call) -> _Made:
        try:
            positional = tuple(self._argument(argument) for argument in node.args)
            keywords = {str(pair.arg): self._argument(pair.value) for pair in node.keywords if pair.arg}
            if len(keywords) != len(node.keywords):
                raise NotConstant
        except NotConstant:
            given = ", ".join(map(ast.unparse, (*node.args, *(pair.value for pair in node.keywords))))
            return _Made(module, name, (), {}, f"the arguments of {name}({given[:80]}) are no literals")
        if name[:1].islower() and "." in module and name in ("select_model", "load_model"):
            raise NotConstant
        return _Made(module, name, positional, keywords)

    def _argument(self, node: ast.expr) -> Any:
        found = self.value(node)
        if isinstance(found, (_Made, _File, _Import)):
            raise NotConstant
        return found
