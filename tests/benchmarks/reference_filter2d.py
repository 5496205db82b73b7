"""The usual formulation of PSNR-Y and SSIM-Y: float64 planes and five ``cv2.filter2D`` calls with an 11x11 window."""

from __future__ import annotations

import numpy as np


def luma(image: np.ndarray) -> np.ndarray:
    """BT.601 studio-range Y of uint8 RGB, float64."""
    return image.astype(np.float64) @ (np.array([65.481, 128.553, 24.966]) / 255.0) + 16.0


def psnr_ssim_y(sr: np.ndarray, hr: np.ndarray, scale: int) -> tuple[float, float]:
    """PSNR [dB] and SSIM of the luma after shaving ``scale`` pixels."""
    import cv2

    inner = (slice(scale, -scale), slice(scale, -scale))
    x, y = luma(sr)[inner], luma(hr)[inner]
    psnr = 10.0 * np.log10(255.0**2 / np.mean((x - y) ** 2))
    line = cv2.getGaussianKernel(11, 1.5)
    window = line @ line.T

    def windowed(plane: np.ndarray) -> np.ndarray:
        return cv2.filter2D(plane, -1, window)[5:-5, 5:-5]

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_x, mean_y = windowed(x), windowed(y)
    var_x = windowed(x * x) - mean_x**2
    var_y = windowed(y * y) - mean_y**2
    covariance = windowed(x * y) - mean_x * mean_y
    ssim = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return float(psnr), float(ssim.mean())
