"""From what a user names to a network with how it wants its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from srbench.models.card import ModelCard
    from srbench.models.notes import LoadNote


@dataclass(frozen=True)
class Source:
    """A network with its initial weights, and its card."""

    card: ModelCard
    network: nn.Module
    scale: int
    notes: tuple[LoadNote, ...] = ()
    """What had to be done so that it could be built."""

    def fitting(self, size: tuple[int, int]) -> tuple[int, int]:
        """``size`` (LR height, width) rounded up to what the network takes, as images are padded for it."""
        multiple, least = self.card.size_multiple, self.card.min_size
        height, width = (max(-(-edge // multiple) * multiple, least) for edge in size)
        return height, width


def open_network(model: str | ModelCard, scale: int, weights: str = "none", device: str = "cpu") -> Source:
    """Build the network of a model in evaluation mode, with its initial weights or those asked for.

    Args:
        model: whatever :func:`srbench.models.find.find_card` takes: a registered name, ``net.py:Net``, a card.
        scale: upsampling factor.
        weights: as :func:`srbench.models.opening.open_model` takes them; counting needs none.
        device: where it will run; it is built on the CPU, apart from what its own code puts elsewhere.

    Raises:
        SrbenchError: unknown model, unknown scale, an interpolation, or the network cannot be built.
    """
    from srbench.models.find import find_card
    from srbench.models.loading import load_card
    from srbench.models.networks import build

    card = find_card(model)
    if weights != "none" and card.network is not None:
        loaded = load_card(card, scale, weights)
        if loaded.network is not None:
            return Source(card, loaded.network, scale, loaded.notes)
    network, notes = build(card, scale, device)
    return Source(card, network, scale, notes)
