"""Where a Python file's own modules lie: the folders around it, up to the root of its repository."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

ROOT_MARKS = (".git", "setup.py", "pyproject.toml", "requirements.txt", "environment.yml", "README.md", "LICENSE")


def folders_of(file: Path, root: Path | None = None) -> tuple[Path, ...]:
    """Folders that ``file`` imports from: its own, the one around it, those up to its repository's root, ``root``."""
    own = file.parent
    found = [own, own.parent]
    around = list(own.parents)[:4]
    marked = [i for i, folder in enumerate(around) if any((folder / mark).exists() for mark in ROOT_MARKS)]
    packages = [folder for folder in around if (folder / "__init__.py").is_file()]
    package = packages[-1] if packages else own
    while (package / "__init__.py").is_file():
        package = package.parent
    if marked and not any((own / mark).exists() for mark in ROOT_MARKS):
        found += around[: marked[0] + 1]
    found += [package, *([root.resolve()] if root is not None else [])]
    return tuple(dict.fromkeys(found))


def installed(name: str) -> bool:
    """Whether Python finds the top-level module ``name`` on its own."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def submodule_exists(path: Sequence[str], name: str) -> bool:
    """Whether a package with this ``__path__`` has a module or package ``name``."""
    return any((Path(p) / f"{name}.py").is_file() or (Path(p) / name).is_dir() for p in path)


def identifier(text: str) -> str:
    """``text`` as the name of a module."""
    return "".join(char if char.isalnum() or char == "_" else "_" for char in text) or "_"


def digest(file: Path) -> str:
    """SHA-256 of a file; '' where it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


_CATCH_ABSENCE = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def is_guarded(frame: FrameType) -> bool:
    """Whether the line that ``frame`` is at lies in a ``try`` that catches the absence of a package."""
    file = Path(frame.f_code.co_filename)
    return any(first <= frame.f_lineno <= last for first, last in _guarded_lines(file, digest(file)))


@functools.lru_cache(maxsize=256)
def _guarded_lines(file: Path, _digest: str) -> tuple[tuple[int, int], ...]:
    """(first, last) lines of the bodies of such ``try`` statements."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Try) and any(map(_catches, node.handlers))]
    return tuple((node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno) for node in found)


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {kind.id if isinstance(kind, ast.Name) else "" for kind in kinds}
    return handler.type is None or bool(names & _CATCH_ABSENCE)
