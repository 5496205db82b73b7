"""Small images and a model that is loaded already."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srbench.imaging import write_image


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A flat folder of two HR images of 48x60 with waves and an edge."""
    folder = tmp_path / "mine"
    folder.mkdir()
    y, x = np.mgrid[0:48, 0:60]
    for name, pitch in (("a", 5.0), ("b", 8.0)):
        waves = [128 + 90 * np.sin(x / pitch + y / (pitch + 2) + phase) for phase in range(3)]
        image = np.stack(waves, axis=-1).clip(0, 255).astype(np.uint8)
        image[20:, 30:] //= 2
        write_image(folder / f"{name}.png", image)
    return folder
