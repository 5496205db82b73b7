"""Cards of SRCNN (Dong et al., ECCV 2014; TPAMI 2016)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="srcnn",
        title="SRCNN",
        paper="srcnn2014",
        year=2014,
        scales=(2, 3, 4),
        network="srbench.models.srcnn2014:SRCNN",
        colour="y",
        pre_upsampled=True,
        params={2: 57_281, 3: 57_281, 4: 57_281},
        family="srcnn",
        blocks=("plain-conv<-srcnn2014",),
        note="The 9-5-5 network: the PSNR that papers quote is its own, also where they print '8K' (the parameters "
        "of 9-1-5) beside it.",
    ),
    ModelCard(
        name="srcnn-915",
        title="SRCNN (9-1-5)",
        paper="srcnn2014",
        year=2014,
        scales=(2, 3, 4),
        network="srbench.models.srcnn2014:SRCNN",
        arguments={"kernels": (9, 1, 5)},
        colour="y",
        pre_upsampled=True,
        params={2: 8_129, 3: 8_129, 4: 8_129},
        family="srcnn",
        variant_of="srcnn",
        blocks=("plain-conv<-srcnn2014",),
        note="The 9-1-5 network of the ECCV paper, 8,129 parameters: the '8K' that IMDN and RFDN print.",
    ),
)
