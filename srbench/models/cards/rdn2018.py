"""Card of RDN (Zhang et al., CVPR 2018)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="rdn",
        title="RDN",
        paper="rdn2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.rdn2018:RDN",
        range_known=False,
        params={2: 22_123_395, 3: 22_308_035, 4: 22_271_107},
        family="rdn",
        blocks=("dense-block<-rdn2018", "pixel-shuffle<-espcn2016"),
        note="D = 16 blocks of C = 8 layers, growth 64. The paper does not name the range of its input.",
    ),
)
