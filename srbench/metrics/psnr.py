"""PSNR of one image."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from srbench.metrics.protocols import DEFAULT, Protocol, get_protocol, mean_squared_error, psnr_of_mse


def psnr(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int = 4, protocol: str | Protocol = DEFAULT) -> float:
    """PSNR [dB] of SR against HR; ``inf`` when nothing measured differs.

    Takes two uint8 arrays of equal shape, HxWx3 (RGB) or HxW (grey, measured as three equal channels). The protocol
    says what is shaved (``scale`` pixels per side by default), which channel is measured and the peak.

    Raises:
        SrbenchError: wrong type or shape, different shapes, nothing left after shaving, or an unknown protocol.

    >>> import numpy as np
    >>> hr = np.full((16, 16, 3), 100, dtype=np.uint8)
    >>> round(psnr(hr + 1, hr, scale=2), 2)  # one level of RGB is 219/255 of a level of studio-range luma
    49.45
    >>> psnr(hr, hr)
    inf
    """
    used = get_protocol(protocol)
    return psnr_of_mse(mean_squared_error(sr, hr, scale, used), used.peak)
