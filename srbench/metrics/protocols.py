"""Measuring SR against HR under a named, versioned protocol; the registry of protocols."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError, unknown_name
from srbench.imaging import shave
from srbench.metrics.fused import PlaneSource, SsimConstants, mse, mse_and_ssim
from srbench.metrics.parameters import CHANNELS, Channel, Protocol, SsimParameters
from srbench.registry import Registry

__all__ = [
    "PROTOCOLS",
    "Protocol",
    "Score",
    "SsimParameters",
    "get_protocol",
    "protocol_names",
    "psnr_of_mse",
    "register_protocol",
    "score",
]

DEFAULT = "y-matlab"

_BUILT_IN = (
    Protocol(name="y-matlab", title="Luma (BT.601 studio range, not rounded), shave = scale: the papers' tables"),
    Protocol(name="y-rounded", title="Luma rounded to uint8, shave = scale", rounded=True),
    Protocol(name="rgb-ntire", title="RGB, shave = scale (4 at x4): the NTIRE challenges", channel="rgb"),
    Protocol(
        name="y-matlab-plane",
        title="Luma of the HR file, rounded (a grey file as stored), resized and super-resolved as a plane of "
        "real numbers; SR clipped to [16, 235] and rounded; shave = scale: the papers' rows of MATLAB programs",
        prepare="luma",
    ),
)


@dataclass(frozen=True)
class Score:
    """PSNR [dB] and mean SSIM of one image, with the protocol that gave them.

    ``identical`` holds exactly when nothing measured differs; ``psnr`` is then infinite.
    """

    psnr: float
    ssim: float
    identical: bool
    protocol: Protocol

    @property
    def protocol_id(self) -> str:
        """Id of the protocol, e.g. "y-matlab@1"."""
        return self.protocol.id

    def __repr__(self) -> str:
        return (
            f"Score(psnr={self.psnr}, ssim={self.ssim}, identical={self.identical}, protocol_id='{self.protocol_id}')"
        )

    def as_dict(self) -> dict[str, Any]:
        """The score for JSON: an infinite PSNR is None (null)."""
        return {
            "psnr": None if self.identical else self.psnr,
            "ssim": self.ssim,
            "identical": self.identical,
            "protocol": self.protocol_id,
        }


PROTOCOLS: Registry[Protocol] = Registry(
    "protocol", Protocol, built_in=lambda: _BUILT_IN, group="srbench.protocols", name_of=lambda protocol: protocol.id
)
"""Protocols by id ("y-matlab@1"); :func:`get_protocol` knows names without a version too."""


def register_protocol(protocol: Protocol) -> Protocol:
    """Make a protocol known by its id and, as the newest version, by its name. Registering it again is harmless.

    Raises:
        SrbenchError: its id is taken by a protocol with other parameters.
    """
    if protocol.id in PROTOCOLS and PROTOCOLS.get(protocol.id) != protocol:
        raise SrbenchError(
            f"protocol '{protocol.id}' exists with other parameters; give yours another name or version."
        )
    PROTOCOLS.add(protocol)
    return protocol


def protocol_names() -> tuple[str, ...]:
    """Ids of all known protocols, built-in ones first."""
    return PROTOCOLS.names()


def get_protocol(name: str | Protocol) -> Protocol:
    """The protocol of an id ("y-matlab@1"), or the newest version of a name ("y-matlab"), in upper or lower case.

    Raises:
        SrbenchError: unknown name; the nearest known ones are given.
    """
    if isinstance(name, Protocol):
        return name
    if name in PROTOCOLS:
        return PROTOCOLS.get(name)
    versions = [protocol for protocol in PROTOCOLS if protocol.name == name.lower()]
    if not versions:
        known = PROTOCOLS.names()
        raise unknown_name("protocol", name, {*known, *(each.partition("@")[0] for each in known)})
    return max(versions, key=lambda protocol: protocol.version)


def psnr_of_mse(error: float, peak: float = 255.0) -> float:
    """PSNR [dB] = 10 log10(peak^2 / MSE); infinite for an MSE of 0."""
    return math.inf if error == 0 else 10.0 * math.log10(peak * peak / error)


def check_pair(sr: Any, hr: Any, border: int, window: int = 1) -> None:
    """Refuse what cannot be compared.

    Raises:
        SrbenchError: no uint8 HxWx3 or HxW arrays, different shapes, or less than ``window`` pixels after shaving.
    """
    for name, image in (("SR", sr), ("HR", hr)):
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
            got = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
            raise SrbenchError(
                f"{name} must be a uint8 array with values 0..255, got {got}; clip, round and convert first."
            )
        if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
            raise SrbenchError(f"{name} must have shape HxWx3 or HxW, got {'x'.join(map(str, image.shape))}.")
    if sr.shape != hr.shape:
        sizes = ["x".join(map(str, image.shape)) for image in (sr, hr)]
        raise SrbenchError(
            f"SR and HR differ in shape, {sizes[0]} and {sizes[1]}; crop HR by modcrop or check the scale."
        )
    if min(sr.shape[:2]) - 2 * border < window:
        needed = window + 2 * border
        raise SrbenchError(
            f"image of {sr.shape[0]}x{sr.shape[1]} pixels is too small: a window of {window} and a shave of {border} "
            f"need at least {needed}x{needed}."
        )


def _sources(sr: npt.NDArray[Any], hr: npt.NDArray[Any], protocol: Protocol) -> Iterator[PlaneSource]:
    """The planes the protocol measures; grey HxW counts as three equal channels."""
    if protocol.prepare == "luma":
        yield PlaneSource(luma_plane(sr), luma_plane(hr))
        return
    channels: Iterable[Channel] = CHANNELS[protocol.channel]
    if sr.ndim == 2:
        first = next(iter(channels))
        channels = (Channel((sum(first.coefficients), 0.0, 0.0), first.offset),)
    for channel in channels:
        only = [i for i, c in enumerate(channel.coefficients) if c == 1.0]
        if protocol.rounded:
            yield PlaneSource(_rounded(sr, channel), _rounded(hr, channel))
        elif sr.ndim == 2:
            yield PlaneSource(sr[..., None], hr[..., None], channel.coefficients[:1], channel.offset)
        elif only:  # a stored channel as it is
            yield PlaneSource(sr[..., only[0]], hr[..., only[0]], None, channel.offset)
        else:
            yield PlaneSource(sr, hr, channel.coefficients, channel.offset)


def luma_plane(image: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Rounded studio luma (H, W) of uint8 RGB; a grey plane as it is, as MATLAB programs take it."""
    return image if image.ndim == 2 else _rounded(image, CHANNELS["y"][0])


def _rounded(image: npt.NDArray[Any], channel: Channel) -> npt.NDArray[np.uint8]:
    """One channel rounded half up to uint8, computed in float64."""
    coefficients = np.asarray(channel.coefficients)
    plane = image * coefficients[0] if image.ndim == 2 else image.reshape(-1, 3).astype(np.float64) @ coefficients
    rounded: npt.NDArray[np.uint8] = np.floor(plane + (channel.offset + 0.5)).astype(np.uint8)
    return rounded.reshape(image.shape[:2])


def window_constants(protocol: Protocol) -> SsimConstants:
    """The protocol's SSIM in numbers: window, constants and the factor on (co)variances."""
    p = protocol.ssim
    n = p.size**2
    c1, c2 = (p.k1 * protocol.peak) ** 2, (p.k2 * protocol.peak) ** 2
    return SsimConstants(p.weights(), c1, c2, n / (n - 1) if p.sample_covariance else 1.0)


def _shaved_sources(sr: Any, hr: Any, scale: int, protocol: Protocol, window: int) -> tuple[PlaneSource, ...]:
    border = protocol.border(scale)
    check_pair(sr, hr, border, window)
    return tuple(_sources(shave(sr, border), shave(hr, border), protocol))


def mean_squared_error(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int, protocol: Protocol) -> float:
    """MSE of the protocol's channels after shaving, in float64; raises SrbenchError as :func:`score` does."""
    sources = _shaved_sources(sr, hr, scale, protocol, 1)
    return math.fsum(map(mse, sources)) / len(sources)


def score(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int = 4, protocol: str | Protocol = DEFAULT) -> Score:
    """PSNR and SSIM of one SR image against HR in one pass.

    Takes two uint8 arrays of equal shape, HxWx3 (RGB) or HxW (grey, measured as three equal channels).
    Over several channels the MSE and the SSIM are averaged. SSIM: Wang et al., IEEE TIP 13(4), 2004, eq. 13.

    Raises:
        SrbenchError: wrong type or shape, different shapes, an image smaller than the window, or an unknown protocol.

    >>> import numpy as np
    >>> hr = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(24, 24, 3)
    >>> score(hr, hr)
    Score(psnr=inf, ssim=1.0, identical=True, protocol_id='y-matlab@1')
    >>> found = score(hr ^ 1, hr, scale=2, protocol="rgb-ntire")
    >>> f"{found.psnr:.2f} dB"
    '48.13 dB'
    """
    used = get_protocol(protocol)
    sources = _shaved_sources(sr, hr, scale, used, used.ssim.size)
    constants = window_constants(used)
    measured = [mse_and_ssim(source, constants) for source in sources]
    error = math.fsum(e for e, _ in measured) / len(measured)
    similarity = math.fsum(s for _, s in measured) / len(measured)
    return Score(psnr_of_mse(error, used.peak), similarity, error == 0.0, used)


def score_values(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int, protocol: Protocol) -> dict[str, float]:
    """:func:`score` as values by name of quantity."""
    found = score(sr, hr, scale, protocol)
    return {"psnr": found.psnr, "ssim": found.ssim}
