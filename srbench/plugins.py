"""Models, datasets and protocols from outside: entry points and ``--plugin file.py``."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import sys
import warnings
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

from srbench.errors import SrbenchError

PREFIX = "srbench_plugin_"
"""How the modules made of files are called in ``sys.modules``."""


@contextlib.contextmanager
def scoped() -> Iterator[None]:
    """Files that are imported inside the ``with`` block are forgotten behind it."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if name.startswith(PREFIX):
                del sys.modules[name]


def import_file(path: str | Path) -> ModuleType:
    """Import a Python file by path, once per content.

    Raises:
        SrbenchError: the file is missing or raises while it is imported.
    """
    file = Path(path).expanduser().resolve()
    if not file.is_file():
        raise SrbenchError(f"plugin file '{path}' does not exist; give the path of a .py file.")
    digest = hashlib.sha256(str(file).encode() + file.read_bytes()).hexdigest()[:12]
    name = f"{PREFIX}{file.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SrbenchError(f"plugin file '{path}' is not a Python file; expected a name ending in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise SrbenchError(f"plugin file '{path}' raised {type(error).__name__} on import: {error}") from error
    return module


def import_attribute(reference: str) -> Any:
    """Resolve a lazy ``"package.module:attribute"`` or ``"file.py:attribute"`` reference.

    Raises:
        SrbenchError: the module cannot be imported or has no such attribute.
    """
    module_name, _, attribute = reference.rpartition(":")
    if not module_name or not attribute:
        raise SrbenchError(f"'{reference}' is not a reference; expected module:attribute or file.py:attribute.")
    if module_name.endswith(".py"):
        module = import_file(module_name)
    else:
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            raise SrbenchError(f"cannot import '{module_name}' for '{reference}': {error}") from error
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise SrbenchError(
            f"'{module_name}' has no attribute '{attribute}'; it was asked for by '{reference}'."
        ) from None


def entry_points(group: str) -> Iterator[tuple[str, Any]]:
    """Yield (name, loaded object) of every installed entry point of ``group``.

    A broken entry point of some other package is named in a warning and skipped.
    """
    for point in metadata.entry_points(group=group):
        try:
            yield point.name, point.load()
        except Exception as error:  # another package's code: anything can be raised
            warnings.warn(f"entry point '{point.name}' of group {group} was skipped: {error}", stacklevel=2)
