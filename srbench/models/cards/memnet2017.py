"""Card of MemNet (Tai et al., ICCV 2017)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="memnet",
        title="MemNet",
        paper="memnet2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.memnet2017:MemNet",
        colour="y",
        pre_upsampled=True,
        params={2: 678_209, 3: 678_209, 4: 678_209},
        family="memnet",
        blocks=("memory-block<-memnet2017", "recursion<-drcn2016", "global-residual<-vdsr2016"),
        note="M6R6, one reconstruction (the multi-supervised variant would add six ensemble weights). 676,992 "
        "weights and 1,217 biases; AIDN's '677K' at x4 counts the weights alone.",
    ),
)
