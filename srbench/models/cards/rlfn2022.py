"""Cards of the RLFN family (Kong et al., CVPR workshops 2022)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("bytedance/RLFN", "bccfde91bf8b2de80789ec033a029e6f2a932330", "Apache-2.0")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str, **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="rlfn2022",
        year=2022,
        scales=tuple(params),
        network="srbench.models.rlfn2022:RLFN",
        arguments=arguments,
        input_range=255,
        min_size=15,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.rlfn2022:released_keys"),
        code_licence="Apache-2.0",
        family="rlfn",
        variant_of=None if name == "rlfn" else "rlfn",
        blocks=("RLFB<-rlfn2022", "ESA<-rfanet2020", "pixel-shuffle<-espcn2016"),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "rlfn",
        "RLFN",
        {2: 526_856, 4: 543_740},
        {
            2: (
                "model_zoo/rlfn_x2.pth",
                2145309,
                "eafe5d5feeb122022453595c06d79160facdc157ae88deb02a44c50f5eba2d41",
            ),
            4: (
                "model_zoo/rlfn_x4.pth",
                2212893,
                "8c7edb57dfc89048bafba29d591d4c27d4099964b4a9e22df23d6dc257a637c0",
            ),
        },
        "No x3 weights were released.",
    ),
    _card(
        "rlfn-s",
        "RLFN-S",
        {2: 454_620, 4: 470_208},
        {
            2: (
                "model_zoo/rlfn_s_x2.pth",
                1855005,
                "f5175f499f869c1b884c2552a1bcd6abd07ab352e3d8c8c9abe31b1deb60fe45",
            ),
            4: (
                "model_zoo/rlfn_s_x4.pth",
                1919005,
                "f769c5a88433786b2db0c2b24da6ca6c92a24c62344b9354a390f8a74388e89d",
            ),
        },
        "RLFN with 48 channels.",
        channels=48,
    ),
    _card(
        "rlfn-ntire",
        "RLFN (NTIRE 2022)",
        {4: 317_218},
        {
            4: (
                "model_zoo/rlfn_ntire_x4.pth",
                1294011,
                "3c9be7b9d7a4bece9b68c83a56a1ffb38010f76413d5f215be6b4be842e18fb2",
            ),
        },
        "The challenge's winner: 4 blocks of 46 channels, 48 inside; the baseline of NTIRE 2024.",
        channels=46,
        middle=48,
        num_blocks=4,
    ),
)
