"""SSIM of one image."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from srbench.metrics.protocols import DEFAULT, Protocol, score


def ssim(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int = 4, protocol: str | Protocol = DEFAULT) -> float:
    """Mean SSIM of SR against HR over the valid region of the window; 1.0 when nothing measured differs.

    Takes two uint8 arrays of equal shape, HxWx3 (RGB) or HxW (grey, measured as three equal channels).
    Source: Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP 13(4),
    2004, eq. 13. Use :func:`srbench.metrics.score` to get PSNR in the same pass.

    Raises:
        SrbenchError: wrong type or shape, different shapes, an image smaller than the window, or an unknown protocol.

    >>> import numpy as np
    >>> hr = np.tile(np.arange(32, dtype=np.uint8) * 8, (32, 1))
    >>> ssim(hr, hr)
    1.0
    >>> round(ssim(hr // 2, hr), 3)
    0.74
    """
    return score(sr, hr, scale, protocol).ssim
