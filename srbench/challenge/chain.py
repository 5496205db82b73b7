"""An organisers' loader read as a syntax tree: one branch per entry. Nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srbench.challenge.branch import Reader
from srbench.challenge.choices import Choice, Choices, choices_of, is_loader, tables_of
from srbench.challenge.reading import Settings
from srbench.errors import SrbenchError
from srbench.isolation.arguments import argument_defaults
from srbench.models.parsing import parsed
from srbench.models.reference import Reference

MOST_BYTES = 4_000_000


@dataclass(frozen=True)
class Branch:
    """One entry of the chain, as far as reading tells.

    ``module`` is dotted from the loader's folder; '' for a class of the loader's own file. ``key`` is the wrapper that
    the weights are taken from, '' for none, '?' where the code chooses. ``steps`` is what else is done to the network,
    as code, ``nodes`` all statements of the loader's file that are run for it. ``reason`` says why there is no class,
    arguments or weights; '' where all is understood.
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
    nodes: tuple[ast.AST, ...] = field(default=(), repr=False)
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
    """The function of a Python file of ``root`` that most looks like a choice of entries by an id.

    It has a chain ``if model_id == 0: ... elif ...``, a ``match``, a table of entries, or imports files called after
    teams. Files at the top are looked at first, the folders below only where there is none.

    Raises:
        SrbenchError: there is none.
    """
    refused = _refused(root)
    best: tuple[tuple[int, int], _Loader] | None = None
    for files in (root.glob("*.py"), root.glob("*/*.py"), root.glob("*/*/*.py")):
        for loader in _loaders(root, sorted(files), refused):
            named, (entries, every) = is_loader(loader.function.name), loader.choices.weight
            weight = (entries * (2 if named else 1), every)
            if (entries or named) and (best is None or weight > best[0]):
                best = (weight, loader)
        if best is not None and best[0][0]:
            break
    if best is not None:
        return _chain(root, best[1], scale)
    why = f"; {refused[0]}" if refused else ""
    raise SrbenchError(
        f"no loader was found in '{root}'{why}: expected a function such as select_model(args, device) with a chain "
        "'if model_id == 0: ... elif model_id == 1: ...' that makes each entry's network."
    )


@dataclass(frozen=True)
class _Loader:
    file: Path
    tree: ast.Module
    function: ast.FunctionDef
    choices: Choices


def _loaders(root: Path, files: list[Path], refused: list[str]) -> Iterator[_Loader]:
    for file in _candidates(root, files):
        try:
            if file.stat().st_size > MOST_BYTES:
                continue
            tree = parsed(file.read_bytes())
        except OSError as error:
            refused.append(f"'{file}' cannot be read: {error.strerror}")
            continue
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        tables = tables_of(tree.body)
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            found = choices_of(function, tables, root)
            if found is not None:
                yield _Loader(file, tree, function, found)


def _candidates(root: Path, files: list[Path]) -> Iterator[Path]:
    from srbench.models.repository import SKIPPED

    for file in files:
        folders = file.relative_to(root).parts[:-1]
        if file.is_file() and not any(name.lower() in SKIPPED or name.startswith(".") for name in folders):
            yield file


def _refused(root: Path) -> list[str]:
    """Which folders at the top cannot be looked into, and why.

    Raises:
        SrbenchError: ``root`` itself cannot.
    """
    found = []
    try:
        folders = sorted(file for file in root.iterdir() if file.is_dir())
    except OSError as error:
        raise SrbenchError(f"'{root}' cannot be read: {error.strerror}; look at its rights.") from error
    for folder in folders:
        try:
            next(folder.iterdir(), None)
        except OSError as error:
            found.append(f"'{folder}' cannot be read: {error.strerror}")
    return found


def _chain(root: Path, loader: _Loader, scale: int) -> Chain:
    outer = Reader(scale, {"__file__": str(loader.file.relative_to(root))}, None)
    outer.own, outer.id_name = loader.file.stem, loader.choices.id_name
    for statement in loader.tree.body:
        if isinstance(
            statement, (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign)
        ):
            outer.statement(statement)
    parameters = [one.arg for one in loader.function.args.args]
    if parameters and parameters[0] != outer.id_name:
        outer.names[parameters[0]] = Settings(argument_defaults(loader.tree))
    outer.steps.clear()
    found = [_branch(choice, outer, loader, scale) for choice in loader.choices.found]
    branches = tuple(branch for branch in found if branch is not None)
    return Chain(loader.file, loader.function.name, outer.id_name, branches)


def _branch(choice: Choice, outer: Reader, loader: _Loader, scale: int) -> Branch | None:
    """One branch; None for a placeholder without code."""
    if all(isinstance(s, (ast.Pass, ast.Raise)) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
           for s in choice.body):  # fmt: skip
        return None
    reader = _read(choice, outer, loader.choices, scale)
    label = f"{choice.id:02d}" if isinstance(choice.id, int) else choice.id
    loaded, made = reader.loaded, reader.network()
    found = Branch(
        label, choice.id, choice.line, name=reader.title(), data_range=reader.data_range(), tile=reader.tile(),
        weights=loaded.path if loaded else "", key=loaded.key if loaded else "", strict=reader.strict,
        imports=tuple(reader.imports), steps=tuple(reader.steps),
        nodes=(*choice.body, *reader.followed, *_functions_named(choice.body, loader.tree)),
    )  # fmt: skip
    if made is None:
        first = ast.unparse(choice.body[-1]).splitlines()[0]
        return replace(found, reason=f"no class is called in it; only running it would tell ('{first[:80]}')")
    found = replace(
        found, module=made.module, class_name=made.class_name, positional=made.positional, keywords=made.keywords
    )
    why = made.reason or reader.why_no_weights()
    return replace(found, reason=why)


def _read(choice: Choice, outer: Reader, choices: Choices, scale: int) -> Reader:
    """The statements that are run for one id, in their order; steps are those of its own alone."""
    names = {
        name: Settings({**value.values, outer.id_name: choice.id}) if isinstance(value, Settings) else value
        for name, value in outer.names.items()
    }
    reader = Reader(scale, {**names, outer.id_name: choice.id}, outer)
    for statement in choices.before:
        reader.statement(statement)
    reader.steps.clear()
    for statement in choice.body:
        reader.statement(statement)
    if reader.returned is None:
        own = list(reader.steps)
        for statement in choices.after:
            reader.statement(statement)
        reader.steps = own
    return reader


def _functions_named(body: tuple[ast.stmt, ...], tree: ast.Module) -> tuple[ast.AST, ...]:
    """Functions of the file that are named in ``body``, and in those, and so on."""
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: dict[str, ast.AST] = {}
    waiting: list[ast.AST] = list(body)
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Name) and node.id in known and node.id not in found:
                found[node.id] = known[node.id]
                waiting.append(known[node.id])
    return tuple(found.values())
