"""Cards of DRRN (Tai et al., CVPR 2017)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="drrn",
        title="DRRN",
        paper="drrn2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.drrn2017:DRRN",
        colour="y",
        pre_upsampled=True,
        params={2: 297_601, 3: 297_601, 4: 297_601},
        family="drrn",
        blocks=("recursion<-drcn2016", "residual-unit<-drrn2017", "global-residual<-vdsr2016"),
        note="B1U9: nine residual units share two convolutions. 297,216 weights and 385 biases. The cost that AIDN "
        "prints is that of 25 units, drrn-b1u25, with the same parameters.",
    ),
    ModelCard(
        name="drrn-b1u25",
        title="DRRN (B1U25)",
        paper="drrn2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.drrn2017:DRRN",
        arguments={"units": 25},
        colour="y",
        pre_upsampled=True,
        params={2: 297_601, 3: 297_601, 4: 297_601},
        family="drrn",
        variant_of="drrn",
        blocks=("recursion<-drcn2016", "residual-unit<-drrn2017", "global-residual<-vdsr2016"),
        note="B1U25: 25 residual units share two convolutions (52 layers), the network whose cost AIDN's Table 3 "
        "prints.",
    ),
)
