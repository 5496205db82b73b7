"""What the parameters of somebody's class or function say: what it calls the scale, and what it is."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from srbench.models.reference import Reference

SCALE_NAMES = ("scale", "upscale", "upscale_factor", "scale_factor", "sf", "upscaling", "up_scale", "sr_scale")
"""What constructors of networks in use call the scale."""
SETTINGS_NAMES = ("args", "opt", "cfg", "config", "opts", "conf", "hparams", "params")
"""What constructors call one object that holds all their settings."""
IMAGE_NAMES = ("lr", "image", "img")
"""First parameter of a function that is a model itself, from a uint8 LR image and a scale to a uint8 SR image."""


def is_image_function(found: Any) -> bool:
    """Whether ``found`` is a function from (uint8 LR, scale) to uint8 SR, by the names of its parameters."""
    if not inspect.isfunction(found):
        return False
    names = list(inspect.signature(found).parameters)
    return len(names) >= 2 and names[0] in IMAGE_NAMES


def scale_given(make: Callable[..., Any], reference: Reference) -> int | None:
    """The scale that the arguments of ``reference`` fix, if they do."""
    value = bound_arguments(make, reference).get(scale_name(make) or "")
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None


def bound_arguments(make: Callable[..., Any], reference: Reference) -> Mapping[str, Any]:
    """The arguments of ``reference`` by the names that ``make`` has for them; empty where they do not fit."""
    try:
        return inspect.signature(make).bind_partial(*reference.positional, **reference.keywords).arguments
    except (TypeError, ValueError):  # building says what is wrong
        return {}


def scale_name(make: Callable[..., Any]) -> str | None:
    """What ``make`` calls the scale, or None: an open ``**kwargs`` is not a parameter for it.

    >>> scale_name(lambda upscale, **rest: None), scale_name(lambda **rest: None)
    ('upscale', None)
    """
    try:
        taken = inspect.signature(make).parameters
    except (TypeError, ValueError):  # a builtin that does not say what it takes
        return None
    for name in SCALE_NAMES:
        if name in taken and not isinstance(taken[name].default, float):  # scale=1.0 scales values, not sizes
            return name
    return None


def arguments_wanted(make: Callable[..., Any], reference: Reference) -> str:
    """The arguments to write for a call of ``make``: those that are given, and those without a default.

    >>> arguments_wanted(lambda in_channels, width, upscale, act="relu": None, Reference("net.py", "Net"))
    'in_channels=..., width=..., upscale=...'
    """
    given = bound_arguments(make, reference)
    try:
        taken = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return "3, upscale=4"
    named = [one for one in taken if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    shown = [
        f"{one.name}={given[one.name]!r}" if one.name in given else f"{one.name}=..."
        for one in named
        if one.name in given or one.default is one.empty
    ]
    return ", ".join(shown) or "3, upscale=4"


def settings_wanted(make: Callable[..., Any], reference: Reference) -> tuple[str, tuple[str, ...]] | None:
    """(parameter, what is read from it) of a constructor that takes one object of settings and was given none.

    What is read is taken from the text of ``make``: ``args.n_feats``, ``opt["scale"]``.
    """
    try:
        taken = inspect.signature(make).parameters
        name = next((n for n in SETTINGS_NAMES if n in taken and taken[n].default is inspect.Parameter.empty), None)
        if name is None or name in bound_arguments(make, reference):
            return None
        tree = ast.parse(textwrap.dedent(inspect.getsource(make)))
    except (TypeError, ValueError, OSError, SyntaxError, RecursionError, MemoryError):
        return None
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Subscript))]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    read = [found for node in nodes if (found := _read_from(node, name))]
    return name, tuple(dict.fromkeys(read))


def _read_from(node: ast.Attribute | ast.Subscript, name: str) -> str:
    if isinstance(node.value, ast.Name) and node.value.id == name:
        key = node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", None)
        return key if isinstance(key, str) and key not in ("get", "keys", "items") else ""
    return ""
