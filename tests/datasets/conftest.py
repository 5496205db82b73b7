"""Small images on disk, in whatever layout a test asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from srbench.imaging import imresize, modcrop, write_image

NAMES = ("baby", "bird", "butterfly")


def picture(name: str, height: int = 26, width: int = 38) -> np.ndarray:
    """A reproducible smooth uint8 image, other for every name."""
    rng = np.random.default_rng(sum(map(ord, name)))
    return imresize(rng.integers(0, 256, (height // 2, width // 2, 3), dtype=np.uint8), (height, width))


def shrunk(hr: np.ndarray, scale: int) -> np.ndarray:
    hr = modcrop(hr, scale)
    return imresize(hr, (hr.shape[0] // scale, hr.shape[1] // scale))


@pytest.fixture
def lay_out(tmp_path: Path) -> Callable[..., Path]:
    """Write HR and LR images by file-name patterns: ``lay_out("S/HR/{}.png", "S/LR_bicubic/X4/{}x4.png")``."""

    def build(hr: str, lr: str | None = None, scale: int = 4, names: tuple[str, ...] = NAMES) -> Path:
        for name in names:
            write_image(tmp_path / hr.format(name), picture(name))
            if lr is not None:
                write_image(tmp_path / lr.format(name), shrunk(picture(name), scale))
        return tmp_path

    return build
