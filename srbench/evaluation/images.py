"""One image: super-resolve it, measure the SR under every protocol, save it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.evaluation.engine.tiles import is_out_of_memory
from srbench.imaging import shave, write_image
from srbench.isolation.process import Stopped
from srbench.metrics.measure import measure_image
from srbench.metrics.protocols import Protocol
from srbench.quantities import Quantity

if TYPE_CHECKING:
    from srbench.models.loading import SRModel

Image = NDArray[np.uint8]


MOST_TEXT = 1000
"""Characters of a foreign message that are shown."""


class ModelFailure(SrbenchError):
    """A model raised, ran out of memory, or returned something that is no SR image."""


def super_resolve(model: SRModel, lr: Image, name: str, run: Callable[[Image], Image] | None = None) -> Image:
    """SR of one image.

    ``run`` is how to call the model on LR, where that is not simply ``model(lr)``.

    Raises:
        ModelFailure: the model raised, or returned something else than uint8 (scale*h, scale*w, 3).
    """
    try:
        sr: Any = (run or model)(lr)
    except Stopped as error:
        shape = f"{lr.shape[0]}x{lr.shape[1]}"
        raise ModelFailure(f"{model.card.name} on image '{name}' ({shape}): its process {error}") from error
    except SrbenchError:
        raise
    except Exception as error:  # a user's network may raise anything
        raise ModelFailure(failure_sentence(model.card.name, name, lr.shape, error)) from error
    expected = (lr.shape[0] * model.scale, lr.shape[1] * model.scale, 3)
    if not isinstance(sr, np.ndarray) or sr.dtype != np.uint8 or sr.shape != expected:
        got = f"{sr.dtype} {sr.shape}" if isinstance(sr, np.ndarray) else type(sr).__name__
        raise ModelFailure(
            f"{model.card.name} returned {got} for image '{name}'; expected uint8 {expected} at x{model.scale}."
        )
    return sr


def failure_sentence(model: str, image: str, shape: tuple[int, ...], error: BaseException) -> str:
    """Say in one sentence which model failed where, and what it raised."""
    first_line = _first_line(error)
    where = f"on image '{image}' ({shape[0]}x{shape[1]})"
    if is_out_of_memory(error):
        return (
            f"{model} ran out of memory {where}; use smaller images, --tile, --device cpu or a machine with more "
            "memory."
        )
    return f"{model} raised {getattr(error, 'kind', type(error).__name__)} {where}: {first_line}"


def _first_line(error: BaseException) -> str:
    """The first line of an error's text, at most :data:`MOST_TEXT` characters, whatever its ``__str__`` does."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        return "its message cannot be had"
    first = lines[0] if lines else "no message"
    return first if len(first) <= MOST_TEXT else f"{first[:MOST_TEXT]} ..."


def measure(
    sr: Image, hr: Image, scale: int, protocol: Protocol, quantities: Sequence[Quantity], name: str
) -> dict[str, Any]:
    """What one SR image gives under one protocol, as JSON: ``values`` (None: infinite), ``identical``, ``missing``.

    A quantity that cannot be measured on the image is among ``missing``, with the reason.

    Raises:
        SrbenchError: none of them can.
    """
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for together in _together(quantities):
        try:
            values |= measure_image(sr, hr, scale, protocol, together)
        except SrbenchError as error:
            reasons |= dict.fromkeys((quantity.name for quantity in together), f"{error} (image '{name}')")
    if reasons and not values:
        raise SrbenchError(next(iter(reasons.values())))
    return {
        "values": {quantity: None if math.isinf(value) else float(value) for quantity, value in values.items()},
        "identical": any(map(math.isinf, values.values())) or _equal(sr, hr, protocol.border(scale)),
        "missing": reasons,
    }


def save(path: Path, sr: Image) -> None:
    """Write an SR image as PNG.

    Raises:
        SrbenchError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SrbenchError(
            f"cannot save images in '{path.parent}': {error.strerror}; give another --save-images."
        ) from error
    write_image(path, sr)


def _together(quantities: Sequence[Quantity]) -> list[list[Quantity]]:
    """Those that one function measures in one pass, together."""
    groups: dict[str, list[Quantity]] = {}
    for quantity in quantities:
        groups.setdefault(quantity.together or quantity.name, []).append(quantity)
    return list(groups.values())


def _equal(sr: Image, hr: Image, border: int) -> bool:
    return bool(np.array_equal(shave(sr, border), shave(hr, border)))
