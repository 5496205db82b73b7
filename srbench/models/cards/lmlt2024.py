"""Card of LMLT-Tiny (Kim et al., 2024)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("jwgdmkj/LMLT", "8602015ffb97300afd72c6ec3de9c89691e69a88", "MIT")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="lmlt2024",
        year=2024,
        scales=tuple(params),
        network="srbench.models.lmlt2024:LMLT",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key="params", key_map="srbench.models.lmlt2024:released_keys"),
        code_licence="MIT",
        family="lmlt",
        variant_of=None if name == "lmlt-tiny" else "lmlt-tiny",
        blocks=("LHSB<-lmlt2024", "window-attention<-swin2021", "SAFM<-safmn2023", "pixel-shuffle<-espcn2016"),
        min_size=2,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "lmlt-tiny",
        "LMLT-Tiny",
        {2: 239_340, 3: 244_215, 4: 251_040},
        {
            2: (
                "experiments/pretrained_model/LMLT_tiny_x2.pth",
                2070321,
                "50087c339ae94ef23a193842fe6abdca048b6320c62a693f92fded975d306504",
            ),
            3: (
                "experiments/pretrained_model/LMLT_tiny_x3_new.pth",
                2109233,
                "cebaeeb09d16b9ae30f72b4ef3b87a262cb0126b8de6ed3f14f822f269a0ad76",
            ),
            4: (
                "experiments/pretrained_model/LMLT_tiny_x4_new.pth",
                2164017,
                "72410dc18b42d22321d62c34fa18713f3744a55f3a6dae6b43b5d10251e67a71",
            ),
        },
        "Trained on DIV2K and Flickr2K. Its file holds an average (EMA) too, which its authors do not test. The "
        "weights of the larger networks are not public.",
    ),
)
