"""Whose weights a file holds: the registered model that they fit, by the number of values, then by names and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from srbench.download import hash_file
from srbench.errors import SrbenchError
from srbench.models import checkpoints, through_spandrel
from srbench.models.card import ModelCard
from srbench.models.networks import build_network
from srbench.models.registry import cards
from srbench.plugins import import_attribute


def card_of_checkpoint(path: Path, key: str | None = None) -> ModelCard:
    """The card of the registered model that the weights in ``path`` fit, limited to their scale and with that file.

    A released file is known by its hash; models of one size are told apart so.

    Raises:
        SrbenchError: not readable, or no registered model has these names and shapes.
    """
    state = checkpoints.read_state(path, key).tensors
    digest = hash_file(path)
    for card in cards():
        for entry in card.weights:
            if entry.sha256 == digest:
                return card.model_copy(update={"scales": (entry.scale,), "checkpoint": str(path.resolve())})
    for part, _ in checkpoints.parts(state):
        for card, scale in _alike(part):
            if _fits(card, scale, part):
                return card.model_copy(update={"scales": (scale,), "checkpoint": str(path.resolve())})
    known = through_spandrel.card_of(path, state, key)
    if known is not None:
        return known
    total, alike = _count(state), _alike(state)
    near = f"; as many values as {', '.join(f'{card.name} x{scale}' for card, scale in alike)}" if alike else ""
    raise SrbenchError(
        f"'{path}' holds {len(state)} tensors with {total:,} values that fit no registered model{near}; name the model "
        f"and give the file as its weights (--weights {path})."
        + ("" if through_spandrel.is_installed() else f" Or {through_spandrel.HINT}.")
    )


def _count(state: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in state.values())


def _alike(state: Mapping[str, Tensor]) -> list[tuple[ModelCard, int]]:
    """Registered models, with their scales, that have as many values."""
    total = _count(state)
    return [(card, scale) for card in cards() for scale, count in card.params.items() if count == total]


def _fits(card: ModelCard, scale: int, state: Mapping[str, Tensor]) -> bool:
    network = build_network(card, scale)
    maps = dict.fromkeys(entry.key_map for entry in card.weights if entry.key_map)
    states = [state, *(import_attribute(reference)(state) for reference in maps)]
    return any(not checkpoints.mismatch(network, each) for each in states)
