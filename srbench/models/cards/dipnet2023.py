"""Card of DIPNet (Yu et al., CVPR workshops 2023)."""

from __future__ import annotations

from srbench.models.card import ModelCard
from srbench.models.releases import Repository

_REPOSITORY = Repository("xiumu00/DIPNet", "69f43a7873a866a492ee316bc579e56b6f861170", "MIT")

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="dipnet",
        title="DIPNet",
        paper="dipnet2023",
        year=2023,
        scales=(4,),
        network="srbench.models.rlfn2022:RLFN",
        arguments={"channels": 44, "middle": 38, "num_blocks": 4, "bias": False},
        min_size=15,
        params={4: 243_252},
        weights=_REPOSITORY.weights(
            {
                4: (
                    "model_zoo/DIPNet.pth",
                    991924,
                    "7495450802b78cd15f4892851b2479de6605b24f1df1dbbfcaa5227201d61cc1",
                )
            },
            key_map="srbench.models.rlfn2022:released_keys",
        ),
        code_licence="MIT",
        family="rlfn",
        blocks=("RLFB<-rlfn2022", "ESA<-rfanet2020", "pixel-shuffle<-espcn2016"),
        note="RLFN's graph pruned to 44 channels (38 inside), no biases outside the attention; NTIRE 2023, range 0..1.",
    ),
)
