"""Names of models to cards: built-in ones, installed plugins (entry points) and what a plugin file registers.

No torch is imported here; a card's network is resolved by :func:`srbench.models.networks.build_network`.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.models.bundles import with_bundled
from srbench.models.card import ModelCard
from srbench.plugins import importing
from srbench.registry import Registry


def _built_in() -> list[ModelCard]:
    """The cards under srbench/models/cards/ with their bundled weights, by year and paper."""
    package = importlib.import_module("srbench.models.cards")
    found: list[ModelCard] = []
    for module in pkgutil.iter_modules(package.__path__):
        found.extend(importlib.import_module(f"{package.__name__}.{module.name}").CARDS)
    main = {card.name: card for card in found}

    def place(card: ModelCard) -> tuple[int, str, str, bool]:
        head = main.get(card.variant_of or "", card)
        return (head.year, head.paper, head.name, card is not head)

    return [with_bundled(card) for card in sorted(found, key=place)]


MODELS: Registry[ModelCard] = Registry("model", ModelCard, group="srbench.models", built_in=_built_in)


def register(card: ModelCard) -> ModelCard:
    """Make ``card`` known under its name and return it. Registering the same card twice is harmless.

    A network "net.py:Net" of a ``--plugin`` file is looked for beside that file first, then in the working directory.

    Raises:
        SrbenchError: not a card, or another card has this name already.
    """
    if isinstance(card, ModelCard):
        card = _beside_plugin(card)
    MODELS.add(card)
    return card


def _beside_plugin(card: ModelCard) -> ModelCard:
    """The card with files of its own that lie beside the plugin file that is being imported."""
    plugin = importing()
    if plugin is None:
        return card
    update = {}
    for field in ("network", "interpolation"):
        place, colon, attribute = (getattr(card, field) or "").partition(".py:")
        file = plugin.parent / f"{place}.py"
        if colon and not Path(place).is_absolute() and not place.startswith("~") and file.is_file():
            update[field] = f"{file.resolve()}:{attribute}"
    return card.model_copy(update=update) if update else card


def get_card(name: str) -> ModelCard:
    """The card of model ``name``, in upper or lower case.

    Raises:
        SrbenchError: no such model; the message names the nearest ones.

    >>> get_card("IMDN").params[4]
    715176
    """
    return MODELS.get(name)


def check_scale(card: ModelCard, scale: int) -> None:
    """Refuse a scale that the card does not list, in one sentence."""
    if scale not in card.scales:
        known = ", ".join(f"x{s}" for s in card.scales)
        raise SrbenchError(f"model '{card.name}' has no scale x{scale}; it has {known}.")


def model_names() -> tuple[str, ...]:
    """All names: main models and configurations of built-in papers by year, then installed packages', then added."""
    return MODELS.names()


def cards() -> tuple[ModelCard, ...]:
    """All cards, built-in ones by year and paper, configurations behind their main model."""
    return tuple(MODELS)
