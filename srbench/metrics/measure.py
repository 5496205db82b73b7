"""Any set of quantities of one SR image, each function called once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.metrics.protocols import Protocol, check_pair, get_protocol
from srbench.plugins import import_attribute
from srbench.quantities import DEFAULT_QUALITY, Quantity, image_quantities


def score(
    sr: npt.NDArray[Any],
    hr: npt.NDArray[Any],
    scale: int = 4,
    protocol: str | Protocol = "y-matlab",
    quantities: Sequence[str] = DEFAULT_QUALITY,
) -> dict[str, float]:
    """All asked quantities of one SR image in one pass, by name.

    Args:
        sr: uint8 HxWx3 (RGB) or HxW.
        hr: the reference of equal shape.
        scale: factor between LR and HR; sets the border that is left out.
        protocol: name or id (``srbench list protocols``).
        quantities: of images, one value each (``srbench list quantities``).

    Raises:
        SrbenchError: an image that cannot be measured, or an unknown protocol or quantity.

    >>> hr = np.full((16, 16, 3), 100, dtype=np.uint8)
    >>> {name: round(value, 2) for name, value in score(hr + 1, hr, scale=2).items()}
    {'psnr': 49.45, 'ssim': 1.0}
    """
    return measure_image(sr, hr, scale, get_protocol(protocol), image_quantities(tuple(quantities)))


def measure_image(
    sr: npt.NDArray[Any], hr: npt.NDArray[Any] | None, scale: int, protocol: Protocol, quantities: Sequence[Quantity]
) -> dict[str, float]:
    """The values of ``quantities`` for one image, by name, in their order.

    Quantities that share a function (PSNR and SSIM) are measured by one call of it, and by it too when only one of
    them is asked for: a value does not depend on what else is measured.

    Args:
        sr: uint8 HxWx3 or HxW.
        hr: the reference of equal shape; may be None where no quantity needs one.
        scale: factor between LR and HR.
        protocol: how to measure.
        quantities: of images, one value each; those of whole sets are left out.

    Raises:
        SrbenchError: an image that cannot be measured, or a quantity's function that raises or gives no number.
    """
    wanted = [quantity for quantity in quantities if quantity.needs in ("sr+hr", "sr")]
    found: dict[str, float] = {}
    for quantity in wanted:
        if quantity.name in found:
            continue
        if quantity.together:
            found.update(import_attribute(quantity.together)(sr, hr, scale, protocol))
        else:
            found[quantity.name] = _measured(quantity, sr, hr, scale, protocol)
    return {quantity.name: found[quantity.name] for quantity in wanted}


def _measured(
    quantity: Quantity, sr: npt.NDArray[Any], hr: npt.NDArray[Any] | None, scale: int, protocol: Protocol
) -> float:
    images = (sr,) if quantity.needs == "sr" else (sr, hr)
    if quantity.needs == "sr+hr":
        check_pair(sr, hr, protocol.border(scale))
    try:
        value = float(quantity.function()(*images, scale, protocol))
    except SrbenchError:
        raise
    except Exception as error:  # a plugin's function: anything can be raised
        raise SrbenchError(f"quantity '{quantity.name}' raised {type(error).__name__}: {error}") from error
    if math.isnan(value):
        raise SrbenchError(f"quantity '{quantity.name}' gave NaN for an image of {'x'.join(map(str, np.shape(sr)))}.")
    return value
