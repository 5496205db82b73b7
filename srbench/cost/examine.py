"""All that ``srbench profile`` and ``srbench show`` say of one network, together: it is opened once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srbench.cost.count import CountResult, count
from srbench.cost.crosscheck import CrossCheck, cross_check
from srbench.cost.profile import Profile, profile
from srbench.cost.source import Source, open_network, probe

if TYPE_CHECKING:
    from srbench.models.card import ModelCard
    from srbench.models.notes import LoadNote

CHECKED_AT = (48, 48)
"""LR size of the cross-check, which runs for real."""


@dataclass(frozen=True)
class Examined:
    """A profile, what had to be done before it, and the cross-check where it was asked for."""

    profile: Profile
    check: CrossCheck | None = None
    notes: tuple[LoadNote, ...] = ()
    warning: str = ""
    """What a user should know of the network's scale."""


@dataclass(frozen=True)
class Outlined:
    """A network as text, and its counts."""

    lines: tuple[str, ...]
    equations: dict[str, str]
    counted: CountResult | None = field(default=None)


@dataclass(frozen=True)
class Counting:
    """What a network is opened with and how it is counted.

    ``weights`` as :func:`srbench.cost.source.open_network` takes them, ``size`` is LR (height, width); with ``check``
    other libraries count it too.
    """

    scale: int
    size: tuple[int, int]
    conventions: tuple[str, ...] = ("macs",)
    weights: str = "none"
    check: bool = False


def examine(card: ModelCard, counting: Counting) -> Examined:
    """Open a network and count it.

    Raises:
        SrbenchError: it cannot be opened or counted, or its scale is another.
    """
    from srbench.models.foreign import is_foreign

    source = open_network(card, counting.scale, counting.weights)
    warning = _scale_warning(source) if is_foreign(card) else ""
    checked = None
    found = profile(source, counting.size, counting.conventions)
    if counting.check:
        checked = cross_check(
            source.network, source.fitting(CHECKED_AT), card.channels, source.scale, card.pre_upsampled
        )
    return Examined(found, checked, source.notes, warning)


def outlined(card: ModelCard, scale: int, size: tuple[int, int], *, counted: bool = True) -> Outlined:
    """Build a network and describe it; with ``counted`` its MACs at LR ``size`` too.

    Raises:
        SrbenchError: it cannot be built or counted.
    """
    from srbench.models.networks import build_network
    from srbench.models.outline import equations, outline

    network = build_network(card, scale)
    costs = None
    if counted:
        costs = count(network, size, card.channels, ("macs",), scale, card.pre_upsampled)["macs"]
    return Outlined(outline(network), equations(network), costs)


def _scale_warning(source: Source) -> str:
    """A x2 network that is counted as x4 is a mistake; one that enlarges nothing may be meant, as a part of one."""
    from srbench.models.loading import WrongOutput

    try:
        probe(source)
    except WrongOutput as error:
        if error.scale > 1:
            raise
        return str(error)
    return ""
