"""Card of DRCN (Kim et al., CVPR 2016)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="drcn",
        title="DRCN",
        paper="drcn2016",
        year=2016,
        scales=(2, 3, 4),
        network="srbench.models.drcn2016:DRCN",
        colour="y",
        pre_upsampled=True,
        params={2: 1_774_096, 3: 1_774_096, 4: 1_774_096},
        family="drcn",
        blocks=("recursion<-drcn2016", "global-residual<-vdsr2016"),
        note="1,774,080 convolution weights and the 16 weights of the ensemble. The printed 1,774K leaves no room "
        "for the 1,025 biases (1,775K), so the convolutions have none.",
    ),
)
