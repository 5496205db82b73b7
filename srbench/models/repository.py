"""Which networks a repository holds, read from its files without running any: classes, and how they are called there.

A network is a class of ``nn.Module`` that no other class uses. What it is built with is taken from a call of it with
constant arguments anywhere in the repository (a ``select_model``, a ``__main__`` block), where there is one. No torch.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.models.constants import NotConstant, assigned_before, constant
from srbench.models.parsing import parsed
from srbench.models.reference import Reference
from srbench.models.signature import SCALE_NAMES

SKIPPED = {"__pycache__", "build", "dist", "node_modules", "site-packages", "venv", "env", "tests", "docs"}
MOST_FILES = 5000
MOST_BYTES = 2_000_000
NO_MODULES = {"", "object", "Function", "Dataset", "Exception", "Enum", "ABC", "NamedTuple", "TypedDict", "Protocol"}
"""Bases that are no networks' although their classes have a ``forward`` or use ``nn``."""
IMAGE_CHANNELS = {
    *(f"{side}_{word}" for side in ("in", "out", "num_in", "num_out", "inp", "n_in", "n_out") for word in
      ("nc", "ch", "chans", "channels", "channel")),
    "input_channels", "output_channels", "img_channel", "image_channels", "colors", "n_colors", "in_nc", "out_nc",
}  # fmt: skip
"""Parameters of constructors that are 3 for an RGB network."""


@dataclass(frozen=True)
class FoundNetwork:
    """A class that seems to be a whole network, and the ways to build it that are worth trying, best first.

    ``lacks`` names parameters that no call in the repository gives and that have no default; there is no way then.
    """

    file: Path
    class_name: str
    ways: tuple[Reference, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repository:
    """What :func:`read_repository` found: networks by file, and (file, reason) of what could not be read."""

    root: Path
    networks: tuple[FoundNetwork, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()


@dataclass
class _Class:
    node: ast.ClassDef
    file: Path
    bases: tuple[str, ...]


@dataclass
class _Call:
    file: Path
    node: ast.Call
    imported_from: str
    names: Mapping[str, Any]


@dataclass
class _Sources:
    """All files of a repository as syntax trees, with what is needed to tell networks from their parts."""

    trees: dict[Path, ast.Module] = field(default_factory=dict)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)


def read_repository(root: str | Path) -> Repository:
    """Find the networks of a repository.

    Raises:
        SrbenchError: no such folder.
    """
    folder = Path(root).expanduser().resolve()
    if not folder.is_dir():
        raise SrbenchError(f"'{root}' is not a folder; give the folder of a repository with network files.")
    sources = _read(folder)
    classes = {file: _classes(file, tree) for file, tree in sources.trees.items()}
    known = _module_classes(classes)
    calls = _literal_calls(sources.trees, {one.node.name for found in known.values() for one in found})
    mentioned = {file: _used_in_classes(found) for file, found in classes.items()}
    used = _used_from(known, mentioned, sources.trees)
    networks = []
    for file, found in sorted(known.items()):
        parts = mentioned[file] | used.get(file.stem, set())
        for one in found:
            if one.node.name not in parts and _has_forward(one):
                networks.append(_found(one, calls.get(one.node.name, [])))
    return Repository(folder, tuple(networks), tuple(sources.unreadable))


def _read(root: Path) -> _Sources:
    sources = _Sources()
    for file in _python_files(root, sources.unreadable):
        try:
            content = file.read_bytes()
            if len(content) <= MOST_BYTES:
                sources.trees[file] = parsed(content)
        except OSError as error:
            sources.unreadable.append((file, f"cannot be read: {error.strerror}"))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            sources.unreadable.append((file, f"is no Python 3: {' '.join(str(error).split())}"))
    return sources


def _python_files(root: Path, unreadable: list[tuple[Path, str]]) -> Iterator[Path]:
    """Python files below ``root``; folders that cannot be read are added to ``unreadable`` with the reason."""

    def refused(error: OSError) -> None:
        if Path(error.filename) == root:
            raise SrbenchError(f"'{root}' cannot be read: {error.strerror}; look at its rights.") from error
        unreadable.append((Path(error.filename), f"cannot be read: {error.strerror}"))

    seen = 0
    for folder, names, files in os.walk(root, onerror=refused):
        names[:] = sorted(name for name in names if not name.startswith(".") and name.lower() not in SKIPPED)
        for name in sorted(files):
            if name.endswith(".py"):
                seen += 1
                if seen > MOST_FILES:
                    raise SrbenchError(f"'{root}' has more than {MOST_FILES} Python files; give a folder inside it.")
                yield Path(folder) / name


def _classes(file: Path, tree: ast.Module) -> list[_Class]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    top = {id(node) for node in tree.body}
    return [_Class(node, file, tuple(map(_last_name, node.bases))) for node in found if id(node) in top]


def _module_classes(classes: Mapping[Path, list[_Class]]) -> dict[Path, list[_Class]]:
    """The classes that are modules: by a base of torch's, or by a base that is one itself, in whatever file.

    A base from another package counts where the class uses ``nn`` or has a ``forward``.
    """
    every = [one for found in classes.values() for one in found]
    defined = {one.node.name for one in every}
    names: set[str] = set()
    before = -1
    while len(names) > before:
        before = len(names)
        names |= {
            one.node.name
            for one in every
            for base in one.node.bases
            if _is_torch_base(base) or _last_name(base) in names or _is_module_of_others(base, defined, one)
        }
    return {file: kept for file, found in classes.items() if (kept := [one for one in found if one.node.name in names])}


def _is_torch_base(base: ast.expr) -> bool:
    text = ast.unparse(base)
    return text in ("Module", "Sequential") or text.startswith(("nn.", "torch.nn."))


def _is_module_of_others(base: ast.expr, defined: set[str], one: _Class) -> bool:
    if _last_name(base) in defined or _last_name(base) in NO_MODULES:
        return False
    methods = {node.name for node in one.node.body if isinstance(node, ast.FunctionDef)}
    uses_nn = any(isinstance(node, ast.Name) and node.id == "nn" for node in ast.walk(one.node))
    return "__init__" in methods and (uses_nn or "forward" in methods)


def _used_in_classes(classes: Iterable[_Class]) -> set[str]:
    """Names that class bodies of one file mention, their own name and bases apart."""
    used: set[str] = set()
    for one in classes:
        nodes = [node for statement in one.node.body for node in ast.walk(statement)]
        used |= {node.id for node in nodes if isinstance(node, ast.Name)} - {one.node.name}
    return used


def _used_from(
    classes: Mapping[Path, list[_Class]], mentioned: Mapping[Path, set[str]], trees: Mapping[Path, ast.Module]
) -> dict[str, set[str]]:
    """Names that the classes of network files mention and import, by the last part of the module they come from."""
    used: dict[str, set[str]] = {}
    for file in classes:
        for node in ast.walk(trees[file]):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names} & mentioned[file]
                used.setdefault((node.module or "").rpartition(".")[2], set()).update(names)
    return used


def _has_forward(one: _Class) -> bool:
    own = {node.name for node in one.node.body if isinstance(node, ast.FunctionDef)}
    return "forward" in own or "Module" not in one.bases


def _literal_calls(trees: Mapping[Path, ast.Module], names: set[str]) -> dict[str, list[_Call]]:
    """Calls of the classes of these names outside classes, by name."""
    found: dict[str, list[_Call]] = {}
    for file, tree in trees.items():
        nodes = list(ast.walk(tree))
        inside = {id(node) for top in tree.body if isinstance(top, ast.ClassDef) for node in ast.walk(top)}
        imports = [node for node in nodes if isinstance(node, (ast.ImportFrom, ast.Import))]
        assignments = [node for node in nodes if isinstance(node, ast.Assign) and id(node) not in inside]
        renamed = {a.asname: a.name for node in imports for a in node.names if a.asname and a.name in names}
        for node in nodes:
            name = _last_name(node.func) if isinstance(node, ast.Call) and id(node) not in inside else ""
            name = renamed.get(name, name)
            if isinstance(node, ast.Call) and name in names:
                origin = _origin(node.func, node.lineno, imports)
                found.setdefault(name, []).append(_Call(file, node, origin, assigned_before(assignments, node.lineno)))
    return found


def _origin(called: ast.expr, line: int, imports: Iterable[ast.ImportFrom | ast.Import]) -> str:
    """Last part of the module that ``Net(...)`` or ``module.Net(...)`` comes from at ``line``; '' where nobody says.

    A chain of branches imports the same name again and again; the last import before the line is meant.
    """
    parts = ast.unparse(called).split(".")
    before = sorted((node for node in imports if node.lineno <= line), key=lambda node: node.lineno)
    found = ""
    for node in before:
        for alias in node.names:
            name = alias.asname or alias.name
            if isinstance(node, ast.Import) and ".".join(parts[:-1]) == name:
                found = alias.name.rpartition(".")[2]
            elif isinstance(node, ast.ImportFrom) and name == parts[0]:
                found = alias.name if len(parts) > 1 else (node.module or "").rpartition(".")[2]
    return found


def _found(one: _Class, calls: list[_Call]) -> FoundNetwork:
    """Ways to build one class: calls in its own file, calls elsewhere, then nothing but what it lacks by custom."""
    required = required_parameters(one.node)
    its = [call for call in calls if call.file == one.file or call.imported_from == one.file.stem]
    ways = [way for call in sorted(its, key=lambda c: c.file != one.file) if (way := _way(one, call)) is not None]
    ways += [_without_scale(way) for way in ways]
    usual = {name: 3 for name in required if name in IMAGE_CHANNELS}
    lacks = tuple(name for name in required if name not in usual and name not in SCALE_NAMES)
    if not lacks:
        ways.append(Reference(str(one.file), one.node.name, (), usual))
    unique = {str(way): way for way in ways}
    return FoundNetwork(one.file, one.node.name, tuple(unique.values()), () if ways else lacks)


def _without_scale(way: Reference) -> Reference:
    """The same for whatever scale is asked for: test code often has another one."""
    return replace(way, keywords={name: value for name, value in way.keywords.items() if name not in SCALE_NAMES})


def _way(one: _Class, call: _Call) -> Reference | None:
    """A call as a reference; a scale that is a variable is left to be given. None where something else is one."""
    keywords: dict[str, Any] = {}
    try:
        positional = tuple(constant(argument, call.names) for argument in call.node.args)
        for pair in call.node.keywords:
            if pair.arg is None:
                return None
            if pair.arg in SCALE_NAMES and not isinstance(pair.value, ast.Constant):
                continue
            keywords[pair.arg] = constant(pair.value, call.names)
    except NotConstant:
        return None
    return Reference(str(one.file), one.node.name, positional, keywords)


def required_parameters(node: ast.ClassDef) -> list[str]:
    """Parameters of the constructor without a default."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            arguments = method.args
            plain = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)][1:]
            named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            first = plain[: max(0, len(plain) - len(arguments.defaults))]
            return first + [argument.arg for argument, default in named if default is None]
    return []


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
