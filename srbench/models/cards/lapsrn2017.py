"""Cards of LapSRN (Lai et al., CVPR 2017)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="lapsrn",
        title="LapSRN",
        paper="lapsrn2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.lapsrn2017:LapSRN",
        colour="y",
        params={2: 406_672, 3: 812_768, 4: 812_768},
        family="lapsrn",
        blocks=("laplacian-pyramid<-lapsrn2017", "transposed-conv<-fsrcnn2016"),
        note="The published setting: ten convolutions per level and 3x3 transposed ones; weights alone, as the "
        "printed 813K counts. x3 is x4 reduced to 3/4. The 251K and 502K of two papers fit lapsrn-5conv "
        "instead.",
    ),
    ModelCard(
        name="lapsrn-5conv",
        title="LapSRN (5 convs)",
        paper="lapsrn2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.lapsrn2017:LapSRN",
        arguments={"depth": 5, "kernel": 4, "bias": True},
        colour="y",
        params={2: 251_473, 3: 502_306, 4: 502_306},
        family="lapsrn",
        variant_of="lapsrn",
        blocks=("laplacian-pyramid<-lapsrn2017", "transposed-conv<-fsrcnn2016"),
        note="Five convolutions per level, 4x4 transposed ones, biases: the 251K and 502K that IMDN, RFDN and AIDN "
        "print.",
    ),
)
