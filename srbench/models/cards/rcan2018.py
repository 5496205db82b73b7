"""Card of RCAN (Zhang et al., ECCV 2018)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="rcan",
        title="RCAN",
        paper="rcan2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.rcan2018:RCAN",
        input_range=255,
        params={2: 15_444_643, 3: 15_629_283, 4: 15_592_355},
        family="rcan",
        blocks=(
            "CA<-rcan2018",
            "residual-in-residual<-rcan2018",
            "residual-frame<-edsr2017",
            "pixel-shuffle<-espcn2016",
        ),
        note="Ten groups of twenty blocks. Printed 15,444K at x2 is cut, not rounded.",
    ),
)
