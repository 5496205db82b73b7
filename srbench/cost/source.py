"""From what a user names (a registered model, or ``net.py:Net``) to a network with how it wants its input."""

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


def open_network(name: str, scale: int) -> Source:
    """Build the network of a registered model or of a file, in evaluation mode.

    Args:
        name: a registered model, or ``path/to/net.py:Net`` (see :func:`srbench.models.from_file.card_from_file`).
        scale: upsampling factor.

    Raises:
        SrbenchError: unknown model, unknown scale, an interpolation, or the network cannot be built.
    """
    from srbench.models.from_file import card_from_file
    from srbench.models.networks import build_network
    from srbench.models.registry import get_card

    card = card_from_file(name) if name.rpartition(":")[0].endswith(".py") else get_card(name)
    return Source(card, build_network(card, scale), scale)
