"""From the rules of a challenge to what the scoring core needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy.typing as npt

from srbench.challenge.score.measure import measure
from srbench.challenge.score.plan import (
    COLUMNS,
    MEASURED_NAMES,
    Column,
    DeclaredScore,
    Limits,
    Measure,
    Part,
    Plan,
    Plane,
)
from srbench.errors import SrbenchError
from srbench.metrics.measure import measure_image
from srbench.metrics.parameters import CHANNELS, Protocol
from srbench.metrics.protocols import check_pair, get_protocol, window_constants
from srbench.quantities import get_quantity
from srbench.rules import Rules, Term

Pixels = npt.NDArray[Any]


def measure_of(protocol: Protocol, scale: int) -> Measure:
    """A protocol at one scale, spelled out in numbers.

    Raises:
        SrbenchError: the protocol measures luma planes instead of images.
    """
    if protocol.prepare != "rgb":
        raise SrbenchError(f"protocol '{protocol.id}' super-resolves luma planes; a challenge needs one of images.")
    window = window_constants(protocol)
    return Measure(
        protocol=protocol.id,
        planes=tuple(Plane(channel.coefficients, channel.offset) for channel in CHANNELS[protocol.channel]),
        border=protocol.border(scale),
        peak=protocol.peak,
        window=window.weights,
        c1=window.c1,
        c2=window.c2,
        covariance_factor=window.covariance_factor,
        rounded=protocol.rounded,
    )


def as_scored(sr: Pixels, hr: Pixels, scale: int, protocol: Protocol, quantities: Sequence[str]) -> dict[str, float]:
    """Values by name of quantity, those that a platform's scorer measures of RGB images by its arithmetic.

    The scorer gives the same digits of them, whatever Python and NumPy it runs under. Images are uint8 of
    equal shape, HxWx3 or HxW.

    Raises:
        SrbenchError: an image that cannot be measured, or an unknown quantity.
    """
    own: dict[str, float] = {}
    scored = [name for name in quantities if name in MEASURED_NAMES]
    if protocol.prepare == "rgb" and sr.ndim == 3 and scored:
        how = measure_of(protocol, scale)
        check_pair(sr, hr, how.border, len(how.window))
        own = measure(sr, hr, how, scored).values
    others = [get_quantity(name) for name in quantities if name not in own]
    values = {**own, **measure_image(sr, hr, scale, protocol, others)}
    return {name: values[name] for name in quantities if name in values}


def measured_by_scorer(rules: Rules) -> tuple[str, ...]:
    """Which of the scorer's values the columns of the rules ask for; that which orders submissions in any case."""
    asked = {column.quantity for column in rules.columns} | {MEASURED_NAMES[0]}
    return tuple(name for name in MEASURED_NAMES if name in asked)


_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "s": 1.0, "ms": 1e-3}
_DECLARED_IN = {"runtime": 1.0, "params": 1e6, "macs": 1e9}
"""What a readme may declare that scores are made of, and the unit it is kept in."""


def declared_scores(rules: Rules) -> tuple[DeclaredScore, ...]:
    """The tracks whose score follows from what a readme can declare: sums of exponentials of ratios to the baseline."""
    found = []
    for track in rules.tracks:
        parts = [_part(rules, term) for term in track.terms]
        whole = tuple(part for part in parts if part is not None)
        if len(whole) == len(parts):
            key = f"declared_{track.id.replace('-', '_')}"
            found.append(DeclaredScore(f"{key}_log_score", f"Declared ln score, {track.id}", whole))
    return tuple(found)


def _part(rules: Rules, term: Term) -> Part | None:
    column = rules.column(term.column)
    name = column.quantity.partition(":")[0]
    baseline = rules.baseline.values.get(term.column)
    if term.function != "exp-ratio" or name not in _DECLARED_IN or not baseline:
        return None
    size = float(baseline) * (_UNITS[column.unit] / _DECLARED_IN[name])
    return Part(name, float(term.weight), float(term.factor), size)


def declared_baselines(rules: Rules) -> dict[str, tuple[float, str]]:
    """The baseline's runtime [s], params [M] and macs [G], as a readme declares them, with the unit; what is known."""
    units = {"runtime": "s", "params": "M", "macs": "G"}
    found: dict[str, tuple[float, str]] = {}
    for column in rules.columns:
        name = column.quantity.partition(":")[0]
        value = rules.baseline.values.get(column.key)
        if name in units and name not in found and value and column.unit in _UNITS:
            found[name] = float(value) * (_UNITS[column.unit] / _DECLARED_IN[name]), units[name]
    return found


def columns_of(rules: Rules) -> tuple[Column, ...]:
    """Columns of a platform's leaderboard: what is measured, what is declared, and scores of what is declared."""
    scores = declared_scores(rules)
    needed = {part.value for score in scores for part in score.parts}
    amounts = (
        Column("declared_params", "declared_params", "Declared parameters (M)", "lower"),
        Column("declared_macs", "declared_macs", "Declared multiply-adds (G)", "lower"),
    )
    return (
        *COLUMNS,
        *(column for column in amounts if column.key.removeprefix("declared_") in needed),
        *(Column(score.key, score.key, score.title, "lower") for score in scores),
    )


def plan_of(
    rules: Rules,
    *,
    stems: Iterable[str] = (),
    equal_to_reference: Literal["note", "fail"] = "note",
    limits: Limits | None = None,
) -> Plan:
    """The plan by which results submissions to a challenge are scored.

    Args:
        rules: of the challenge.
        stems: names of the references, where they are known.
        equal_to_reference: what an image that equals its reference is.
        limits: on what a submission may use; the defaults fit 200 images of 2K.

    Raises:
        SrbenchError: the rules name no protocol, or one that cannot be used.
    """
    if rules.protocol is None:
        raise SrbenchError(f"the rules of {rules.id} name no protocol, so results cannot be scored by them.")
    return Plan(
        rules=rules.id,
        title=rules.title,
        scale=rules.scale,
        measure=measure_of(get_protocol(rules.protocol), rules.scale),
        columns=columns_of(rules),
        scores=declared_scores(rules),
        stems=tuple(sorted(stems)),
        equal_to_reference=equal_to_reference,
        limits=limits or Limits(),
    )
