"""The natural image that a network is run on when shapes alone are not enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

IMAGE = "chelsea"


def natural_image(shape: Sequence[int], dtype: torch.dtype, device: torch.device | str, peak: float = 1.0) -> Tensor:
    """A photograph as a network's input, mirrored where it is too small.

    Args:
        shape: (N, C, H, W); 3 channels get RGB, others the luma.
        dtype: floating-point type of the result.
        device: where it shall be.
        peak: value of white, 1 or 255.

    Raises:
        SrbenchError: scikit-image, whose wheel carries the photograph, is not installed.
    """
    from srbench.datasets.embedded import pairs

    pixels = next(pair for pair in pairs(1) if pair.name == IMAGE).hr()
    batch, channels, height, width = shape
    tall, wide = (max(0, wanted - have) for wanted, have in zip((height, width), pixels.shape[:2], strict=True))
    pixels = np.pad(pixels, ((0, tall), (0, wide), (0, 0)), mode="symmetric")[:height, :width]
    image = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).to(torch.float64)
    if channels != 3:
        image = image.mean(0, keepdim=True).expand(channels, height, width)
    return (image * (peak / 255)).expand(batch, channels, height, width).to(device=device, dtype=dtype).contiguous()
