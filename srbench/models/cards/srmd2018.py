"""Card of SRMDNF (Zhang et al., CVPR 2018)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="srmdnf",
        title="SRMDNF",
        paper="srmd2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.srmd2018:SRMDNF",
        params={2: 1_510_540, 3: 1_527_835, 4: 1_552_048},
        family="srmd",
        blocks=("degradation-maps<-srmd2018", "pixel-shuffle<-espcn2016"),
        note="The noise-free variant: 15 maps of the bicubic kernel's code beside RGB, batch normalisation folded "
        "away.",
    ),
)
