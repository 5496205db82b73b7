"""A Python file of somebody else's, imported as if it were the only one: its own ``blocks.py``, its own ``utils``.

Two files that each import their own ``blocks.py`` must not get one another's, so nothing of a file's tree enters
``sys.modules`` under its own name. The tree's modules are called ``srbench_file_<hash>.<name>`` there, and their
import statements look into the tree first: the file's folder, the folders around it up to the root of the
repository, and what the file itself puts on ``sys.path``.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from srbench.import_absent import Empty, EmptyLoader
from srbench.import_folders import digest, folders_of, identifier, installed, is_guarded, submodule_exists

PREFIX = "srbench_file_"
"""How the top package of a scope is called in ``sys.modules``."""
NEVER_OWN = frozenset({"srbench", "torch", "numpy"}) | sys.stdlib_module_names
"""Names that a tree never replaces."""
_LEVELS = ("up6", "up5", "up4", "up3", "up2", "up1")
"""Packages around the file's module, so that ``from .x``, ``from ..x`` and so on mean the folders around it."""

_scopes: dict[str, ImportScope] = {}
_active: list[ImportScope] = []
_lock = threading.RLock()
imported_elsewhere: dict[tuple[Path, Path | None], tuple[Path, ...]] = {}  # by other processes, for (file, root)


@dataclass(frozen=True)
class StandIn:
    """A package that is not installed, and what was taken for it; ``empty`` where using it at all is an error."""

    package: str
    empty: bool


def open_scope(file: Path, *, root: Path | None = None, stand_ins: Path | None = None) -> ImportScope:
    """The scope of ``file`` (absolute), the same one as long as nothing in its tree that it imports has changed.

    Args:
        file: a Python file.
        root: folder that it may import from as well.
        stand_ins: folder of packages that may replace what is not installed; None for no replacement.
    """
    with _lock:
        for scope in _scopes.values():
            if (scope.file, scope.root, scope.stand_ins) == (file, root, stand_ins) and scope.unchanged():
                return scope
        if not _scopes and _FINDER not in sys.meta_path:
            sys.meta_path.insert(0, _FINDER)
            sys.meta_path.append(_PLAIN_FINDER)
        importlib.invalidate_caches()
        scope = ImportScope(file, root, stand_ins)
        _scopes[scope.name] = scope
        return scope


def imported_files(file: Path, root: Path | None = None) -> tuple[Path, ...]:
    """What ``file`` has imported of its tree so far, in a scope that still stands."""
    with _lock:
        fitting = [s for s in _scopes.values() if (s.file, s.root) == (file, root) and s.unchanged()]
    return fitting[-1].files if fitting else tuple(f for f in imported_elsewhere.get((file, root), ()) if f.is_file())


@contextlib.contextmanager
def forget_what_follows() -> Iterator[None]:
    """Scopes that are opened inside the ``with`` block are forgotten behind it, and opened afresh."""
    before = dict(_scopes)
    try:
        yield
    finally:
        for name in set(_scopes) - set(before):
            del _scopes[name]
            for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
                del sys.modules[module]


class ImportScope:
    """One file, the folders it imports from, and the modules it has imported from there."""

    def __init__(self, file: Path, root: Path | None, stand_ins: Path | None) -> None:
        self.file, self.root, self.stand_ins = file, root, stand_ins
        self.name = _free_name(f"{file} {root} {stand_ins}".encode() + file.read_bytes())
        self.folders = folders_of(file, root)
        self.replaced: list[StandIn] = []
        self.asked_on_import: list[str] = []  # what was refused to the code while it was imported, as code
        self.modules: dict[Path, ModuleType] = {}
        self._digests: dict[Path, str] = {}
        self._paths: list[str] = []
        self._top = self._package(self.name, [str(folder) for folder in self.folders])
        name = self.name
        around = [file.parents[min(i, len(file.parents) - 1)] for i in range(len(_LEVELS))]
        for level, folder in zip(_LEVELS, reversed(around), strict=True):
            name = f"{name}.{level}"
            self._package(name, [str(folder)], folder / "__init__.py")
        self.main_name = f"{name}.{identifier(file.stem)}"
        self.builtins: dict[str, Any] = {**vars(builtins), "__import__": self._import, "print": _print}

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of the tree that have been imported so far."""
        return tuple(sorted(file for file, module in self.modules.items() if "__pending__" not in vars(module)))

    def module(self) -> ModuleType:
        """The file's module, imported on first use; whatever the file raises is raised, and tried again next time."""
        if self.main_name in sys.modules:
            return sys.modules[self.main_name]
        with self.active():
            spec = importlib.util.spec_from_file_location(self.main_name, self.file, loader=self._loader(self.file))
            if spec is None or spec.loader is None:
                raise ImportError(f"'{self.file}' is no Python file")
            module = importlib.util.module_from_spec(spec)
            sys.modules[self.main_name] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                sys.modules.pop(self.main_name, None)
                raise
        return module

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """The file's code may run: its prints go to stderr, and it finds ``sys.argv`` and ``sys.path`` as its own."""
        argv, path, plain = sys.argv, list(sys.path), set(sys.modules)
        sys.argv = [str(self.file)]
        self._paths = path
        _active.append(self)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield
        finally:
            _active.remove(self)
            sys.argv, sys.path[:] = argv, path
            for name in set(sys.modules) - plain:
                if not name.startswith(PREFIX) and _name_of(sys.modules.get(name)).startswith(PREFIX):
                    del sys.modules[name]

    def unchanged(self) -> bool:
        """Whether the files imported so far are as they were."""
        return all(digest(file) == before for file, before in self._digests.items())

    def plain(self, text: str) -> str:
        """``text`` with the names that the author knows instead of those in ``sys.modules``."""
        for count in range(len(_LEVELS), -1, -1):
            prefix = ".".join((self.name, *_LEVELS[:count]))
            text = text.replace(f"{prefix}.", "").replace(f"'{prefix}'", "the file's folder")
        return text

    def find(self, name: str, path: Sequence[str]) -> ModuleSpec | None:
        """Where the module ``name`` of this scope is, as Python's own path finder says, with our loader."""
        parent = sys.modules.get(name.rpartition(".")[0])
        if isinstance(parent, Empty):
            return ModuleSpec(name, EmptyLoader(), is_package=True)
        spec = PathFinder.find_spec(name, list(path))
        if spec is None and self.stand_ins is not None and str(path[:1]).find(str(self.stand_ins)) >= 0:
            return ModuleSpec(name, EmptyLoader(), is_package=True)
        if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
            return spec
        file = Path(spec.origin).resolve()
        if file in self.modules:
            return ModuleSpec(name, _SameModule(self.modules[file]), origin=spec.origin)
        spec.loader = self._loader(file, name)
        return spec

    def owns(self, name: str) -> bool:
        """Whether the top-level ``name`` is the tree's: a module or package there, or a folder nobody else has."""
        if name in NEVER_OWN:
            return False
        places = [Path(folder) for folder in self._top.__path__]
        if any((place / f"{name}.py").is_file() or (place / name / "__init__.py").is_file() for place in places):
            return True
        return any((place / name).is_dir() for place in places) and not installed(name)

    def keep(self, file: Path, module: ModuleType) -> None:
        """Remember that ``module`` was made of ``file``."""
        self.modules[file] = module
        self._digests[file] = digest(file)

    def forget(self, file: Path) -> None:
        """Undo :meth:`keep`: the module could not be imported."""
        self.modules.pop(file, None)

    def _loader(self, file: Path, name: str = "") -> _Loader:
        return _Loader(self, name or self.main_name, str(file))

    def _package(self, name: str, path: list[str], init: Path | None = None) -> _Package:
        package = _Package(name)
        package.__path__ = path
        package.__spec__ = ModuleSpec(name, None, is_package=True)
        package.__package__ = name
        if init is not None and init.is_file():
            package.__dict__["__pending__"] = (self, init)
            self.modules[init.resolve()] = package
        sys.modules[name] = package
        return package

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """``__import__`` of the tree's modules."""
        if level:
            return builtins.__import__(name, globals, locals, fromlist, level)
        self._adopt_new_folders()
        top = name.partition(".")[0]
        if f"{self.name}.{top}" in sys.modules or self.owns(top):
            return self._import_own(name, fromlist)
        try:
            return builtins.__import__(name, globals, locals, fromlist, 0)
        except Exception as error:  # a package built for another torch raises anything
            prepared = is_guarded(sys._getframe(1))  # the author's own way without the package comes first
            if self.stand_ins is None or prepared or not self._replace(top, error):
                raise
        return self._import_own(name, fromlist)

    def _import_own(self, name: str, fromlist: Sequence[str]) -> ModuleType:
        full = f"{self.name}.{name}"
        if fromlist:
            return builtins.__import__(full, None, None, fromlist, 0)
        importlib.import_module(full)
        return sys.modules[f"{self.name}.{name.partition('.')[0]}"]

    def _replace(self, top: str, error: Exception) -> bool:
        """Put a stand-in for the package ``top``, which is not installed, or is and cannot be imported."""
        folder = self.stand_ins
        has_own = folder is not None and ((folder / top).is_dir() or (folder / f"{top}.py").is_file())
        absent = isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == top
        if not has_own and not absent:
            return False
        full = f"{self.name}.{top}"
        self.replaced.append(StandIn(top, empty=not has_own))
        if has_own and folder is not None:
            spec = PathFinder.find_spec(full, [str(folder)])
            if spec is not None and spec.loader is not None:
                module = importlib.util.module_from_spec(spec)
                sys.modules[full] = module
                spec.loader.exec_module(module)
                return True
        sys.modules[full] = Empty(full)
        return True

    def _adopt_new_folders(self) -> None:
        """What the file's code put on ``sys.path`` is its tree too."""
        if self in _active:
            new = [str(Path(p).resolve()) for p in sys.path if p and p not in self._paths]
            self._top.__path__.extend(p for p in new if p not in self._top.__path__)


class _Package(ModuleType):
    """A folder around the file. Its ``__init__.py`` runs only when something is wanted that only it can have."""

    __path__: list[str]

    def __getattr__(self, name: str) -> Any:
        pending = self.__dict__.get("__pending__")
        if pending is None or name.startswith("__") or submodule_exists(self.__path__, name):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        run_pending(self)
        return self.__dict__[name] if name in self.__dict__ else self.__getattr__(name)


def run_pending(package: ModuleType) -> None:
    """Run the ``__init__.py`` of a package that has not run yet."""
    pending = package.__dict__.pop("__pending__", None)
    if pending is not None:
        scope, init = pending
        package.__file__ = str(init)
        _Loader(scope, package.__name__, str(init)).exec_module(package)


class _Loader(SourceFileLoader):
    """Python's own loader without byte code in the user's folders, and with the scope's imports."""

    def __init__(self, scope: ImportScope, name: str, path: str) -> None:
        super().__init__(name, path)
        self.scope = scope

    def path_stats(self, path: Any) -> Mapping[str, Any]:
        """No byte code is kept: a file changed within the same second would be taken for the old one."""
        raise OSError("no byte code")

    def exec_module(self, module: ModuleType) -> None:
        """Run the file; a package whose ``__init__.py`` fails for lack of something is kept for its submodules."""
        file = Path(self.path)
        module.__dict__["__builtins__"] = self.scope.builtins
        self.scope.keep(file.resolve(), module)
        try:
            super().exec_module(module)
        except ImportError as error:
            if file.name != "__init__.py":
                self.scope.forget(file.resolve())
                raise
            module.__dict__["__getattr__"] = _refuse(module, error)
        except BaseException:
            self.scope.forget(file.resolve())
            raise


def _refuse(package: ModuleType, error: ImportError) -> Callable[[str], Any]:
    def missing(name: str) -> Any:
        if name.startswith("__") or submodule_exists(package.__path__, name):
            raise AttributeError(f"module '{package.__name__}' has no attribute '{name}'")
        raise error

    return missing


class _SameModule(Loader):
    """Gives a module again that was imported from the same file under another name."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module that is there."""
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run, but what had been put off."""
        module.__spec__ = self.spec
        run_pending(module)


class _ScopeFinder:
    """Finds the modules of all scopes by their names in ``sys.modules``."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, _target: Any = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if path is None:
            return None
        if _active and not top.startswith(PREFIX) and _name_of(sys.modules.get(top)).startswith(PREFIX):
            return _same_under(name, _active[-1])  # importlib.import_module("models.x") after _PlainFinder's "models"
        scope = _scopes.get(top)
        return None if scope is None else scope.find(name, path)


class _PlainFinder:
    """Finds ``models.x`` of the scope that is running, for ``importlib.import_module("models.x")`` in its code."""

    asking = False

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: Any = None) -> ModuleSpec | None:
        if not _active or name.startswith(PREFIX) or self.asking:
            return None
        self.asking = True  # whether anybody else has the name is asked of the other finders
        try:
            own = _active[-1].owns(name.partition(".")[0])
        finally:
            self.asking = False
        return _same_under(name, _active[-1]) if own else None


def _same_under(name: str, scope: ImportScope) -> ModuleSpec | None:
    """The scope's module ``name`` under its plain name, as long as the scope is running."""
    try:
        return ModuleSpec(name, _SameModule(importlib.import_module(f"{scope.name}.{name}")))
    except ModuleNotFoundError:
        return None


def _name_of(module: ModuleType | None) -> str:
    return str(getattr(module, "__name__", "")) if module is not None else ""


_FINDER: Any = _ScopeFinder()
_PLAIN_FINDER: Any = _PlainFinder()


def _free_name(seed: bytes) -> str:
    """The same in every process, whatever was imported before, so that one can name a class of a file to another.

    Only where the file is as it was and a module of its tree is not is there a second scope of the same seed.
    """
    name = f"{PREFIX}{hashlib.sha256(seed).hexdigest()[:12]}"
    return next(free for free in (name, *(f"{name}_{i}" for i in range(2, len(_scopes) + 3))) if free not in _scopes)


def _print(*values: Any, **options: Any) -> None:
    """``print`` of the tree's code: stdout belongs to srbench's own output."""
    if options.get("file") in (None, sys.stdout, sys.__stdout__):
        options["file"] = sys.stderr
    print(*values, **options)
