"""Everything that would give a printed cost: other digits, other conventions, other networks; each computed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from srbench.errors import SrbenchError
from srbench.leaderboard.causes import networks
from srbench.leaderboard.causes.cause import Cause, How
from srbench.leaderboard.causes.networks import Wanted, spell
from srbench.leaderboard.published import read_toml
from srbench.leaderboard.values import rounding_that_gives
from srbench.paths import leaderboards_dir

# The simplest explanation first; how many cells one explains counts more (see causes.choose).
ORDER: tuple[How, ...] = (
    "quoted", "positions", "layers", "weights", "convention", "size", "cut off", "rounded twice", "network", "blocks",
    "scale", "rounded up",
)  # fmt: skip
BLOCKS = range(1, 13)
# Closer than this, the network is the right one and the way of counting differs.
SAME_NETWORK = 0.02
NEAR_SIZE = 0.1
# The ratio of areas that a quoted cost was divided by may be off by this much.
RATIO_ERROR = 0.015
# Sizes whose areas are this near are one size, and nothing was divided.
SAME_SIZE = 0.05
# Digits (printed number over its last step) from which on a match with a network of another family is no accident.
TELLING = 1000
HR_720P_PIXELS = 720 * 1280


class Omission(BaseModel):
    """Layers that a paper seems to have left out of a cost; confirmed by computation or not shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    metric: str
    without: tuple[str, ...]
    text: str


@lru_cache(maxsize=4)
def omissions(root: Path | None = None) -> tuple[Omission, ...]:
    """Hypotheses of ``leaderboards/causes.toml``."""
    file = (root or leaderboards_dir()) / "causes.toml"
    return tuple(Omission.model_validate(d) for d in read_toml(file).get("omission", [])) if file.is_file() else ()


@lru_cache(maxsize=4096)
def candidates(wanted: Wanted, model: str) -> tuple[Cause, ...]:
    """All that would give the printed cost; empty when nothing does."""
    own = networks.value(wanted, model)
    found = [*_digits(wanted, model, own), *_same_network(wanted, model)]
    if not found and abs(own / wanted.number - 1) >= SAME_NETWORK:
        found = [*_other_networks(wanted, model)] or [*_other_blocks(wanted, model)]
    return tuple(found)


def _digits(wanted: Wanted, model: str, own: float) -> Iterator[Cause]:
    rounding = rounding_that_gives(own, wanted.number, wanted.quantum)
    if rounding in ("cut off", "rounded up", "rounded twice"):
        text = f"{model} has {spell(wanted.metric, own)}; the printed digits are {rounding}"
        yield Cause(rounding, rounding, text, model, own)  # type: ignore[arg-type]


def _same_network(wanted: Wanted, model: str) -> Iterator[Cause]:
    if wanted.metric == "params":
        weights = networks.weights_only(model, wanted.scale)
        if wanted.holds(weights):
            text = f"weights alone: {model} has {weights:,} without biases and slopes of activations"
            yield Cause("weights", "weights alone", text, model, weights)
    else:
        yield from _quoted(wanted, model)
        yield from _as_if_everywhere(wanted, model)
        yield from _omitted(wanted, model)
        yield from _other_conventions(wanted, model)
    card = networks.card_of(model)
    for scale in card.scales if card else ():
        got = networks.value(wanted, model, scale=scale)
        few_digits = wanted.number / wanted.quantum < 100
        if scale != wanted.scale and not few_digits and wanted.holds(got):
            text = f"{model} at x{scale} gives {spell(wanted.metric, got)}"
            yield Cause("scale", f"{model} at x{scale}", text, model, got)


def _quoted(wanted: Wanted, model: str) -> Iterator[Cause]:
    """A figure quoted at HR 1280x720 with one decimal, divided by the ratio of areas with two decimals.

    Which ratio the authors took is left open by up to :data:`RATIO_ERROR`; the table's other cells decide.
    """
    if wanted.metric != "macs":
        return
    exact = HR_720P_PIXELS / (math.prod(wanted.size) * wanted.scale**2)
    if abs(exact - 1) < SAME_SIZE or wanted.number / wanted.quantum < 100:
        return
    steps = range(round(100 * exact * (1 - RATIO_ERROR)), round(100 * exact * (1 + RATIO_ERROR)) + 1)
    for ratio in (step / 100 for step in steps):
        quoted = round(wanted.number * ratio / 1e9, 1)
        if abs(quoted / ratio * 1e9 - wanted.number) <= wanted.quantum / 2 * (1 + 1e-9):
            found = _costs_at_720p(wanted, model, ratio)
            if found:
                name, where = found
                text = (
                    f"{quoted:,.1f} G, the cost of {name} at {where}, divided by {ratio:g} (the ratio of the areas is "
                    f"{exact:.4g})"
                )
                yield Cause("quoted", f"720p / {ratio:g}", text, name, quoted / ratio * 1e9)


def _costs_at_720p(wanted: Wanted, model: str, ratio: float) -> tuple[str, str] | None:
    """The network, of the model's family, and HR size whose cost is the printed one times ``ratio``."""
    size = networks.sizes(wanted.scale)["HR 1280x720"]
    area = HR_720P_PIXELS / (math.prod(size) * wanted.scale**2)  # 1280 is no multiple of 3
    slack = 0.05e9 + wanted.quantum * ratio
    for name in (model, *(c.name for c in networks.family(model))):
        if not networks.has(name, wanted.scale):
            continue
        counted = networks.counts(name, wanted.scale, size)
        for part, where in ((1.0, "HR 1280x720"), (0.25, "HR 640x360")):
            for convention in ("torch", networks.OUTPUT_POSITIONS):
                if abs(counted[convention].macs * part * area - wanted.number * ratio) <= slack:
                    return name, where
    return None


def _as_if_everywhere(wanted: Wanted, model: str) -> Iterator[Cause]:
    """Every weight multiplied at every LR position, those of the channel attention's 1x1 image too."""
    if wanted.metric != "macs_per_pixel":
        return
    got = networks.weights_only(model, wanted.scale) / wanted.scale**2
    if wanted.holds(got):
        text = (
            f"every weight of {model} at every LR position, those of its channel attention too, gives "
            f"{spell(wanted.metric, got)}"
        )
        yield Cause("positions", "every weight at every LR position", text, model, got)


def _omitted(wanted: Wanted, model: str) -> Iterator[Cause]:
    if wanted.metric not in ("macs", "macs_per_pixel"):
        return
    own, found = networks.value(wanted, model), networks.layers(model, wanted.scale, wanted.size)
    unit = 1.0 if wanted.metric == "macs" else 1 / (math.prod(wanted.size) * wanted.scale**2)
    for name, layer in (("first", found[0]), ("last", found[-1])):
        got = own - layer.macs * unit
        if wanted.holds(got):
            text = f"{model} without its {name} convolution gives {spell(wanted.metric, got)}"
            yield Cause("layers", f"without the {name} convolution", text, model, got)
    for omission in omissions():
        if (omission.model, omission.metric) == (model, wanted.metric):
            got = own - networks.macs_of(model, wanted.scale, wanted.size, omission.without) * unit
            if wanted.holds(got):
                text = f"{omission.text}: {spell(wanted.metric, got)}"
                yield Cause("layers", f"{model}: {omission.text}", text, model, got)


def _other_conventions(wanted: Wanted, model: str) -> Iterator[Cause]:
    own = networks.value(wanted, model)
    own_size = {f"LR {wanted.size[0]}x{wanted.size[1]}": wanted.size}
    for name, size in {**own_size, **networks.sizes(wanted.scale)}.items():
        grown = 1.0 if wanted.metric == "macs_per_pixel" else math.prod(size) / math.prod(wanted.size)
        if size != wanted.size and abs(own * grown / wanted.number - 1) > NEAR_SIZE:
            continue  # costs grow with the pixels, all but exactly
        for convention in (*networks.CONVENTIONS, networks.OUTPUT_POSITIONS):
            got = networks.value(wanted, model, size=size, convention=convention)
            if wanted.holds(got):
                how: How = "convention" if size == wanted.size else "size"
                text = f"{model} at {name} under '{convention}' gives {spell(wanted.metric, got)}"
                yield Cause(how, f"{convention} at {name}", text, model, got)
                return


def _other_networks(wanted: Wanted, model: str) -> Iterator[Cause]:
    own = networks.card_of(model)
    related = {c.name for c in networks.family(model)}
    for card in networks.relatives(model):
        telling = wanted.number / wanted.quantum >= TELLING  # two or three digits fit some network by chance
        if own is None or wanted.scale not in card.scales or not (card.name in related or telling):
            continue
        got = networks.value(wanted, card.name)
        if wanted.holds(got):
            text = f"{card.name} has {spell(wanted.metric, got)}"
            yield Cause("network", f"of {card.name}", text, card.name, got)


def _other_blocks(wanted: Wanted, model: str) -> Iterator[Cause]:
    """Another number of blocks, of the network or of a relative that has released weights or stands for its family."""
    own = networks.card_of(model)
    kin = [c for c in networks.relatives(model) if own and c.family == own.family != ""]
    for card in [*filter(None, [own]), *(c for c in kin if c.weights or not c.variant_of)]:
        try:
            two, three = networks.value(wanted, card.name, 2), networks.value(wanted, card.name, 3)
        except SrbenchError:
            continue  # the network has no such argument
        for blocks in BLOCKS:  # costs grow evenly with the blocks; the hit is counted for certain
            if not wanted.holds(two + (blocks - 2) * (three - two)):
                continue
            got = networks.value(wanted, card.name, blocks)
            if wanted.holds(got):
                text = f"{card.name} with {blocks} blocks has {spell(wanted.metric, got)}"
                yield Cause("blocks", f"of {card.name} with {blocks} blocks", text, card.name, got)
