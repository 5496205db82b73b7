"""Counts of registered networks, and which network, size or rounding gives a printed cost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.leaderboard.values import rounding_that_gives, within_rounding

if TYPE_CHECKING:
    from torch import nn

    from srbench.models.card import ModelCard

CONVENTIONS = ("ntire-hooks", "fvcore", "macs", "torch")
HR_720P = (720, 1280)
BLOCKS = range(1, 13)
# Closer than this, the network is the right one and the way of counting differs.
SAME_NETWORK = 0.02
NEAR_SIZE = 0.1


@dataclass(frozen=True)
class Count:
    """Cost of one network at one LR size under one convention."""

    macs: int
    activations: int
    num_conv: int


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
    return sum(p.numel() for p in _build(model, scale, blocks).parameters())


def params_by_blocks(model: str, scale: int, most: int) -> dict[int, int]:
    """Parameters with 1, 2 ... ``most`` blocks; they grow evenly with the blocks, so that two are counted.

    Raises:
        SrbenchError: the network is not registered or has no argument ``num_blocks``.
    """
    two, three = params(model, scale, 2), params(model, scale, 3)
    return {blocks: two + (blocks - 2) * (three - two) for blocks in range(1, most + 1)}


def weights_only(model: str, scale: int) -> int:
    """Parameters without biases and without slopes of activations."""
    return sum(p.numel() for p in _build(model, scale, None).parameters() if p.dim() > 1)


@lru_cache(maxsize=4096)
def counts(model: str, scale: int, size: tuple[int, int], blocks: int | None = None) -> dict[str, Count]:
    """MACs, activations and convolutions at LR ``size`` by convention."""
    from srbench.cost.count import count

    card = card_of(model)
    assert card is not None  # _build has raised
    found = count(
        _build(model, scale, blocks),
        size,
        channels=card.channels,
        conventions=CONVENTIONS,
        scale=scale,
        pre_upsampled=card.pre_upsampled,
    )
    return {name: Count(r.macs, r.activations, r.num_conv) for name, r in found.items()}


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


@dataclass(frozen=True)
class Explanation:
    """What gives a printed cost: ``how`` is one of 'rounding', 'convention', 'size', 'scale', 'network', 'blocks'."""

    how: str
    text: str
    model: str = ""


def explain(wanted: Wanted, model: str) -> list[Explanation]:
    """All that would give the printed cost, simplest first; empty when nothing registered does."""
    own = value(wanted, model)
    rounding = rounding_that_gives(own, wanted.number, wanted.quantum)
    if rounding is not None:
        return [
            Explanation(
                "rounding", f"{model} has {spell(wanted.metric, own)}; the printed digits are {rounding}", model
            )
        ]
    found = list(_same_network(wanted, model))
    if found or abs(own / wanted.number - 1) < SAME_NETWORK:
        return found
    return [*_other_networks(wanted, model)][:3] or [*_other_blocks(wanted, model)][:3]


def _same_network(wanted: Wanted, model: str) -> Iterator[Explanation]:
    card = card_of(model)
    if wanted.metric == "params":
        if wanted.holds(weights_only(model, wanted.scale)):
            yield Explanation(
                "convention",
                f"weights of {model} without biases and slopes: {weights_only(model, wanted.scale):,}",
                model,
            )
    else:
        yield from _other_conventions(wanted, model)
        yield from _without_a_layer(wanted, model)
    for scale in card.scales if card else ():
        if scale != wanted.scale and wanted.holds(value(wanted, model, scale=scale)):
            yield Explanation(
                "scale", f"{model} at x{scale} gives {spell(wanted.metric, value(wanted, model, scale=scale))}", model
            )


def _other_conventions(wanted: Wanted, model: str) -> Iterator[Explanation]:
    own = value(wanted, model)
    for name, size in sizes(wanted.scale).items():
        grown = 1.0 if wanted.metric == "macs_per_pixel" else math.prod(size) / math.prod(wanted.size)
        if size != wanted.size and abs(own * grown / wanted.number - 1) > NEAR_SIZE:
            continue  # costs grow with the pixels, all but exactly
        for convention in CONVENTIONS:
            if wanted.holds(value(wanted, model, size=size, convention=convention)):
                how = "convention" if size == wanted.size else "size"
                got = value(wanted, model, size=size, convention=convention)
                yield Explanation(
                    how, f"{model} at {name} under '{convention}' gives {spell(wanted.metric, got)}", model
                )
                return


def _without_a_layer(wanted: Wanted, model: str) -> Iterator[Explanation]:
    """The count without the first or the last convolution."""
    if wanted.metric not in ("macs", "macs_per_pixel"):
        return
    own, layers = value(wanted, model), layer_macs(model, wanted.scale, wanted.size)
    unit = own / sum(layers)
    for name, macs in (("first", layers[0]), ("last", layers[-1])):
        if wanted.holds(own - macs * unit):
            yield Explanation(
                "layer",
                f"{model} without its {name} convolution gives {spell(wanted.metric, own - macs * unit)}",
                model,
            )


@lru_cache(maxsize=256)
def layer_macs(model: str, scale: int, size: tuple[int, int]) -> tuple[int, ...]:
    """MACs of the layers that have any, in the order of the data flow."""
    from srbench.cost.count import count

    card = card_of(model)
    assert card is not None
    found = count(
        _build(model, scale, None),
        size,
        channels=card.channels,
        conventions=("macs",),
        scale=scale,
        pre_upsampled=card.pre_upsampled,
    )
    return tuple(row.macs for row in found["macs"].layers if row.macs)


def relatives(model: str) -> list[str]:
    """Registered networks of the same paper or family."""
    own = card_of(model)
    return [c.name for c in _relatives(model) if own and (c.paper == own.paper or c.family == own.family != "")]


def _relatives(model: str) -> list[ModelCard]:
    """Other cards with a network, of the same family first."""
    from srbench.models.registry import cards

    card = card_of(model)
    family = card.family if card else ""
    others = [c for c in cards() if c.network and c.name != model]
    return sorted(others, key=lambda c: (not family or c.family != family, c.paper != (card.paper if card else "")))


def _other_networks(wanted: Wanted, model: str) -> Iterator[Explanation]:
    own = card_of(model)
    for card in _relatives(model):
        related = own is not None and (card.family == own.family != "" or card.paper == own.paper)
        digits = wanted.number / wanted.quantum
        if wanted.scale not in card.scales or not (related or digits >= 1000):
            continue  # two or three digits fit some network by chance
        if wanted.holds(value(wanted, card.name)):
            yield Explanation(
                "network", f"{card.name} gives {spell(wanted.metric, value(wanted, card.name))}", card.name
            )


def _other_blocks(wanted: Wanted, model: str) -> Iterator[Explanation]:
    """Another number of blocks, of the network or of a relative that has released weights or stands for its family."""
    own = card_of(model)
    family = [c for c in _relatives(model) if own and c.family == own.family != "" and (c.weights or not c.variant_of)]
    for card in [*filter(None, [own]), *family]:
        try:
            two, three = value(wanted, card.name, 2), value(wanted, card.name, 3)
        except SrbenchError:
            continue  # the network has no such argument
        for blocks in BLOCKS:  # costs grow evenly with the blocks; the hit is counted for certain
            if not wanted.holds(two + (blocks - 2) * (three - two)):
                continue
            got = value(wanted, card.name, blocks)
            if wanted.holds(got):
                yield Explanation(
                    "blocks", f"{card.name} with {blocks} blocks gives {spell(wanted.metric, got)}", card.name
                )
