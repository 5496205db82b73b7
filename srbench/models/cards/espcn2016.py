"""Card of ESPCN (Shi et al., CVPR 2016), on colours."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("ECNUSR/ETDS", "64ad1b8539ebdc17ee543398fd87da541fe3c071", "Apache-2.0")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="espcn2016",
        year=2016,
        scales=tuple(params),
        network="srbench.models.espcn2016:ESPCN",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.espcn2016:released_keys"),
        code_licence="Apache-2.0",
        family="espcn",
        variant_of=None if name == "espcn-rgb" else "espcn-rgb",
        blocks=("pixel-shuffle<-espcn2016",),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "espcn-rgb",
        "ESPCN (RGB)",
        {2: 26_796, 3: 31_131, 4: 37_200},
        {
            2: (
                "experiments/pretrained_models/ESPCN/ESPCN_x2.pth",
                109015,
                "a4d7d234ead30ebca8f5fbeb13a0ca77ebe2a3cf4a0dd9e9d29a57381497eb37",
            ),
            3: (
                "experiments/pretrained_models/ESPCN/ESPCN_x3.pth",
                126359,
                "259b39673d43dbc8188b9e4c549bb9f01557708751a09562d48bb59464153526",
            ),
            4: (
                "experiments/pretrained_models/ESPCN/ESPCN_x4.pth",
                150679,
                "94ebb1ab6218b41ad47cfcbf8d5b29280e0bc9cd394ac209498cb628bc3ad6ec",
            ),
        },
        "Retrained on DIV2K by the authors of ETDS. On colours, with a sigmoid; the paper works on luma.",
    ),
)
