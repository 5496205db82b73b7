"""How a network is named that no registry knows: ``net.py:Net``, ``net.py:Net(3, 3, upscale=4)``, ``package.mod:Net``.

The arguments are Python literals, read without running anything. Networks that are built from one object of settings,
as in ``make_model(args)``, are given it as a call of any name: ``net.py:Net(args(n_feats=64, scale=[4]))``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from srbench.errors import SrbenchError

EXAMPLES = "net.py:Net, 'net.py:Net(3, 3, upscale=4)' or package.module:Net"

_SHAPE = re.compile(r"(?P<place>.+?):(?P<attribute>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)\s*(?P<call>\(.*\))?", re.DOTALL)


class Settings(SimpleNamespace):
    """The ``args``, ``opt`` or ``cfg`` that a constructor reads: by attribute, or by key as a dictionary.

    >>> parse_reference("net.py:Net(args(n_feats=64, scale=[4]))").positional
    (args(n_feats=64, scale=[4]),)
    """

    def __repr__(self) -> str:
        return f"args({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"nothing was given for '{name}'; add {name}=VALUE to args(...)", name=name, obj=self)

    def __getitem__(self, name: str) -> Any:
        if name not in vars(self):
            raise KeyError(f"nothing was given for '{name}'; add {name}=VALUE to args(...)")
        return vars(self)[name]

    def __contains__(self, name: object) -> bool:
        return name in vars(self)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dictionary."""
        return vars(self).get(name, default)

    def keys(self) -> Any:
        """As of a dictionary, so that ``**cfg`` works."""
        return vars(self).keys()


@dataclass(frozen=True)
class Reference:
    """A class or function somewhere, and the arguments it is called with.

    ``place`` is a path ending in .py or the dotted name of a module, ``attribute`` a name in it.
    """

    place: str
    attribute: str
    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_file(self) -> bool:
        """Whether the place is a file rather than an importable module."""
        return self.place.endswith(".py")

    @property
    def call(self) -> str:
        """The arguments as written in a call, in parentheses; '' where there are none."""
        parts = [*map(repr, self.positional), *(f"{name}={value!r}" for name, value in self.keywords.items())]
        return f"({', '.join(parts)})" if parts else ""

    def __str__(self) -> str:
        return f"{self.place}:{self.attribute}{self.call}"

    def with_arguments(self, arguments: Mapping[str, Any]) -> Reference:
        """The same with further arguments by name; they win over those of the same name."""
        return replace(self, keywords={**self.keywords, **arguments}) if arguments else self


def parse_reference(text: str) -> Reference:
    """Read ``PLACE:ATTRIBUTE`` or ``PLACE:ATTRIBUTE(literal, name=literal)``.

    Raises:
        SrbenchError: not of that shape, or an argument is no Python literal.

    >>> parse_reference("net.py:Net(3, upscale=4)")
    Reference(place='net.py', attribute='Net', positional=(3,), keywords={'upscale': 4})
    """
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        raise SrbenchError(f"'{text}' names no network; expected {EXAMPLES}.")
    positional, keywords = parse_call(match["call"] or "()", text)
    return Reference(match["place"].strip(), match["attribute"], positional, keywords)


def parse_call(call: str, shown: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and named arguments of ``"(3, upscale=4)"``; ``shown`` is what the message quotes."""
    try:
        tree = ast.parse(f"_{call}", mode="eval").body
        if not isinstance(tree, ast.Call):
            raise ValueError("not a call")
        positional, keywords = tuple(map(_value, tree.args)), _named(tree)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise SrbenchError(
            f"the arguments of '{shown}' are not literals; expected numbers, strings, True, None, lists, tuples and "
            "dicts, as in Net(3, 3, upscale=4), or settings, as in Net(args(n_feats=64, scale=[4]))."
        ) from error
    return positional, keywords


def _named(call: ast.Call) -> dict[str, Any]:
    keywords = {pair.arg: _value(pair.value) for pair in call.keywords if pair.arg}
    if len(keywords) != len(call.keywords):
        raise ValueError("** is not taken")
    return keywords


def _value(node: ast.expr) -> Any:
    """A literal, or settings: a call of a plain name with named literals."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
        return Settings(**_named(node))
    return ast.literal_eval(node)


def parse_argument(text: str) -> tuple[str, Any]:
    """``k=v`` of ``--arg``; v is a Python literal, settings as ``args(n_feats=64)``, or else taken as a string.

    >>> parse_argument("depths=(6, 6)"), parse_argument("act=lrelu")
    (('depths', (6, 6)), ('act', 'lrelu'))
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip().isidentifier():
        raise SrbenchError(f"'{text}' is no argument; expected NAME=VALUE, for example upscale=4.")
    try:
        return name.strip(), _value(ast.parse(value.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return name.strip(), value.strip()


def split_references(text: str) -> tuple[str, ...]:
    """Split at the commas outside brackets and quotes, dropping repeats and blanks.

    >>> split_references("imdn, net.py:Net(3, upscale=4),imdn")
    ('imdn', 'net.py:Net(3, upscale=4)')
    """
    parts, depth, quote = [""], 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and depth:
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if char == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += char
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
