"""One registry for everything that has a name: models, datasets, protocols, quantities, rules, checks, pages, verbs.

A :class:`Registry` holds objects of one type by name. It is filled on first use, from srbench's own entries and then
from the entry points of installed packages; more are added by :meth:`Registry.add`, for example in a ``--plugin`` file.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from srbench.errors import SrbenchError, unknown_name
from srbench.plugins import EntryPoint, entry_points, importing, warn_of_skipped

T = TypeVar("T")

_every: weakref.WeakSet[Registry[Any]] = weakref.WeakSet()


class Registry(Generic[T]):
    """Named objects of one type.

    The rules are the same everywhere. A name is looked up without regard to case. Adding is all or nothing. The same
    object twice is harmless; another one under a name that is taken is an error, so nothing is ever shadowed.

    >>> numbers = Registry("number", int, name_of=lambda n: f"n{n}")
    >>> numbers.add(1, 2)
    >>> numbers.get("N2"), numbers.names(), "n3" in numbers
    (2, ('n1', 'n2'), False)
    >>> numbers.get("n7")
    Traceback (most recent call last):
        ...
    srbench.errors.SrbenchError: unknown number 'n7'; did you mean n2 or n1?
    """

    def __init__(
        self,
        kind: str,
        item_type: type[T],
        *,
        built_in: Callable[[], Iterable[T]] | str | None = None,
        group: str | None = None,
        name_of: Callable[[T], str] = lambda item: getattr(item, "name"),  # noqa: B009
        from_entry_point: Callable[[str, Any], Iterable[T]] | None = None,
    ) -> None:
        """Make an empty registry; nothing is loaded until the first look.

        Args:
            kind: the noun used in messages, e.g. "model".
            item_type: what every item must be.
            built_in: a function that gives srbench's own items, or a "module:function" reference to one.
            group: group of entry points of other packages, e.g. "srbench.models".
            name_of: how an item's name is read; its attribute ``name`` by default.
            from_entry_point: turns (name, object) of an entry point into items, where it may be more than an item
                or an iterable of items.
        """
        self.kind = kind
        self.item_type = item_type
        self.group = group
        self._built_in = built_in
        self._name_of = name_of
        self._from_entry_point = from_entry_point
        self._items: dict[str, T] = {}
        self._from: dict[str, str] = {}
        self._loaded = False
        self._lock = threading.RLock()
        _every.add(self)

    def add(self, *items: T) -> None:
        """Make ``items`` known under their names: all of them, or none.

        Raises:
            SrbenchError: one of them is no item of this registry, or its name is taken by another.
        """
        with self._lock:
            self._load()
            file = importing()
            self._take(items, f" of '{file.name}'" if file is not None else " of a plugin")

    def get(self, name: str) -> T:
        """The item called ``name``, in upper or lower case.

        Raises:
            SrbenchError: there is none; the message names the nearest ones.
        """
        self._load()
        found = self._items.get(_key(name))
        if found is None:
            raise unknown_name(self.kind, name, self.names())
        return found

    def names(self) -> tuple[str, ...]:
        """All names: srbench's own first, then those of installed packages, then what was added."""
        return tuple(self._name_of(item) for item in self)

    @property
    def items(self) -> Mapping[str, T]:
        """All items by name in lower case; another mapping after every change, so what follows from it can be kept."""
        self._load()
        return self._items

    def __iter__(self) -> Iterator[T]:
        """All items in the order of :meth:`names`."""
        self._load()
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        self._load()
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        self._load()
        return isinstance(name, str) and _key(name) in self._items

    @contextlib.contextmanager
    def scoped(self) -> Iterator[Registry[T]]:
        """What is added inside the ``with`` block is gone behind it."""
        with self._lock:
            self._load()
            before = self._items, self._from
        try:
            yield self
        finally:
            with self._lock:
                self._items, self._from = before

    def origin(self, item: T) -> str:
        """Whose an item is, as a sentence goes on: " of 'plugin.py'", " of package 'name'"; "" for srbench's own."""
        name = self._name_of(item)
        own = self._items.get(_key(name)) is item
        return self._from.get(_key(name), "") if own else " of a plugin"

    @contextlib.contextmanager
    def answering_for(self, item: T) -> Iterator[None]:
        """Around a call of another's function: whatever it raises is a sentence that names the item and whose it is.

        Raises:
            SrbenchError: something was raised. srbench's own items raise what they raise.
        """
        try:
            yield
        except Exception as error:
            origin = self.origin(item)
            if not origin:
                raise
            whose = f"{self.kind} '{self._name_of(item)}'{origin}"
            if isinstance(error, SrbenchError):
                raise SrbenchError(f"{whose}: {error}") from error
            raise SrbenchError(f"{whose} raised {type(error).__name__}{_line(error)}: {_message(error)}") from error

    def refused(self, item: T, gave: object, expected: str) -> SrbenchError:
        """The error for a function of an item that gave something else than it should."""
        whose = f"{self.kind} '{self._name_of(item)}'{self.origin(item)}"
        return SrbenchError(f"{whose} gave {_a(gave)}; expected {expected}.")

    def reload(self) -> None:
        """Forget everything and look again on next use: for packages that were installed meanwhile."""
        with self._lock:
            self._items, self._from, self._loaded = {}, {}, False

    def _load(self) -> None:
        with self._lock:
            if self._loaded:
                return
            self._loaded = True  # what the built-in modules themselves look up sees what there is so far
            try:
                self._items, self._from = {}, {}
                self._take(self._own_items(), "")
                for point in entry_points(self.group) if self.group else ():
                    self._take_entry_point(EntryPoint(*point))
            except BaseException:
                self._items, self._from, self._loaded = {}, {}, False
                raise

    def _take_entry_point(self, point: EntryPoint) -> None:
        """What another package gives, or a warning: a wrong one must not end the commands that do not need it."""
        whose = f" of package '{point.package}'" if point.package else f" of entry point '{point.name}'"
        try:
            self._take(self._items_of(point.name, point.value), whose)
        except Exception as error:  # another package's objects: anything can be raised
            why = str(error) if isinstance(error, SrbenchError) else f"{type(error).__name__}: {_message(error)}"
            warn_of_skipped(point, str(self.group), why)

    def _own_items(self) -> Iterable[T]:
        if isinstance(self._built_in, str):
            module, _, attribute = self._built_in.partition(":")
            return tuple(getattr(importlib.import_module(module), attribute)())
        return tuple(self._built_in()) if self._built_in is not None else ()

    def _items_of(self, point: str, value: Any) -> Iterable[T]:
        if self._from_entry_point is not None:
            return tuple(self._from_entry_point(point, value))
        several = isinstance(value, Iterable) and not isinstance(value, (str, Mapping, self.item_type))
        return tuple(value) if several else (value,)

    def _take(self, more: Iterable[T], whose: str) -> None:
        """All of ``more``, or none."""
        found, origins = dict(self._items), dict(self._from)
        for item in more:
            if not isinstance(item, self.item_type):
                raise SrbenchError(
                    f"got {_a(item)} where a {self.kind} is registered; expected {self.item_type.__name__}."
                )
            name = self._name_of(item)
            if not isinstance(name, str) or not name:
                raise SrbenchError(f"the name of a {self.kind} is {name!r}; expected a text.")
            known = found.setdefault(_key(name), item)
            if known is not item and known != item:
                raise SrbenchError(
                    f"{self.kind} name '{name}' is taken already; give the new {self.kind} another name."
                )
            origins.setdefault(_key(name), whose)
        self._items, self._from = found, origins


def _a(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _message(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except Exception:  # somebody else's exception
        return "its message cannot be had"


def _line(error: BaseException) -> str:
    """Where something was raised: the innermost line outside of srbench and of what is installed."""
    import traceback

    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        place = frame.filename.replace("\\", "/")
        if place.startswith("<") or "/site-packages/" in place or "/srbench/" in place or "/lib/python" in place:
            continue
        return f" in {place.rpartition('/')[2]} line {frame.lineno}"
    return ""


def _key(name: str) -> str:
    return name.lower()


@contextlib.contextmanager
def all_or_nothing() -> Iterator[None]:
    """If the block raises, every registry is as it was before: a plugin file is taken whole or not at all."""
    before = [(registry, registry._items, registry._from, registry._loaded) for registry in _every]
    try:
        yield
    except BaseException:
        for registry, items, origins, loaded in before:
            if loaded:  # one that was filled meanwhile holds entry points too; only what was added goes
                registry._items, registry._from = items, origins
        raise
