"""From what a user names to a network with how it wants its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from srbench.models.card import ModelCard


@dataclass(frozen=True)
class Source:
    """A network with its initial weights, and its card."""

    card: ModelCard
    network: nn.Module
    scale: int

    def fitting(self, size: tuple[int, int]) -> tuple[int, int]:
        """``size`` (LR height, width) rounded up to what the network takes, as images are padded for it."""
        multiple, least = self.card.size_multiple, self.card.min_size
        height, width = (max(-(-edge // multiple) * multiple, least) for edge in size)
        return height, width


def open_network(model: str | ModelCard, scale: int) -> Source:
    """Build the network of a model, with its initial weights, in evaluation mode.

    Args:
        model: whatever :func:`srbench.models.find.find_card` takes: a registered name, ``net.py:Net``, a card.
        scale: upsampling factor.

    Raises:
        SrbenchError: unknown model, unknown scale, an interpolation, or the network cannot be built.
    """
    from srbench.models.find import find_card
    from srbench.models.networks import build_network

    card = find_card(model)
    return Source(card, build_network(card, scale), scale)
