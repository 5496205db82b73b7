"""Two model cards: data only, so that listing them imports no torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from srbench.models.card import ModelCard


def repeat_pixels(lr: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Nearest-neighbour upsampling, uint8 (h, w, 3) -> (scale*h, scale*w, 3)."""
    return lr.repeat(scale, axis=0).repeat(scale, axis=1)


CARDS = (
    ModelCard(
        name="example-espcn",
        title="Example ESPCN",
        paper="example2026",
        year=2026,
        scales=(2, 4),
        network="srbench_example_plugin.network:ExampleESPCN",
        arguments={"channels": 8},
        params={2: 1_100, 4: 3_728},
        family="example",
        blocks=("pixel-shuffle<-espcn2016",),
        note="A network of a plugin: two convolutions and a pixel shuffle.",
    ),
    ModelCard(
        name="example-nearest",
        title="Nearest neighbour",
        paper="example2026",
        year=2026,
        scales=(2, 3, 4),
        interpolation="srbench_example_plugin.models:repeat_pixels",
        family="example",
        note="An interpolation of a plugin: a function, no network and no weights.",
    ),
)
