"""Which block each model took from which paper, read off the cards. No torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.registry import cards


@dataclass(frozen=True)
class Edge:
    """``model`` (of ``paper``) uses ``block``, which comes from ``source``; ``own`` where that is its own paper."""

    block: str
    source: str
    model: str
    paper: str

    @property
    def own(self) -> bool:
        """Whether the model's own paper introduced the block."""
        return self.source == self.paper


def genealogy(models: Iterable[ModelCard] | None = None, *, variants: bool = False) -> tuple[Edge, ...]:
    """One edge per model and block, of ``models`` or of all registered ones (without ``variants``: main models only).

    Raises:
        SrbenchError: a card's block is not written 'block<-paper'.

    >>> [str(e.block) for e in genealogy() if e.model == "imdn" and e.own]
    ['PRM', 'CCA', 'distillation-frame']
    """
    chosen = cards() if models is None else tuple(models)
    return tuple(edge for card in chosen if variants or models or not card.variant_of for edge in edges_of(card))


def edges_of(card: ModelCard) -> tuple[Edge, ...]:
    """The blocks of one card as edges, in the order of the card."""
    found = []
    for text in card.blocks:
        block, arrow, source = text.partition("<-")
        if not arrow or not block or not source:
            raise SrbenchError(f"block '{text}' of model '{card.name}' is not written 'block<-paper'; fix its card.")
        found.append(Edge(block, source, card.name, card.paper))
    return tuple(found)


def lineage(card: ModelCard) -> tuple[str, ...]:
    """Lines of text: each block of the card, where it comes from, and which other main models use it.

    >>> from srbench.models.registry import get_card
    >>> lineage(get_card("lrfdn"))[1][:54]
    'FDC                 from rfdn2020   also in rfdn, aidn'
    """
    others = genealogy()
    lines = []
    for edge in edges_of(card):
        users = [e.model for e in others if (e.block, e.source) == (edge.block, edge.source) and e.model != card.name]
        origin = "its own" if edge.own else f"from {edge.source}"
        also = f"also in {', '.join(users)}" if users else ""
        lines.append(f"{edge.block:<20}{origin:<16}{also}".rstrip())
    return tuple(lines)
