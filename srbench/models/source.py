"""Hash over the source files that define a network, found by reading imports, without importing anything."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.import_folders import folders_of
from srbench.import_scope import NEVER_OWN, imported_files
from srbench.models.card import ModelCard
from srbench.models.reference import parse_reference

LATER_FIELDS = ("order", "checkpoint_key", "strict", "shims")
"""Fields that change a result too; hashed only where they are set, so that older results keep their hash."""


@dataclass(frozen=True)
class _Import:
    """One import statement: ``import NAMES`` where ``level`` is None, else ``from MODULE import NAMES``."""

    names: tuple[str, ...]
    level: int | None = None
    module: str = ""


def source_hash(card: ModelCard) -> str:
    """SHA-256 over the files that define ``card``'s network and over the card's fields that change its output.

    The files are the module of the network and, recursively, the modules it imports from its own package
    (of srbench: from ``srbench.models``). torch is not imported.

    Raises:
        SrbenchError: the module of the network cannot be found.
    """
    digest = hashlib.sha256()
    fields = card.model_dump(
        include={
            "network",
            "interpolation",
            "arguments",
            "takes",
            "colour",
            "input_range",
            "size_multiple",
            "pre_upsampled",
        }
    )
    for field in ("network", "interpolation"):  # a file's place does not define a network
        if fields[field]:
            reference = parse_reference(fields[field])
            fields[field] = str(replace(reference, place=Path(reference.place).name))
    defaults = {name: ModelCard.model_fields[name].default for name in LATER_FIELDS}
    fields |= {name: getattr(card, name) for name, default in defaults.items() if getattr(card, name) != default}
    digest.update(json.dumps(fields, sort_keys=True, default=str).encode())
    for _name, file in sorted(source_files(card).items()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def source_files(card: ModelCard) -> dict[str, Path]:
    """Files that define the network or interpolation of ``card``, by module name."""
    reference = card.network or card.interpolation or ""
    module = parse_reference(reference).place
    if module.endswith(".py"):
        return _files_of_tree(Path(module).expanduser().resolve(), card)
    package = "srbench.models" if module.startswith("srbench.models.") else module.partition(".")[0]
    found: dict[str, Path] = {}
    _collect(module, package, found)
    if found and card.network is None and package == "srbench.models":  # an interpolation is its imresize
        _collect("srbench.imaging.imresize", "srbench.imaging", found)
    if not found:
        raise SrbenchError(f"the source of '{reference}' (model '{card.name}') cannot be found; is it installed?")
    return found


def _files_of_tree(main: Path, card: ModelCard) -> dict[str, Path]:
    """A user's file and all of its tree that it imports, by their place relative to it.

    What imports say is read, also in functions that have not run; what was imported some other way is added as far
    as the file has been imported already.
    """
    root = Path(card.root).resolve() if card.root else None
    folders = folders_of(main, root)
    found: dict[str, Path] = {}
    waiting = [main, *imported_files(main, root)]
    while waiting:
        file = waiting.pop()
        place = os.path.relpath(file, main.parent)
        if place in found:
            continue
        found[place] = file
        waiting += _imported_by(file, folders)
    return found


def _imported_by(file: Path, folders: Sequence[Path]) -> list[Path]:
    """Files of the tree that the import statements of ``file`` name."""
    try:
        statements = _imports(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # importing it says what is wrong
        return []
    named: list[tuple[Sequence[Path], str]] = []
    for statement in statements:
        if statement.level is None:
            named += [(folders, name) for name in statement.names]
        else:
            level, base = statement.level, statement.module
            start = [file.parents[level - 1]] if 0 < level <= len(file.parents) else folders
            named += [(start, base), *((start, f"{base}.{name}".strip(".")) for name in statement.names)]
    names = [(places, name) for places, name in named if name and name.partition(".")[0] not in NEVER_OWN]
    return [found for places, name in names if (found := _in_folders(places, name)) is not None]


@lru_cache(maxsize=512)
def _imports(source: bytes) -> tuple[_Import, ...]:
    """The import statements of a file; most networks share most of their files, so each is parsed once."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.append(_Import(tuple(alias.name for alias in node.names)))
        elif isinstance(node, ast.ImportFrom):
            found.append(_Import(tuple(alias.name for alias in node.names), node.level, node.module or ""))
    return tuple(found)


def _in_folders(folders: Sequence[Path], name: str) -> Path | None:
    """The file of the module ``name``, a package's ``__init__.py`` included."""
    for folder in folders:
        path = folder.joinpath(*name.split("."))
        for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def files_imported(module: str, package: str) -> dict[str, Path]:
    """The file of ``module`` and of everything of ``package`` that it imports, by module name; nothing is imported."""
    found: dict[str, Path] = {}
    _collect(module, package, found)
    return found


def _collect(module: str, package: str, found: dict[str, Path]) -> None:
    if module in found or not (module == package or module.startswith(package + ".")):
        return
    file = _file_of(module)
    if file is None:
        return
    found[module] = file
    for statement in _imports(file.read_bytes()):
        if statement.level is None:
            wanted = list(statement.names)
        else:
            base = _absolute(statement, module, file)
            wanted = [base, *(f"{base}.{name}" for name in statement.names)]
        for name in wanted:
            _collect(name, package, found)


def _file_of(module: str) -> Path | None:
    """The file of a module; what it lies in is not imported for it, as that would import torch."""
    top, _, rest = module.partition(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, AttributeError, ValueError):
        return None
    if spec is None:
        return None
    if rest:
        return _in_folders([Path(place) for place in spec.submodule_search_locations or ()], rest)
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None


def _absolute(statement: _Import, module: str, file: Path) -> str:
    if not statement.level:
        return statement.module
    parts = module.split(".")
    drop = statement.level - 1 if file.name == "__init__.py" else statement.level
    return ".".join([*parts[: len(parts) - drop], *([statement.module] if statement.module else [])])
