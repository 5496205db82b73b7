"""Cards of the BSRN family (Li et al., CVPR workshops 2022)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("xiaom233/BSRN", "2d63d5239c9fa9810b9c1aea93e98d42ece09efc", "MIT")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="bsrn2022",
        year=2022,
        scales=tuple(params),
        network="srbench.models.bsrn2022:BSRN",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.bsrn2022:released_keys"),
        code_licence="MIT",
        family="bsrn",
        variant_of=None if name == "bsrn" else "bsrn",
        blocks=(
            "ESDB<-bsrn2022",
            "BSConv<-bsconv2020",
            "FDC<-rfdn2020",
            "ESA<-rfanet2020",
            "CCA<-imdn2019",
            "distillation-frame<-imdn2019",
            "pixel-shuffle<-espcn2016",
        ),
        min_size=15,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "bsrn",
        "BSRN",
        {2: 331_628, 3: 340_283, 4: 352_400},
        {
            2: (
                "experiments/pretrained_models/net_g_BSRN_x2.pth",
                1441677,
                "09bd1f85e017c7902e65a9c9770ee592efe3d013f6b5cf1fe7de8cabac4ba37d",
            ),
            3: (
                "experiments/pretrained_models/net_g_BSRN_x3.pth",
                1476301,
                "6eb73a300aaec5029bc0de7f5ae85c02b8dcd8fdaf438c77f90272939fecca7e",
            ),
            4: (
                "experiments/pretrained_models/net_g_BSRN_x4.pth",
                1524813,
                "47518e0f549f5696da0c84ca2d65bf50d789c7ac20e621909f5fd6c8c8d70bcb",
            ),
        },
        "Trained on DF2K.",
    ),
    _card(
        "bsrn-s",
        "BSRN-S",
        {4: 156_288},
        {
            4: (
                "experiments/pretrained_models/net_g_BSRN-S.pth",
                699603,
                "f035e512bcecd2999af21999fdaeb6ed39a4492ac11d214b8164d27e6e958fec",
            ),
        },
        "First of the model complexity track of NTIRE 2022. Trained on DF2K. Its 1x1 convolutions are linear layers in "
        "its authors' code, which the challenge's hooks leave out: they count 43 convolutions, 65.76M activations; "
        "as convolutions there are 121 and 209.19M.",
        channels=48,
        num_blocks=5,
        reduced=12,
        attention="weight",
        pointwise_bias=True,
    ),
)
