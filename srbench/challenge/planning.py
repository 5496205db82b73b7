"""From the rules of a challenge to what the scoring core needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy.typing as npt

from srbench.challenge.score.measure import measure
from srbench.challenge.score.plan import COLUMNS, Limits, Measure, Plan, Plane
from srbench.errors import SrbenchError
from srbench.metrics.measure import measure_image
from srbench.metrics.parameters import CHANNELS, Protocol
from srbench.metrics.protocols import check_pair, get_protocol
from srbench.quantities import get_quantity
from srbench.rules import Rules

Pixels = npt.NDArray[Any]


def measure_of(protocol: Protocol, scale: int) -> Measure:
    """A protocol at one scale, spelled out in numbers.

    Raises:
        SrbenchError: the protocol measures luma planes instead of images.
    """
    if protocol.prepare != "rgb":
        raise SrbenchError(f"protocol '{protocol.id}' super-resolves luma planes; a challenge needs one of images.")
    p = protocol.ssim
    n = p.size**2
    return Measure(
        protocol=protocol.id,
        planes=tuple(Plane(channel.coefficients, channel.offset) for channel in CHANNELS[protocol.channel]),
        border=protocol.border(scale),
        peak=protocol.peak,
        window=p.weights(),
        c1=(p.k1 * protocol.peak) ** 2,
        c2=(p.k2 * protocol.peak) ** 2,
        covariance_factor=n / (n - 1) if p.sample_covariance else 1.0,
        rounded=protocol.rounded,
    )


def as_scored(sr: Pixels, hr: Pixels, scale: int, protocol: Protocol, quantities: Sequence[str]) -> dict[str, float]:
    """Values by name of quantity, PSNR and SSIM of RGB images by the scoring core's arithmetic.

    A platform's scorer gives the same digits of these two, whatever Python and NumPy it runs under. Images are uint8 of
    equal shape, HxWx3 or HxW.

    Raises:
        SrbenchError: an image that cannot be measured, or an unknown quantity.
    """
    own: dict[str, float] = {}
    if protocol.prepare == "rgb" and sr.ndim == 3 and {"psnr", "ssim"} & set(quantities):
        how = measure_of(protocol, scale)
        check_pair(sr, hr, how.border, len(how.window))
        found = measure(sr, hr, how, ssim="ssim" in quantities)
        own = {"psnr": found.psnr, "ssim": found.ssim}
    others = [get_quantity(name) for name in quantities if name not in own]
    values = {**own, **measure_image(sr, hr, scale, protocol, others)}
    return {name: values[name] for name in quantities if name in values}


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
        columns=COLUMNS,
        stems=tuple(sorted(stems)),
        equal_to_reference=equal_to_reference,
        limits=limits or Limits(),
    )
