"""An organisers' loader read as a syntax tree: its ``if/elif`` chain, one branch per entry. Nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srbench.challenge.branch import Import, Reader
from srbench.errors import SrbenchError
from srbench.models.parsing import parsed
from srbench.models.reference import Reference

MOST_BYTES = 4_000_000


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


def find_chain(root: Path, scale: int) -> Chain:
    """The longest chain of branches on an id in a Python file of ``root``; files at the top are looked at first.

    Raises:
        SrbenchError: there is none.
    """
    best: Chain | None = None
    for file in _candidates(root):
        try:
            tree = parsed(file.read_bytes())
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
    outer = Reader(scale, {}, None)
    for statement in tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            outer.statement(statement)
        elif isinstance(statement, ast.ClassDef):
            outer.names[statement.name] = Import("", statement.name)
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


def _branch(value: int | str, node: ast.If, outer: Reader, id_name: str, scale: int) -> Branch | None:
    """One branch; None for a placeholder without code."""
    if all(isinstance(s, (ast.Pass, ast.Raise)) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
           for s in node.body):  # fmt: skip
        return None
    reader = Reader(scale, {**outer.names, id_name: value}, outer)
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
