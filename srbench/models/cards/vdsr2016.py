"""Card of VDSR (Kim et al., CVPR 2016)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="vdsr",
        title="VDSR",
        paper="vdsr2016",
        year=2016,
        scales=(2, 3, 4),
        network="srbench.models.vdsr2016:VDSR",
        colour="y",
        pre_upsampled=True,
        params={2: 665_921, 3: 665_921, 4: 665_921},
        family="vdsr",
        blocks=("plain-conv<-srcnn2014", "global-residual<-vdsr2016"),
        note="664,704 weights and 1,217 biases; AIDN's '665K' at x4 counts the weights alone.",
    ),
)
