"""The house: rooms import one way, no two modules import each other, functions and files stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "srbench"

# A room may import what stands above it, never what stands below. Lazy references ("module:function" in data) are
# not imports: whoever resolves one does not know what it leads to.
ROOMS = (
    "errors", "paths", "lifeline", "writing", "kept", "printable", "import_absent", "import_folders", "import_scope",
    "plugins", "registry", "transport", "download", "imaging", "quantities", "metrics", "models", "datasets", "cost",
    "isolation", "results", "evaluation", "training", "leaderboard", "rules", "challenge", "report", "cli",
)  # fmt: skip

MOST_PARAMETERS = 6
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 75  # most stay under 50; signature and docstring count too


@dataclass(frozen=True)
class Import:
    """One import statement: from which module, of which, and where."""

    module: str
    target: str
    line: int
    typing_only: bool


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by name, stand-ins for other packages left out."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        if "shims" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[Import]:
    """All imports of srbench's own modules, those inside functions too."""
    typing_only = {
        id(node)
        for block in ast.walk(tree(module))
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for statement in block.body
        for node in ast.walk(statement)
    }
    package = modules()[module].name == "__init__.py"
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name != "srbench"]  # where it is; it holds nothing
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: len(module.split(".")) - node.level + package]
                base = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{base}.{a.name}" if f"{base}.{a.name}" in modules() else base for a in node.names]
        else:
            continue
        for name in dict.fromkeys(names):
            if name.split(".")[0] == "srbench":
                yield Import(module, name, node.lineno, id(node) in typing_only)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_every_module_has_its_room() -> None:
    assert {room(module) for module in modules()} - {""} <= set(ROOMS)


def test_rooms_import_one_way() -> None:
    wrong = [
        f"{found.module} line {found.line} imports {found.target}"
        for module in modules()
        if room(module)  # srbench/__init__.py only names what is imported on use
        for found in imports(module)
        if not room(found.target) or ROOMS.index(room(found.target)) > ROOMS.index(room(module))
    ]
    assert not wrong


def test_rules_of_challenges_are_read_without_the_rooms_that_measure() -> None:
    """What makes ``rules`` a room of its own below ``challenge``."""
    needed = {room(found.target) for module in modules() if room(module) == "rules" for found in imports(module)}
    assert needed <= {"rules", "errors", "paths", "registry"}
    users = {room(module) for module in modules() for found in imports(module) if room(found.target) == "rules"}
    assert users - {"rules", "challenge"} == {"report", "cli"}


def test_no_module_imports_itself_by_way_of_others() -> None:
    arrows = {module: {i.target for i in imports(module) if not i.typing_only} - {module} for module in modules()}
    done: set[str] = set()

    def follow(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way[way.index(module) :], module))
        if module not in done:
            for target in sorted(arrows.get(module, ())):
                follow(target, (*way, module))
            done.add(module)

    for module in arrows:
        follow(module, ())


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield module, node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Named parameters, without the object that a method belongs to."""
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return sum(parameter.arg not in ("self", "cls") for parameter in named)


def is_callback(module: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether click calls it, with one parameter per option."""
    marks = [ast.unparse(mark) for mark in function.decorator_list]
    return room(module) == "cli" and any("command(" in mark or mark.endswith("command") for mark in marks)


def test_no_function_takes_more_than_six_parameters() -> None:
    many = [
        f"{module}.{function.name}: {parameters(function)}"
        for module, function in functions()
        if parameters(function) > MOST_PARAMETERS and not is_callback(module, function)
    ]
    assert not many


def test_functions_are_short() -> None:
    long = [
        f"{module}.{function.name}: {length}"
        for module, function in functions()
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long


@pytest.mark.parametrize("part", ["srbench", "tests"])
def test_files_are_short(part: str) -> None:
    """The authors' files that tests load as strangers' are left out."""
    long = {
        str(file.relative_to(PACKAGE.parent)): length
        for file in (PACKAGE.parent / part).rglob("*.py")
        if "found" not in file.parts and (length := len(file.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long
