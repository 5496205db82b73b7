"""Card of LRFDN (Zheng, NTIRE 2023)."""

from __future__ import annotations

from srbench.models.card import ModelCard, Weights

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="lrfdn",
        title="LRFDN",
        paper="lrfdn2023",
        year=2023,
        scales=(4,),
        network="srbench.models.lrfdn2023:LRFDN",
        min_size=15,
        params={4: 198_032},
        weights=(
            Weights(
                tag="released",
                scale=4,
                origin="released",
                url="https://raw.githubusercontent.com/jabir-zheng/LRFDN/"
                "d36f33c4fdc3e0d4d1fb961f238607e1f3d07b14/model_zoo/team30_lrfdn.pth",
                bytes=829159,
                sha256="f8a35b300064b2c3ccee218ef07a6172f49a17fa68674a54fb4b5bf1b2b94cc4",
                licence="unstated",
                key_map="srbench.models.lrfdn2023:released_keys",
                note="The NTIRE 2023 challenge model.",
            ),
        ),
        family="lrfdn",
        blocks=(
            "channel-weighting<-lrfdn2023",
            "FDC<-rfdn2020",
            "SRB<-rfdn2020",
            "EFSA<-maffsrn2020",
            "distillation-frame<-imdn2019",
            "pixel-shuffle<-espcn2016",
        ),
        note="Scales 2 and 3 are not in the paper.",
    ),
)
