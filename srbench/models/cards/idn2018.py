"""Card of IDN (Hui et al., CVPR 2018)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="idn",
        title="IDN",
        paper="idn2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.idn2018:IDN",
        colour="y",
        params={2: 552_769, 3: 552_769, 4: 552_769},
        family="idn",
        blocks=("distillation<-idn2018", "transposed-conv<-fsrcnn2016", "global-residual<-vdsr2016"),
        note="Only the stride of the 17x17 transposed convolution depends on the scale.",
    ),
)
