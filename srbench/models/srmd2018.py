"""SRMDNF: Learning a Single Convolutional Super-Resolution Network for Multiple Degradations (CVPR 2018)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from srbench.models.blocks import conv

KERNEL_SIZE = 15
COMPONENTS = 15


def gaussian_kernel(width_1: float, width_2: float, angle: float) -> NDArray[np.float64]:
    """Anisotropic Gaussian blur kernel, (15, 15), sum 1; widths are standard deviations in pixels, angle in radians."""
    axis = np.arange(KERNEL_SIZE) - KERNEL_SIZE // 2
    x, y = np.meshgrid(axis, axis)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    kernel = np.exp(-0.5 * ((along / width_1) ** 2 + (across / width_2) ** 2))
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)


def bicubic_kernel(scale: int) -> NDArray[np.float64]:
    """Sampled kernel of antialiased bicubic reduction (a = -0.5) by ``scale``, (15, 15), sum 1."""
    x = np.abs((np.arange(KERNEL_SIZE) - KERNEL_SIZE // 2) / scale)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    line = np.where(x <= 1, near, np.where(x < 2, far, 0.0))
    kernel = np.outer(line, line)
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)


@lru_cache(maxsize=8)
def degradation_code(scale: int) -> NDArray[np.float64]:
    """The bicubic kernel's coordinates on 15 principal components of blur kernels, (15,).

    The components are those of a fixed grid of Gaussian kernels (widths 0.2 to ``scale`` + 0.2, eight angles)
    and the bicubic kernel; each is signed so that its largest entry is positive. Source: section 3.2.
    """
    widths = np.linspace(0.2, scale + 0.2, 8)
    angles = np.arange(8) * np.pi / 8
    kernels = [gaussian_kernel(a, b, t) for a in widths for b in widths if a >= b for t in angles]
    bicubic = bicubic_kernel(scale).ravel()
    matrix = np.stack([*(k.ravel() for k in kernels), bicubic])
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    components = vectors[:, ::-1][:, :COMPONENTS]
    components = components * np.sign(components[np.abs(components).argmax(axis=0), np.arange(COMPONENTS)])
    return np.asarray(bicubic @ components, dtype=np.float64)


class SRMDNF(nn.Module):
    """Twelve 3x3 convolutions on the LR image stretched by degradation maps, then a pixel shuffle.

    The noise-free variant has no noise map: 3 + 15 input channels. The maps repeat, at every
    position, the code of the bicubic kernel, the degradation that the papers' tables test. Batch
    normalisation is folded into the convolutions, as in the counts that papers print.
    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: sections 3.2-3.3, Figure 1; 128 features.
    """

    code: Tensor

    def __init__(self, scale: int, depth: int = 12, channels: int = 128) -> None:
        super().__init__()
        self.register_buffer("code", torch.tensor(degradation_code(scale), dtype=torch.float32))
        layers: list[nn.Module] = [conv(3 + COMPONENTS, channels, 3), nn.ReLU(inplace=True)]
        for _ in range(depth - 2):
            layers += [conv(channels, channels, 3), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers, conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        n, _, h, w = x.shape
        maps = self.code.reshape(1, COMPONENTS, 1, 1).expand(n, COMPONENTS, h, w)
        return self.layers(torch.cat([x, maps], dim=1))  # type: ignore[no-any-return]
