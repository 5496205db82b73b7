"""Every convention of PSNR and SSIM met in papers and toolboxes, to find out which one a reported number used.

None of these is a protocol of srbench unless its row says so; they exist to explain numbers, not to make them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.metrics.parameters import Protocol, SsimParameters
from srbench.metrics.protocols import Score, get_protocol, mean_squared_error, psnr_of_mse, score

Pair = tuple[npt.NDArray[Any], npt.NDArray[Any]]


@dataclass(frozen=True)
class Convention:
    """One way in which people measure: a protocol, the figures it is about, and how images are averaged.

    ``pooled`` takes the MSE over the pixels of all images before the log, instead of the mean of PSNRs.
    ``grey`` measures images whose HR file has a single channel on its grey values as stored, in their full range.
    """

    key: str
    title: str
    protocol: Protocol
    figures: tuple[str, ...] = ("psnr", "ssim")
    pooled: bool = False
    grey: bool = False


@dataclass(frozen=True)
class ConventionRow:
    """Mean PSNR [dB] and SSIM of a set of images under one convention; None where it does not say."""

    convention: Convention
    psnr: float | None
    ssim: float | None

    @property
    def values(self) -> dict[str, float | None]:
        """The figures by name of quantity."""
        return {"psnr": self.psnr, "ssim": self.ssim}


@dataclass(frozen=True)
class Reported:
    """A number as printed: its figures and the half unit of the last digit of each, within which a match counts."""

    text: str
    psnr: float | None = None
    psnr_tolerance: float = 0.0
    ssim: float | None = None
    ssim_tolerance: float = 0.0

    def by_quantity(self) -> dict[str, tuple[float, float]]:
        """Each given figure and its tolerance by name of quantity.

        >>> Reported("32.21", 32.21, 0.005).by_quantity()
        {'psnr': (32.21, 0.005)}
        """
        figures = {"psnr": (self.psnr, self.psnr_tolerance), "ssim": (self.ssim, self.ssim_tolerance)}
        return {name: (number, within) for name, (number, within) in figures.items() if number is not None}


@dataclass(frozen=True)
class Explanation:
    """Which conventions give the reported figures, and one sentence that says so."""

    matches: tuple[str, ...]
    psnr_matches: tuple[str, ...]
    ssim_matches: tuple[str, ...]
    sentence: str


def conventions() -> tuple[Convention, ...]:
    """All known conventions, the papers' own first."""
    uniform = SsimParameters(window="uniform", size=7, sigma=None, sample_covariance=True)

    def variant(key: str, title: str, **parameters: Any) -> Convention:
        return Convention(key, title, Protocol(name=key, title=title, **parameters))

    def window(key: str, title: str, rounded: bool = False) -> Convention:
        return Convention(key, title, Protocol(name=key, title=title, rounded=rounded, ssim=uniform), ("ssim",))

    y = get_protocol("y-matlab@1")
    return (
        Convention("y-matlab@1", "Y not rounded, shave scale (the papers' measure)", y),
        Convention("y-rounded@1", "Y rounded to uint8, shave scale", get_protocol("y-rounded@1")),
        variant("y-no-shave", "Y not rounded, nothing shaved", shave=0),
        variant("y-rounded-no-shave", "Y rounded to uint8, nothing shaved", shave=0, rounded=True),
        variant("y-full", "full-range Y, rounded (OpenCV YCrCb), shave scale", channel="y-full", rounded=True),
        variant("yiq", "YIQ luma, not rounded (an IQA toolbox's default), shave scale", channel="yiq"),
        Convention("rgb-ntire@1", "RGB, shave scale (the NTIRE measure)", get_protocol("rgb-ntire@1")),
        variant("rgb-no-shave", "RGB, nothing shaved", channel="rgb", shave=0),
        Convention("y-pooled", "Y, shave scale, MSE pooled over the images before the log", y, ("psnr",), True),
        window("y-uniform-7", "Y not rounded, shave scale, SSIM with a 7x7 uniform window"),
        window("y-rounded-uniform-7", "Y rounded, shave scale, SSIM with a 7x7 uniform window", rounded=True),
        Convention(
            "y-rounded-grey-stored",
            "Y rounded, shave scale; a grey HR file as stored, in its full range (older rows of MATLAB programs)",
            get_protocol("y-rounded@1"),
            grey=True,
        ),
    )


def score_conventions(
    pairs: Iterable[Callable[[], Pair]], scale: int, image_done: Callable[[], object] | None = None
) -> tuple[ConventionRow, ...]:
    """Mean PSNR and SSIM over images under every convention; each image is loaded once.

    ``pairs`` are functions that load one (SR, HR) pair of uint8 arrays; HR as HxW says that its file has a single
    channel, which is what the convention for grey files is about: without such a file it has no row. An infinite mean
    PSNR means identical images.

    Raises:
        SrbenchError: no images, or a pair that :func:`srbench.metrics.score` refuses.
    """
    known = conventions()
    figures: dict[str, list[tuple[float, float]]] = {each.key: [] for each in known}
    any_grey = False
    for load in pairs:
        sr, hr = load()
        one_channel = hr.ndim == 2
        any_grey = any_grey or one_channel
        sr, hr = (np.dstack([image] * 3) if image.ndim == 2 else image for image in (sr, hr))
        for each in known:
            if each.pooled:
                error = mean_squared_error(sr, hr, scale, each.protocol)
                pixels = math.prod(side - 2 * each.protocol.border(scale) for side in hr.shape[:2])
                figures[each.key].append((error * pixels, float(pixels)))
            else:
                full = each.grey and one_channel
                found = score(sr, hr, scale, _full_range(each.protocol) if full else each.protocol)
                figures[each.key].append((found.psnr, found.ssim))
        if image_done is not None:
            image_done()
    if not figures[known[0].key]:
        raise SrbenchError("there are no images to score; give at least one pair.")
    return tuple(_row(each, figures[each.key]) for each in known if any_grey or not each.grey)


def row_of_scores(convention: Convention, scores: Sequence[Score]) -> ConventionRow:
    """The row of a convention out of the scores of its images."""
    return _row(convention, [(one.psnr, one.ssim) for one in scores])


def _full_range(protocol: Protocol) -> Protocol:
    """``protocol`` on the grey values of three equal channels: the coefficients of 'yiq' sum to 1, without offset."""
    return protocol.model_copy(update={"channel": "yiq"})


def _row(convention: Convention, figures: Sequence[tuple[float, float]]) -> ConventionRow:
    first, second = np.mean(np.asarray(figures), axis=0).tolist()
    psnr = psnr_of_mse(first / second, convention.protocol.peak) if convention.pooled else first
    return ConventionRow(
        convention, psnr if "psnr" in convention.figures else None, second if "ssim" in convention.figures else None
    )


def _figure(text: str) -> tuple[float, float]:
    """A printed number and half a unit of its last digit."""
    value = float(text)
    decimals = len(text.partition(".")[2])
    return value, 0.5 * 10.0**-decimals


def parse_reported(text: str) -> Reported:
    """Read "28.42", "28.42/0.8104" or "0.8104"; a single number up to 1 is an SSIM.

    Raises:
        SrbenchError: anything else, or an SSIM above 1.

    >>> parse_reported("28.42/0.8104").ssim
    0.8104
    """
    parts = [part.strip() for part in text.split("/")]
    try:
        if len(parts) > 2 or not parts[-1] or any("e" in part.lower() for part in parts):
            raise ValueError
        numbers = [_figure(part) if part else None for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 1 and numbers[0] is not None and numbers[0][0] <= 1.0:
        numbers = [None, numbers[0]]
    psnr, ssim = (*numbers, None, None)[:2]
    finite = all(number is None or math.isfinite(number[0]) for number in (psnr, ssim))
    if (psnr is None and ssim is None) or not finite or (ssim is not None and abs(ssim[0]) > 1.0):
        raise SrbenchError(f"'{text}' is not a reported number; expected PSNR, PSNR/SSIM or SSIM, e.g. 28.42/0.8104.")
    return Reported(text, *(psnr or (None, 0.0)), *(ssim or (None, 0.0)))


def _within(value: float | None, reported: float | None, tolerance: float) -> bool:
    return value is not None and reported is not None and abs(value - reported) <= tolerance * (1.0 + 1e-9)


def explain(rows: Sequence[ConventionRow], reported: Reported) -> Explanation:
    """Say which conventions give the reported number to its last digit: one, several alike, or none."""
    by_psnr = tuple(row.convention.key for row in rows if _within(row.psnr, reported.psnr, reported.psnr_tolerance))
    by_ssim = tuple(row.convention.key for row in rows if _within(row.ssim, reported.ssim, reported.ssim_tolerance))
    if reported.psnr is None or reported.ssim is None:
        both = by_ssim if reported.psnr is None else by_psnr
    else:
        both = tuple(key for key in by_psnr if key in by_ssim)
    return Explanation(both, by_psnr, by_ssim, _sentence(rows, reported, both, by_psnr, by_ssim))


def _sentence(
    rows: Sequence[ConventionRow],
    reported: Reported,
    both: tuple[str, ...],
    by_psnr: tuple[str, ...],
    by_ssim: tuple[str, ...],
) -> str:
    titles = {row.convention.key: row.convention.title for row in rows}
    if len(both) == 1:
        return f"{reported.text} is explained by {both[0]}: {titles[both[0]]}."
    if both:
        return f"{reported.text} fits {len(both)} conventions, which it cannot tell apart: {', '.join(both)}."
    if by_psnr or by_ssim:
        return (
            f"no single convention gives {reported.text}: the PSNR fits {', '.join(by_psnr) or 'none'}, "
            f"the SSIM fits {', '.join(by_ssim) or 'none'}; the two may have been measured differently."
        )
    name, unit = ("PSNR", " dB") if reported.psnr is not None else ("SSIM", "")
    target = reported.psnr if reported.psnr is not None else reported.ssim
    near, value = _nearest(rows, name.lower(), target or 0.0)
    return (
        f"no known convention gives {reported.text} for these pixels; the nearest in {name} is {near} with "
        f"{value:.4f}{unit}, off by {abs(value - (target or 0.0)):.4f}. The SR pixels themselves may differ, "
        "e.g. by other weights or by LR images made with another resize."
    )


def _nearest(rows: Sequence[ConventionRow], figure: str, target: float) -> tuple[str, float]:
    values = [(row.convention.key, getattr(row, figure)) for row in rows]
    return min(((key, value) for key, value in values if value is not None), key=lambda kv: abs(kv[1] - target))
