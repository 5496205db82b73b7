"""Models: cards, their registry, networks, weights and ``load_model``. Importing this imports no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srbench.models.card import ModelCard, Weights
from srbench.models.registry import cards, get_card, model_names, register
from srbench.models.source import source_hash

if TYPE_CHECKING:
    from srbench.models.loading import SRModel, load_model
    from srbench.models.networks import build_network

__all__ = [
    "ModelCard",
    "SRModel",
    "Weights",
    "build_network",
    "cards",
    "get_card",
    "load_model",
    "model_names",
    "register",
    "source_hash",
]

_NEEDS_TORCH = {
    "SRModel": "srbench.models.loading",
    "load_model": "srbench.models.loading",
    "build_network": "srbench.models.networks",
}


def __getattr__(name: str) -> Any:
    if name in _NEEDS_TORCH:
        import importlib

        return getattr(importlib.import_module(_NEEDS_TORCH[name]), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
