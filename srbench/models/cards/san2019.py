"""Card of SAN (Dai et al., CVPR 2019)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="san",
        title="SAN",
        paper="san2019",
        year=2019,
        scales=(2, 3, 4),
        network="srbench.models.san2019:SAN",
        input_range=255,
        min_size=2,
        params={2: 15_674_732, 3: 15_859_372, 4: 15_822_444},
        family="san",
        blocks=(
            "SOCA<-san2019",
            "region-non-local<-san2019",
            "residual-in-residual<-rcan2018",
            "residual-frame<-edsr2017",
            "pixel-shuffle<-espcn2016",
        ),
        note="One region non-local module is called before and after the groups. Printed 15,674K at x2 is cut, not "
        "rounded.",
    ),
)
