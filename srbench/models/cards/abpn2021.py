"""Cards of the ABPN family (Du et al., CVPR workshops 2021), with the weights that ETDS's authors retrained."""

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
        paper="abpn2021",
        year=2021,
        scales=tuple(params),
        network="srbench.models.abpn2021:ABPN",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.abpn2021:released_keys"),
        code_licence="Apache-2.0",
        family="abpn",
        variant_of=None if name == "abpn-m4c28" else "abpn-m4c28",
        blocks=("anchor<-abpn2021", "pixel-shuffle<-espcn2016"),
        equivalent_to=name.replace("-et-", "-") if "-et-" in name else None,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "abpn-m4c28",
        "ABPN-M4C28",
        {2: 33_464, 3: 42_539, 4: 62_048},
        {
            2: (
                "experiments/pretrained_models/ABPN/ABPN_M4C28_x2.pth",
                138043,
                "a925babc9f53564aa2c94ac35ec36498b90765848597acabfbf022ab8b94fbba",
            ),
            3: (
                "experiments/pretrained_models/ABPN/ABPN_M4C28_x3.pth",
                174331,
                "b4f334b15078c1adb8bd64f73495b30675492a7d90b89148a9560052c2c9d007",
            ),
            4: (
                "experiments/pretrained_models/ABPN/ABPN_M4C28_x4.pth",
                252411,
                "25b0c9f568b8e5eb7e05f07378a5bdea40a5e495aab345359beea14f6e6dadda",
            ),
        },
        "Retrained on DIV2K by the authors of ETDS.",
        channels=28,
        num_middle=4,
    ),
    _card(
        "abpn-m6c40",
        "ABPN-M6C40",
        {2: 93_400, 3: 104_095, 4: 125_872},
        {
            2: (
                "experiments/pretrained_models/ABPN/ABPN_M6C40_x2.pth",
                379055,
                "3008fb66d3148424cf23995c7246609647e75cd49d7360976036e681acc5fcab",
            ),
            3: (
                "experiments/pretrained_models/ABPN/ABPN_M6C40_x3.pth",
                421807,
                "4565f297e2574b035a9e5df7507fb62afec116d268ff1a5d8c440aa4cdf44f1f",
            ),
            4: (
                "experiments/pretrained_models/ABPN/ABPN_M6C40_x4.pth",
                508975,
                "de22fa3bb6c0f005e150e295b75479d93ae67e4f5eef024a00471cf3c8de9dbd",
            ),
        },
        "Retrained on DIV2K by the authors of ETDS.",
        channels=40,
        num_middle=6,
    ),
    _card(
        "abpn-et-m4c28",
        "ABPN-ET-M4C28",
        {2: 44_408, 3: 54_958, 4: 77_780},
        {
            2: (
                "experiments/pretrained_models/ABPN/ABPN_ET_M4C28_x2.pth",
                182453,
                "9e2d0d71e8a07289fece161521e7718dd400ad87f64bdfb33258e53e0512fcaf",
            ),
            3: (
                "experiments/pretrained_models/ABPN/ABPN_ET_M4C28_x3.pth",
                224565,
                "ebaffdec2a3984034b319ac30fffd2ce0e5c4821f1ef612ff9ce870f135df574",
            ),
            4: (
                "experiments/pretrained_models/ABPN/ABPN_ET_M4C28_x4.pth",
                315957,
                "85fa5c26e9f3911f8366c7898dcbe4cb0ef1a71108472511cd1bc1e9e5b9cb38",
            ),
        },
        "After ETDS's equivalent transformation: no addition at the end. Retrained on DIV2K by the authors of ETDS.",
        channels=28,
        num_middle=4,
        equivalent=True,
    ),
    _card(
        "abpn-et-m6c40",
        "ABPN-ET-M6C40",
        {2: 114_288, 3: 126_350, 4: 151_548},
        {
            2: (
                "experiments/pretrained_models/ABPN/ABPN_ET_M6C40_x2.pth",
                463145,
                "c9f8c1fc6528a5ae5c54a32dc8fd9ff662d0ef571e12d138dff676de8d663800",
            ),
            3: (
                "experiments/pretrained_models/ABPN/ABPN_ET_M6C40_x3.pth",
                511273,
                "3e149551f623cf6daa244626ac5997fa641abc1b4b349ae7a75dce6f533588c4",
            ),
            4: (
                "experiments/pretrained_models/ABPN/ABPN_ET_M6C40_x4.pth",
                612201,
                "1f90da3098830150b7c58003c7e1f7f483b4af578baffc5057e339b60af15796",
            ),
        },
        "After ETDS's equivalent transformation: no addition at the end. Retrained on DIV2K by the authors of ETDS.",
        channels=40,
        num_middle=6,
        equivalent=True,
    ),
)
