"""A page of the site: a name, a title, what it is made of, and the function that renders it.

srbench's own are the modules of :mod:`srbench.report.pages`, found by themselves; another package's come through the
entry points ``srbench.pages``, a ``--plugin`` file's through :data:`PAGES`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from srbench.errors import SrbenchError
from srbench.plugins import require_name
from srbench.registry import Registry

Input = Literal["nav", "data"]
"""``nav``: (title, file) of the links at the top of a page; ``data``: :class:`srbench.report.papers.Data`."""


@dataclass(frozen=True)
class Highlight:
    """A sentence of a page that the front page shows, where it leads to, and what follows from it."""

    text: str
    target: str
    more: str = ""


class Rendered(NamedTuple):
    """What a page's function gives: the HTML, its counts in words, and what the front page may show of it."""

    html: str
    words: str
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page, ``NAME.html``.

    ``render`` gets what ``inputs`` names as keyword arguments and gives a :class:`Rendered`, its first two fields, or
    the HTML alone.
    ``beside`` pages take long: they are rendered in a process of their own while the others are made, from ``nav``
    alone, so their function must be importable by name.
    """

    name: str
    title: str
    render: Callable[..., Rendered | tuple[str, str] | str]
    inputs: tuple[Input, ...] = ("nav",)
    intro: str = ""
    beside: bool = False

    def __post_init__(self) -> None:
        require_name("page", self.name)
        if not callable(self.render):
            raise SrbenchError(f"page '{self.name}': render is {self.render!r}; expected a function.")
        unknown = [name for name in self.inputs if name not in get_args(Input)]
        if unknown or (self.beside and "data" in self.inputs):
            wanted = "nav alone" if self.beside else " and ".join(get_args(Input))
            raise SrbenchError(f"page '{self.name}' asks for {', '.join(self.inputs)}; pages are made of {wanted}.")

    @property
    def file(self) -> str:
        """Its file in the site."""
        return f"{self.name}.html"

    def given(self, available: Mapping[str, Any]) -> dict[str, Any]:
        """What its function is called with, out of everything there is."""
        return {name: available[name] for name in self.inputs}


def _built_in() -> tuple[Page, ...]:
    package = importlib.import_module("srbench.report.pages")
    modules = (importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__))
    return tuple(module.PAGE for module in modules)


def rendered(page: Page, made: Any) -> Rendered:
    """What a page's function gave, as a :class:`Rendered`; a text is the page's HTML.

    Raises:
        SrbenchError: it is something else.
    """
    if isinstance(made, Rendered):
        return made
    if isinstance(made, str):
        return Rendered(made, "")
    if isinstance(made, tuple) and len(made) in (2, 3) and all(isinstance(part, str) for part in made[:2]):
        return Rendered(*made)
    raise PAGES.refused(page, made, "HTML, or (HTML, its counts in words)")


PAGES: Registry[Page] = Registry("page", Page, built_in=_built_in, group="srbench.pages")
"""Pages by name, in the order in which the index lists them."""
