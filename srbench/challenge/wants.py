"""What a file of a repository imports from outside of it, and what it may start or fetch, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srbench.import_folders import installed
from srbench.import_scope import NEVER_OWN
from srbench.models.parsing import parsed

STARTS = ("subprocess", "os.system", "os.popen", "os.exec", "os.spawn", "os.fork", "Popen", "cpp_extension", "pip.main")
"""Names of what starts a process, compiles or installs."""
FETCHES = (
    "urllib.request", "urlopen", "urlretrieve", "requests.get", "wget", "gdown", "hf_hub_download", "snapshot_download",
    "load_state_dict_from_url", "load_url", "load_file_from_url", "from_pretrained", "socket.",
)  # fmt: skip
STAND_INS = Path(__file__).parents[1] / "models" / "shims"
_MOST_FILES = 200


@dataclass(frozen=True)
class Wanted:
    """A symbol of a package outside the repository."""

    package: str
    symbol: str
    file: str
    installed: bool
    shim: bool
    """Whether there is a stand-in of ours for the package."""


@dataclass(frozen=True)
class Needs:
    """Of one entry: what it imports from elsewhere, and code that starts processes or fetches."""

    wanted: tuple[Wanted, ...] = ()
    acts: tuple[str, ...] = ()
    """``models/team22/build.py line 9: subprocess.run`` each."""

    @property
    def missing(self) -> tuple[Wanted, ...]:
        """What is not installed."""
        return tuple(one for one in self.wanted if not one.installed)


def needs_of(root: Path, modules: Iterable[str], branch: ast.AST | None = None, place: str = "") -> Needs:
    """What the modules of ``root`` (dotted) import, and what they do, followed through the repository's own files.

    ``branch`` is code of the loader that is looked at too, ``place`` how its file is called.
    """
    wanted: dict[tuple[str, str], Wanted] = {}
    acts = list(_acts(branch, place)) if branch is not None else []
    waiting = [file for module in modules if (file := _file_of(root, module)) is not None]
    seen: set[Path] = set()
    while waiting and len(seen) < _MOST_FILES:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        try:
            tree = parsed(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        shown = str(file.relative_to(root))
        acts += _acts(tree, shown)
        for module, symbol, level in _imports(tree):
            own = _file_of(root, module, file, level)
            if own is not None:
                waiting.append(own)
                continue
            package = module.partition(".")[0]
            if level or not package or package in NEVER_OWN:
                continue
            text = f"{module}.{symbol}" if symbol else module
            wanted.setdefault((package, text), Wanted(package, text, shown, installed(package), has_stand_in(package)))
    return Needs(tuple(wanted.values()), tuple(dict.fromkeys(acts)))


def has_stand_in(package: str) -> bool:
    """Whether there is a stand-in of ours for a package."""
    return (STAND_INS / package).is_dir() or (STAND_INS / f"{package}.py").is_file()


def _imports(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", 0
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module or "", alias.name, node.level


def _file_of(root: Path, module: str, importer: Path | None = None, level: int = 0) -> Path | None:
    if not module and not level:
        return None
    folders = [root]
    if importer is not None:
        folders = [importer.parents[level - 1]] if 0 < level <= len(importer.parents) else [importer.parent, root]
    for folder in folders:
        path = folder.joinpath(*module.split(".")) if module else folder
        for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if file.is_file() and root in file.resolve().parents:
                return file.resolve()
    return None


def _acts(tree: ast.AST, place: str) -> Iterator[str]:
    """Uses of names that start a process or fetch, outside of ``if __name__ == "__main__"``."""
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or id(node) in hidden:
            continue
        text = ast.unparse(node.func)
        if any(text == name or text.startswith((name, f"{name}.")) or text.endswith(f".{name}")
               for name in (*STARTS, *FETCHES)):  # fmt: skip
            yield f"{place} line {node.lineno}: {text}"
