"""Models, datasets and protocols from outside: entry points and ``--plugin file.py``."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from srbench.errors import SrbenchError, SrbenchWarning

if TYPE_CHECKING:
    from srbench.import_scope import ImportScope


_importing: ContextVar[Path | None] = ContextVar("importing", default=None)


def importing() -> Path | None:
    """The file that :func:`import_file` is importing now: what is registered meanwhile is its."""
    return _importing.get()


def import_file(path: str | Path, *, root: Path | None = None, stand_ins: Path | None = None) -> ModuleType:
    """Import a Python file by path, once per content, with the modules around it as its own.

    Args:
        path: the file. Its imports look into its folder, the folders around it up to the root of its repository, and
            nothing of that is seen by any other file; see :mod:`srbench.import_scope`.
        root: folder that it may import from as well.
        stand_ins: folder of packages that may replace what is not installed.

    Raises:
        SrbenchError: the file is missing, or it or a module of its tree raises while it is imported.
    """
    from srbench.import_scope import open_scope

    file = Path(path).expanduser().resolve()
    if not file.is_file():
        raise SrbenchError(f"plugin file '{path}' does not exist; give the path of a .py file.")
    if file.suffix != ".py":
        raise SrbenchError(f"plugin file '{path}' is not a Python file; expected a name ending in .py.")
    scope = open_scope(file, root=root.resolve() if root is not None else None, stand_ins=stand_ins)
    before = _importing.set(file)
    try:
        return scope.module()
    except SrbenchError:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # somebody else's code, SystemExit included
        raise SrbenchError(_why_not_imported(scope, error)) from error
    finally:
        _importing.reset(before)


def _why_not_imported(scope: ImportScope, error: BaseException) -> str:
    """The error of a file's code as one sentence that says where, and what would help."""
    where = place_of(scope, error)
    text = scope.plain(_text_of(error))
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = scope.plain(error.name).partition(".")[0]
        if scope.plain(error.name) == error.name or not scope.owns(package):
            return f"{where} needs the package '{package}', which is not installed{_advice(scope)}."
    return f"{where} raised {type(error).__name__} on import: {text}"


def _text_of(error: BaseException) -> str:
    """An error's text in one line, whatever its ``__str__`` does."""
    try:
        return " ".join(str(error).split())
    except Exception:  # somebody else's exception
        return "its message cannot be had"


def _advice(scope: ImportScope) -> str:
    if scope.stand_ins is not None:
        return "; install it"
    return "; install it, or give --shims to go without it (a small stand-in, or nothing where the network can do so)"


def place_of(scope: ImportScope, error: BaseException) -> str:
    """The last line of the scope's own files that ``error`` came through, as ``'models/net.py' line 5``."""
    import traceback

    found = ""
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file in scope.modules or file == scope.file:
            found = f"'{os.path.relpath(file, scope.file.parent)}' line {frame.lineno}"
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename) != scope.file:
        found = f"'{os.path.relpath(error.filename, scope.file.parent)}' line {error.lineno}"
    return f"'{scope.file}'" + (f" ({found.replace(chr(39), '')})" if found else "")


@contextlib.contextmanager
def scoped() -> Iterator[None]:
    """Files that are imported inside the ``with`` block are forgotten behind it."""
    from srbench.import_scope import forget_what_follows

    with forget_what_follows():
        yield


def import_attribute(reference: str) -> Any:
    """Resolve a lazy ``"package.module:attribute"`` or ``"file.py:attribute"`` reference; the attribute may be dotted.

    Raises:
        SrbenchError: the module cannot be imported or has no such attribute.
    """
    module_name, _, attribute = reference.rpartition(":")
    if not module_name or not attribute:
        raise SrbenchError(f"'{reference}' is not a reference; expected module:attribute or file.py:attribute.")
    if module_name.endswith(".py"):
        return attribute_of(import_file(module_name), module_name, attribute)
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise SrbenchError(f"cannot import '{module_name}' for '{reference}': {error}") from error
    return attribute_of(module, module_name, attribute)


def attribute_of(module: ModuleType, module_name: str, attribute: str) -> Any:
    """The attribute of an imported module, dotted for one inside another; ``module_name`` is for the message.

    Raises:
        SrbenchError: there is none.
    """
    reference = f"{module_name}:{attribute}"
    found: Any = module
    try:
        for part in attribute.split("."):
            found = getattr(found, part)
        return found
    except AttributeError:
        raise SrbenchError(
            f"'{module_name}' has no attribute '{attribute}'; it was asked for by '{reference}'."
        ) from None


class SkippedEntryPoint(SrbenchWarning):
    """An entry point of another package is left out; the message says which, and why."""


class EntryPoint(NamedTuple):
    """What an installed package gives: the name of its entry point, the object, and the package."""

    name: str
    value: Any
    package: str = ""


def entry_points(group: str) -> Iterator[EntryPoint]:
    """Yield every installed entry point of ``group``, loaded.

    One of some other package that cannot be imported is named in a warning and skipped.
    """
    if not _may_be_announced(group):
        return
    from importlib import metadata

    for point in metadata.entry_points(group=group):
        package = point.dist.name if point.dist is not None else ""
        try:
            value = point.load()
        except (Exception, SystemExit) as error:  # another package's code: anything can be raised
            warn_of_skipped(EntryPoint(point.name, None, package), group, f"{type(error).__name__}: {_text_of(error)}")
            continue
        yield EntryPoint(point.name, value, package)


def warn_of_skipped(point: EntryPoint, group: str, why: str) -> None:
    """Say in one warning which entry point of which package is left out, and why."""
    import warnings

    package = f" of package '{point.package}'" if point.package else ""
    advice = f"; fix or uninstall {f'{point.package!r}' if point.package else 'that package'}."
    warnings.warn(
        f"entry point '{point.name}' of group {group}{package} was skipped: {why.rstrip('.')}{advice}",
        SkippedEntryPoint,
        stacklevel=2,
    )


def require_name(kind: str, name: object, *, lower: bool = False) -> None:
    """Refuse a name that could not be typed in a comma list.

    Raises:
        SrbenchError: no text, or it is empty, or has spaces, commas or (``lower``) capitals in it.
    """
    what = "a text in lower case" if lower else "a text"
    if not isinstance(name, str) or not re.fullmatch(r"[^\s,]+", name) or (lower and name != name.lower()):
        raise SrbenchError(f"{name!r} is no name of a {kind}; expected {what} without spaces and commas.")


def require_function(whose: str, given: object) -> None:
    """Refuse what is neither a function nor a lazy reference to one.

    Raises:
        SrbenchError: it is something else; ``whose`` names it, such as ``format 'tabs': write``.
    """
    if callable(given) or (isinstance(given, str) and re.fullmatch(r"[^\s:]+:[^\s:]+", given)):
        return
    raise SrbenchError(f"{whose} is {given!r}; expected a function, or a reference 'module:function'.")


def _may_be_announced(group: str) -> bool:
    """Whether an installed package may have an entry point of ``group``: its header stands in some file of metadata.

    Reading the files takes a few milliseconds; importing :mod:`importlib.metadata` a hundred, which every command
    would pay, ``srbench --help`` too.
    """
    announced = _announced(_places())
    return announced is None or f"[{group}]".encode() in announced


def others_are_installed() -> bool:
    """Whether an installed package gives srbench anything at all."""
    announced = _announced(_places())
    return announced is None or b"[srbench." in announced


def _places() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The folders that packages are imported from, each with its state."""
    return tuple((place, _state(place)) for place in dict.fromkeys(name or "." for name in sys.path))


def _state(place: str) -> tuple[int, ...]:
    """What tells one state of a folder from another; empty where there is none."""
    try:
        status = os.stat(place)  # noqa: PTH116 - asked of every folder for every group
    except (OSError, ValueError):
        return ()
    return status.st_dev, status.st_ino, status.st_mtime_ns, stat.S_ISREG(status.st_mode)


@lru_cache(maxsize=4)
def _announced(places: tuple[tuple[str, tuple[int, ...]], ...]) -> bytes | None:
    """The entry points of all packages installed in these folders, as text; None where one is an archive.

    The states of the folders are asked for so that a package that is installed or removed meanwhile is seen.
    """
    found = []
    for place, state in places:
        if state and state[-1]:
            return None  # an archive: left to those who can look into it
        with contextlib.suppress(OSError):
            for name in os.listdir(place):  # noqa: PTH208
                if name.endswith((".dist-info", ".egg-info")):
                    with contextlib.suppress(OSError):
                        found.append(Path(place, name, "entry_points.txt").read_bytes())
    return b"\n".join(found)
