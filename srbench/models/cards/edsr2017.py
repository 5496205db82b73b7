"""Cards of EDSR (Lim et al., CVPR 2017 workshops)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="edsr-baseline",
        title="EDSR-baseline",
        paper="edsr2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.edsr2017:EDSR",
        arguments={"channels": 64, "blocks": 16, "scaling": 1.0},
        input_range=255,
        params={2: 1_369_859, 3: 1_554_499, 4: 1_517_571},
        family="edsr",
        variant_of="edsr",
        blocks=("residual-block<-edsr2017", "residual-frame<-edsr2017", "pixel-shuffle<-espcn2016"),
        note="Mean shifts are constants here, not the 24 frozen parameters of the released code.",
    ),
    ModelCard(
        name="edsr",
        title="EDSR",
        paper="edsr2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.edsr2017:EDSR",
        input_range=255,
        params={2: 40_729_603, 3: 43_680_003, 4: 43_089_923},
        family="edsr",
        blocks=("residual-block<-edsr2017", "residual-frame<-edsr2017", "pixel-shuffle<-espcn2016"),
        note="Papers print 43M, the x4 network.",
    ),
)
