"""Names of models to cards: built-in ones, installed plugins (entry points) and what a plugin file registers.

No torch is imported here; a card's network is resolved by :func:`srbench.models.networks.build_network`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import lru_cache

from srbench import plugins
from srbench.errors import SrbenchError, unknown_name
from srbench.models.bundles import with_bundled
from srbench.models.card import ModelCard
from srbench.models.source import source_hash as source_hash

ENTRY_POINT_GROUP = "srbench.models"

_registered: dict[str, ModelCard] = {}


def register(card: ModelCard) -> ModelCard:
    """Make ``card`` known under its name and return it. Registering the same card twice is harmless.

    Raises:
        SrbenchError: another card has this name already.
    """
    _load_known()
    return _add(card)


def get_card(name: str) -> ModelCard:
    """The card of model ``name``.

    Raises:
        SrbenchError: no such model; the message names the nearest ones.

    >>> get_card("imdn").params[4]
    715176
    """
    _load_known()
    if name not in _registered:
        raise unknown_name("model", name, _registered)
    return _registered[name]


def check_scale(card: ModelCard, scale: int) -> None:
    """Refuse a scale that the card does not list, in one sentence."""
    if scale not in card.scales:
        known = ", ".join(f"x{s}" for s in card.scales)
        raise SrbenchError(f"model '{card.name}' has no scale x{scale}; it has {known}.")


def model_names() -> tuple[str, ...]:
    """All names in order of registration: main models and configurations of built-in papers, then plugins'."""
    return tuple(card.name for card in cards())


def cards() -> tuple[ModelCard, ...]:
    """All cards, built-in ones by year and paper, configurations behind their main model."""
    _load_known()
    return tuple(_registered.values())


def _add(card: ModelCard) -> ModelCard:
    known = _registered.setdefault(card.name, card)
    if known != card:
        raise SrbenchError(
            f"model name '{card.name}' is taken by {known.title} ({known.paper}); give the new card another name."
        )
    return card


@lru_cache(maxsize=1)
def _load_known() -> None:
    """Register the built-in cards and those of installed entry points, once per process."""
    for card in _built_in():
        _add(with_bundled(card))
    for point, value in plugins.entry_points(ENTRY_POINT_GROUP):
        several = isinstance(value, Iterable) and not isinstance(value, ModelCard)
        found = tuple(value) if several else (value,)
        if not all(isinstance(card, ModelCard) for card in found):
            raise SrbenchError(
                f"entry point '{point}' of group {ENTRY_POINT_GROUP} is not a ModelCard or an iterable of ModelCards; "
                "fix or uninstall that package."
            )
        for card in found:
            _add(card)


def _built_in() -> list[ModelCard]:
    package = importlib.import_module("srbench.models.cards")
    found: list[ModelCard] = []
    for module in pkgutil.iter_modules(package.__path__):
        found.extend(importlib.import_module(f"{package.__name__}.{module.name}").CARDS)
    main = {card.name: card for card in found}

    def place(card: ModelCard) -> tuple[int, str, str, bool]:
        head = main.get(card.variant_of or "", card)
        return (head.year, head.paper, head.name, card is not head)

    return sorted(found, key=place)
