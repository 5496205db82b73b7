"""Where a Python file's own modules lie: the folders around it, up to the root of its repository."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

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
