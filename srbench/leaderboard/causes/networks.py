"""Counts of registered networks: parameters, and costs at an LR size under a convention."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.leaderboard.causes import stored_counts
from srbench.leaderboard.values import within_rounding

if TYPE_CHECKING:
    from torch import nn

    from srbench.models.card import ModelCard

CONVENTIONS = ("ntire-hooks", "fvcore", "macs", "torch")
OUTPUT_POSITIONS = "output-positions"
HR_720P = (720, 1280)
_REFUSED = "no argument num_blocks"


@dataclass(frozen=True)
class Count:
    """Cost of one network at one LR size under one convention."""

    macs: int
    activations: int
    num_conv: int


@dataclass(frozen=True)
class Layer:
    """MACs of one layer, transposed convolutions at their output positions."""

    name: str
    macs: int


@dataclass(frozen=True)
class Wanted:
    """A printed cost: ``metric`` at ``scale``, in counts, under a convention and LR size."""

    metric: str
    scale: int
    number: float
    quantum: float
    convention: str = ""
    size: tuple[int, int] = (256, 256)

    def holds(self, value: float) -> bool:
        """Whether ``value`` rounds to the printed digits."""
        return within_rounding(float(value), self.number, self.quantum)


def sizes(scale: int) -> dict[str, tuple[int, int]]:
    """Customary LR sizes: 256x256 (challenges) and that of a 1280x720 HR image (papers)."""
    return {
        "LR 256x256": (256, 256),
        "HR 1280x720": (HR_720P[0] // scale, math.ceil(HR_720P[1] / scale)),
        "HR 256x256": (256 // scale, 256 // scale),
    }


def card_of(model: str) -> ModelCard | None:
    """The card, or None when no such model (or no network of it) is registered."""
    from srbench.models.registry import get_card

    try:
        card = get_card(model)
    except SrbenchError:
        return None
    return card if card.network else None


def has(model: str, scale: int | None) -> bool:
    """Whether a network of ``model`` is registered at ``scale``."""
    card = card_of(model)
    return card is not None and scale in card.scales


@lru_cache(maxsize=1024)
def _build(model: str, scale: int, blocks: int | None) -> nn.Module:
    import torch

    from srbench.models.networks import build_network

    card = card_of(model)
    if card is None:
        raise SrbenchError(f"'{model}' has no registered network; register it or leave the cell's model empty.")
    if blocks is not None:
        arguments = {**card.arguments, "num_blocks": blocks}
        card = card.model_copy(update={"arguments": arguments, "scales": (*card.scales, scale)})
    with torch.device("meta"):
        return build_network(card, scale)


@lru_cache(maxsize=1024)
def params(model: str, scale: int, blocks: int | None = None) -> int:
    """Parameters of a registered network, off its card where that says; ``blocks`` overrides its number of blocks."""
    card = card_of(model)
    if blocks is None and card is not None and scale in card.params:
        return card.params[scale]
    asked = stored_counts.question("params", scale, None, blocks)
    stored = stored_counts.find(model, asked)
    if stored is None:
        network = _with_blocks(model, scale, blocks, asked)
        stored = stored_counts.keep(model, asked, sum(p.numel() for p in network.parameters()))
    return int(_unless_refused(stored, model))


def _with_blocks(model: str, scale: int, blocks: int | None, asked: str) -> nn.Module:
    """The network; that it takes no other number of blocks is remembered as an answer too."""
    try:
        return _build(model, scale, blocks)
    except SrbenchError:
        if blocks is not None:
            stored_counts.keep(model, asked, _REFUSED)
        raise


def _unless_refused(stored: Any, model: str) -> Any:
    if stored == _REFUSED:
        raise SrbenchError(f"the network of '{model}' takes no argument num_blocks.")
    return stored


def params_by_blocks(model: str, scale: int, most: int) -> dict[int, int]:
    """Parameters with 1, 2 ... ``most`` blocks; they grow evenly with the blocks, so that two are counted.

    Raises:
        SrbenchError: the network is not registered or has no argument ``num_blocks``.
    """
    two, three = params(model, scale, 2), params(model, scale, 3)
    return {blocks: two + (blocks - 2) * (three - two) for blocks in range(1, most + 1)}


@lru_cache(maxsize=256)
def weights_only(model: str, scale: int) -> int:
    """Parameters without biases and without slopes of activations."""
    asked = stored_counts.question("weights", scale)
    stored = stored_counts.find(model, asked)
    if stored is None:
        alone = sum(p.numel() for p in _build(model, scale, None).parameters() if p.dim() > 1)
        stored = stored_counts.keep(model, asked, alone)
    return int(stored)


@lru_cache(maxsize=4096)
def counts(model: str, scale: int, size: tuple[int, int], blocks: int | None = None) -> dict[str, Count]:
    """MACs, activations and convolutions at LR ``size`` by convention."""
    asked = stored_counts.question("counts", scale, size, blocks)
    stored = stored_counts.find(model, asked)
    if stored is None:
        _with_blocks(model, scale, blocks, asked)
        counted = _counts_now(model, scale, size, blocks)
        stored = {name: [one.macs, one.activations, one.num_conv] for name, one in counted.items()}
        stored_counts.keep(model, asked, stored)
    return {name: Count(*numbers) for name, numbers in _unless_refused(stored, model).items()}


def _counts_now(model: str, scale: int, size: tuple[int, int], blocks: int | None) -> dict[str, Count]:
    found = _counted(model, scale, size, blocks, CONVENTIONS)
    result = {name: Count(r.macs, r.activations, r.num_conv) for name, r in found.items()}
    plain = found["macs"]
    at_outputs = sum(call.macs for call in plain.trace.hooks if call.conv)
    result[OUTPUT_POSITIONS] = Count(at_outputs, plain.activations, plain.num_conv)
    return result


def _counted(
    model: str, scale: int, size: tuple[int, int], blocks: int | None, conventions: tuple[str, ...]
) -> dict[str, Any]:
    from srbench.cost.count import count

    network, card = _build(model, scale, blocks), card_of(model)
    assert card is not None  # _build has raised
    return dict(
        count(
            network, size, conventions=conventions, channels=card.channels, scale=scale,
            pre_upsampled=card.pre_upsampled,
        )
    )  # fmt: skip


def value(wanted: Wanted, model: str, blocks: int | None = None, **other: Any) -> float:
    """What a network gives for the wanted metric, in the unit of the print."""
    scale = int(other.get("scale", wanted.scale))
    if wanted.metric == "params":
        return float(params(model, scale, blocks))
    size = other.get("size", wanted.size)
    found = counts(model, scale, size, blocks)[other.get("convention", wanted.convention)]
    if wanted.metric == "macs_per_pixel":
        return float(found.macs / (math.prod(size) * scale**2))
    return float(getattr(found, wanted.metric))


def spell(metric: str, number: float) -> str:
    """A count in words: MACs in G, activations in M, everything else in full.

    >>> spell("macs", 58_531_512_320), spell("params", 715_176)
    ('58.5315 G', '715,176')
    """
    unit, factor = {"macs": (" G", 1e9), "activations": (" M", 1e6)}.get(metric, ("", 1.0))
    return f"{number / factor:,.4f}{unit}" if unit else f"{number:,.0f}"


@lru_cache(maxsize=256)
def layers(model: str, scale: int, size: tuple[int, int]) -> tuple[Layer, ...]:
    """Convolutions in the order of the data flow, each at its output positions."""
    asked = stored_counts.question("layers", scale, size)
    stored = stored_counts.find(model, asked)
    if stored is None:
        merged: dict[str, int] = {}
        for call in _counted(model, scale, size, None, ("macs",))["macs"].trace.hooks:
            if call.conv:
                merged[call.layer] = merged.get(call.layer, 0) + call.macs
        stored = stored_counts.keep(model, asked, [[name, macs] for name, macs in merged.items()])
    return tuple(Layer(name, macs) for name, macs in stored)


def widest(model: str, scale: int, size: tuple[int, int]) -> int:
    """Elements of the largest output of a convolution."""
    asked = stored_counts.question("widest", scale, size)
    stored = stored_counts.find(model, asked)
    if stored is None:
        found = _counted(model, scale, size, None, ("macs",))["macs"]
        largest = max(int(math.prod(call.out_shape)) for call in found.trace.hooks if call.conv)
        stored = stored_counts.keep(model, asked, largest)
    return int(stored)


def macs_of(model: str, scale: int, size: tuple[int, int], patterns: tuple[str, ...]) -> int:
    """MACs of the layers whose names match one of ``patterns`` (``*`` stands for anything)."""
    return sum(a.macs for a in layers(model, scale, size) if any(fnmatch(a.name, p) for p in patterns))


def relatives(model: str) -> list[ModelCard]:
    """Other cards with a network, those of the same family first."""
    from srbench.models.registry import cards

    card = card_of(model)
    family, paper = (card.family, card.paper) if card else ("", "")
    others = [c for c in cards() if c.network and c.name != model]
    return sorted(others, key=lambda c: (not family or c.family != family, c.paper != paper))


def family(model: str) -> list[ModelCard]:
    """Registered networks of the same paper or family."""
    own = card_of(model)
    if own is None:
        return []
    return [c for c in relatives(model) if c.paper == own.paper or (c.family == own.family != "")]
