"""A network in a user's own file, ``net.py:Net``, as a model card: no registration needed."""

from __future__ import annotations

import datetime
import hashlib
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.registry import model_names
from srbench.plugins import import_attribute

DECLARATION = "srbench_card"
ATTRIBUTES = ("input_range", "colour", "size_multiple", "min_size", "pre_upsampled", "scales", "self_contained")
SCALES = (1, 2, 3, 4, 6, 8)


def card_from_file(reference: str) -> ModelCard:
    """The card of ``net.py:Net``, where ``Net`` is a class or function that makes the network.

    What cannot be read off a network is declared as an attribute of it, ``Net.srbench_card = {"input_range": 255}``
    (any field of :class:`~srbench.models.card.ModelCard`), or plainly as ``Net.input_range = 255``
    (:data:`ATTRIBUTES`); else RGB in [0, 1] is assumed. ``Net`` may also be a finished
    :class:`~srbench.models.card.ModelCard`. ``Net`` gets the scale as ``scale``, ``upscale``, ``upscale_factor``,
    ``scale_factor`` or ``sf``, whichever it takes.

    Raises:
        SrbenchError: no such file or attribute, the file raises, or the declaration is no valid card.
    """
    path, separator, attribute = reference.rpartition(":")
    if not separator or not path.endswith(".py"):
        raise SrbenchError(f"'{reference}' is not a model file; expected FILE.py:CLASS, for example net.py:Net.")
    file = Path(path).expanduser().resolve()
    found = import_attribute(f"{file}:{attribute}")
    if isinstance(found, ModelCard):
        return found
    if not callable(found):
        raise SrbenchError(
            f"'{reference}' is a {type(found).__name__}; expected a class or function that makes the network."
        )
    fields: dict[str, Any] = {
        "name": _name(file, attribute),
        "title": attribute,
        "paper": "user",
        "year": datetime.datetime.now(datetime.timezone.utc).year,
        "scales": SCALES,
        "network": f"{file}:{attribute}",
    }
    try:
        return ModelCard.model_validate({**fields, **_attributes(found), **getattr(found, DECLARATION, {})})
    except (ValidationError, TypeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (DECLARATION,), "msg": str(error)}
        where = ".".join(map(str, first["loc"]))
        raise SrbenchError(f"{DECLARATION} of '{reference}' is no model card: {where}: {first['msg']}.") from error


def cards_from_files(references: tuple[str, ...]) -> tuple[list[ModelCard], list[tuple[str, str]]]:
    """Cards of several references under different names, and (reference, reason) of those that failed."""
    cards: list[ModelCard] = []
    failures: list[tuple[str, str]] = []
    for reference in dict.fromkeys(references):
        try:
            card = card_from_file(reference)
        except SrbenchError as error:
            failures.append((reference, str(error)))
            continue
        if card.name in {other.name for other in cards}:
            place = hashlib.sha256(str(card.network).encode()).hexdigest()[:8]
            card = card.model_copy(update={"name": f"{card.name}-{place}"})
        cards.append(card)
    return cards, failures


def _attributes(found: Any) -> dict[str, Any]:
    """Plain attributes of the class with the names of card fields."""
    values = {name: getattr(found, name, None) for name in ATTRIBUTES}
    return {name: value for name, value in values.items() if isinstance(value, (int, str, tuple, list))}


def _name(file: Path, attribute: str) -> str:
    """``net`` for net.py:Net, ``net.other`` for net.py:Other; ``file.imdn`` where a registered model has the name."""
    stem, own = (re.sub(r"[^a-z0-9.+-]+", "-", text.lower()).strip("-.") for text in (file.stem, attribute))
    name = own if own == stem or not stem else f"{stem}.{own}"
    return f"file.{name}" if name in model_names() else name
