"""Entries by the ids that a user writes: ``3`` is ``03`` where no entry is called ``3``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from srbench.errors import SrbenchError


def entry_named(name: str, known: Sequence[str], option: str = "") -> str:
    """The id among ``known`` that ``name`` means: itself, or the only one of the same number.

    Raises:
        SrbenchError: there is none, or several of that number; ``option`` says where it was asked for.

    >>> entry_named("3", ("00", "03", "13"))
    '03'
    """
    if name in known:
        return name
    found = [key for key in known if name.isdecimal() and key.isdecimal() and int(key) == int(name)]
    if len(found) == 1:
        return found[0]
    asked = f"{option}: " if option else ""
    raise SrbenchError(f"{asked}no entry {name}; there are {', '.join(known) or 'none'}.")


def entries_named(names: Iterable[str], known: Sequence[str], option: str) -> tuple[str, ...]:
    """:func:`entry_named` of all; those that there are not are named together.

    Raises:
        SrbenchError: one or several are not there.
    """
    found, strange = [], []
    for name in names:
        try:
            found.append(entry_named(name, known))
        except SrbenchError:
            strange.append(name)
    if strange:
        raise SrbenchError(f"{option}: no entry {', '.join(strange)}; there are {', '.join(known) or 'none'}.")
    return tuple(dict.fromkeys(found))
