"""Models: names, cards, networks, weights and ``open_model``. Importing this imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srbench.models.card import ModelCard, Weights
from srbench.models.find import find_card, find_cards
from srbench.models.notes import LoadNote
from srbench.models.options import ModelOptions
from srbench.models.registry import MODELS, cards, get_card, model_names, register
from srbench.models.source import source_hash

if TYPE_CHECKING:
    from srbench.models.loading import SRModel
    from srbench.models.networks import build_network
    from srbench.models.opening import open_model

__all__ = [
    "MODELS",
    "LoadNote",
    "ModelCard",
    "ModelOptions",
    "SRModel",
    "Weights",
    "build_network",
    "cards",
    "find_card",
    "find_cards",
    "get_card",
    "model_names",
    "open_model",
    "register",
    "source_hash",
]

_NEEDS_TORCH = {
    "SRModel": "srbench.models.loading",
    "build_network": "srbench.models.networks",
    "open_model": "srbench.models.opening",
}


def __getattr__(name: str) -> Any:
    if name in _NEEDS_TORCH:
        import importlib

        return getattr(importlib.import_module(_NEEDS_TORCH[name]), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
