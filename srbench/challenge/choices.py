"""Where a loader chooses an entry by its id: branches, cases of a match, a table, files called after teams."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Id = int | str
_LOADERS = re.compile(
    r"(?:select|load|get|build|make|create|init)_?\w*?(?:model|network|net|team|entry)\w*", re.IGNORECASE
)
_TEAM_FILE = re.compile(r"team_?(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """What is run for one id: statements, from a line on."""

    id: Id
    body: tuple[ast.stmt, ...]
    line: int


@dataclass(frozen=True)
class Choices:
    """All entries of one function, the name of the id it chooses by, and what stands before and after the choice."""

    id_name: str
    found: tuple[Choice, ...]
    before: tuple[ast.stmt, ...] = ()
    after: tuple[ast.stmt, ...] = ()

    @property
    def weight(self) -> tuple[int, int]:
        """How much it looks like entries: branches that import, load weights or name a data range; and all."""
        return sum(map(_makes_an_entry, self.found)), len(self.found)


def choices_of(function: ast.FunctionDef, tables: dict[str, ast.Dict], folder: Path) -> Choices | None:
    """How ``function`` chooses entries; ``tables`` are dictionaries of its file, by name; None where it does not."""
    return _branches(function) or _table(function, tables) or _by_files(function, folder)


def tables_of(body: list[ast.stmt]) -> dict[str, ast.Dict]:
    """Dictionaries with at least two constant ids as keys, by the name they are bound to."""
    found = {}
    for node in body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if isinstance(value, ast.Dict):
            found.update({target.id: value for target in targets if isinstance(target, ast.Name)})
    for node in body:  # TABLE[3] = load_team03
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and isinstance(node, ast.Assign):
            before = found.get(target.value.id, ast.Dict([], []))
            found[target.value.id] = ast.Dict([*before.keys, target.slice], [*before.values, node.value])
    return {name: table for name, table in found.items() if len(_ids(table)) >= 2}


def _ids(table: ast.Dict) -> list[tuple[Id, int]]:
    """Keys of a dictionary that can be ids, with their lines."""
    keys = [key for key in table.keys if isinstance(key, ast.Constant)]
    return [
        (key.value, key.lineno) for key in keys if isinstance(key.value, (int, str)) and not isinstance(key.value, bool)
    ]


def _branches(function: ast.FunctionDef) -> Choices | None:
    tests: list[tuple[Id, str, list[ast.stmt], int]] = []
    for node in _choosing(function.body):
        if isinstance(node, ast.Match):
            tests += _cases(node)
        elif (match := _tested(node.test)) is not None:
            tests += [(value, match[1], node.body, node.lineno) for value in match[0]]
    if len(tests) < 2 or not any(_calls_something(body) for _, _, body, _ in tests):
        return None
    names = [name for _, name, _, _ in tests]
    id_name = max(set(names), key=names.count)
    kept = [Choice(value, tuple(body), line) for value, name, body, line in tests if name == id_name]
    first = min(choice.line for choice in kept)
    last = max(choice.body[-1].end_lineno or choice.line for choice in kept)
    before = tuple(one for one in function.body if (one.end_lineno or one.lineno) < first)
    return Choices(id_name, tuple(kept), before, tuple(one for one in function.body if one.lineno > last))


def _choosing(body: list[ast.stmt]) -> Iterator[ast.If | ast.Match]:
    """Every ``if`` of a body and the ``elif`` behind it, and every ``match``, also inside ``with`` and ``try``."""
    for node in body:
        if isinstance(node, ast.If):
            yield node
            yield from _choosing(node.orelse)
        elif isinstance(node, ast.Match):
            yield node
        elif isinstance(node, (ast.With, ast.Try)):
            yield from _choosing(node.body)


def _cases(node: ast.Match) -> list[tuple[Id, str, list[ast.stmt], int]]:
    name = _name_of(node.subject)
    if not name:
        return []
    return [
        (value, name, case.body, case.pattern.lineno)
        for case in node.cases
        if case.guard is None
        for value in _pattern_ids(case.pattern)
    ]


def _pattern_ids(pattern: ast.pattern) -> list[Id]:
    if isinstance(pattern, ast.MatchOr):
        return [value for part in pattern.patterns for value in _pattern_ids(part)]
    value = pattern.value if isinstance(pattern, ast.MatchValue) else None
    return [value.value] if isinstance(value, ast.Constant) and isinstance(value.value, (int, str)) else []


def _tested(test: ast.expr) -> tuple[list[Id], str] | None:
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
    name = _name_of(left)
    if not name:
        return None
    if isinstance(test.ops[0], ast.Eq) and isinstance(right, ast.Constant) and isinstance(right.value, (int, str)):
        return [right.value], name
    if isinstance(test.ops[0], ast.In) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        values = [item.value for item in right.elts if isinstance(item, ast.Constant)]
        if values and all(isinstance(value, (int, str)) for value in values):
            return [value for value in values if isinstance(value, (int, str))], name
    return None


def _name_of(node: ast.expr) -> str:
    """``model_id``, ``args.model_id``, ``int(args.model_id)``, ``args.model.lower()``: the id's name."""
    if isinstance(node, ast.Call):
        inside = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
        known = isinstance(node.func, ast.Name) and node.func.id in ("int", "str")
        return _name_of(inside) if inside is not None and (known or not node.args) else ""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _table(function: ast.FunctionDef, tables: dict[str, ast.Dict]) -> Choices | None:
    """``TABLE[args.model_id]`` or ``TABLE.get(model_id)``: the whole function is run for each key."""
    known = {**tables, **tables_of(function.body)}
    best: Choices | None = None
    for node in ast.walk(function):
        table, index = _looked_up(node)
        name = _name_of(index) if index is not None else ""
        if name and table in known:
            found = Choices(name, tuple(Choice(key, tuple(function.body), line) for key, line in _ids(known[table])))
            if best is None or len(found.found) > len(best.found):
                best = found
    return best


def _looked_up(node: ast.AST) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
        return node.value.id, node.slice
    called = node.func if isinstance(node, ast.Call) and node.args else None
    if isinstance(called, ast.Attribute) and called.attr == "get" and isinstance(called.value, ast.Name):
        return called.value.id, node.args[0]  # type: ignore[attr-defined]
    return "", None


def _by_files(function: ast.FunctionDef, folder: Path) -> Choices | None:
    """``import_module(f"models.team{model_id:02d}_...")``: the ids are those of files called after teams."""
    called = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = [one.arg for one in function.args.args]
    if not _LOADERS.fullmatch(function.name) or not any("import_module" in name for name in called) or not names:
        return None
    used = [_name_of(node.value) for node in ast.walk(function) if isinstance(node, ast.FormattedValue)]
    id_name = next((name for name in used if name), names[0])
    places = sorted((*folder.glob("team*"), *folder.glob("*/team*")))
    ids = sorted({int(m.group(1)) for p in places if p.suffix in ("", ".py") and (m := _TEAM_FILE.match(p.name))})
    if not ids:
        return None
    return Choices(id_name, tuple(Choice(one, tuple(function.body), function.lineno) for one in ids))


def _calls_something(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Call) for statement in body for node in ast.walk(statement))


def _makes_an_entry(choice: Choice) -> bool:
    for statement in choice.body:
        for node in ast.walk(statement):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                return True
            if isinstance(node, ast.Attribute) and node.attr in ("load_state_dict", "load", "import_module"):
                return True
            if isinstance(node, ast.Name) and node.id in ("data_range", "model_path"):
                return True
    return False


def is_loader(name: str) -> bool:
    """Whether a function is called as loaders are: ``select_model``, ``get_network``."""
    return _LOADERS.fullmatch(name) is not None
