"""From what a user names to a network with how it wants its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from srbench.cost.preserve import without_compiler
from srbench.errors import SrbenchError

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


PROBE_SIZES = (32, 48, 64, 128)
"""Edges of the small square LR images on which a network must show its scale; some need windows or a least size."""


def probe(source: Source) -> str:
    """One small real pass: why it fails, in one sentence; '' where it runs.

    Raises:
        SrbenchError: it runs, and gives something else than ``scale`` times its input.
    """
    from srbench.models.loading import PassFailed, SRModel
    from srbench.models.weights import ResolvedWeights

    model = SRModel(source.card, source.scale, source.network, ResolvedWeights("none", "none"))
    failure: Exception | None = None
    for edge in PROBE_SIZES:
        ramp = torch.linspace(0.2, 0.8, edge) * source.card.input_range
        try:
            with without_compiler():
                model.forward((ramp[:, None] + ramp[None]).expand(1, source.card.channels, edge, edge) / 2)
            return ""
        except PassFailed as error:
            failure = failure or error
        except SrbenchError:
            raise
        except Exception as error:  # a stranger's network may raise anything
            failure = failure or error
    if isinstance(failure, PassFailed):
        return str(failure).removesuffix(".")
    return f"its pass raised {type(failure).__name__}: {' '.join(str(failure).split())}"


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
