"""Card of CFSR (Wu et al., IEEE Transactions on Image Processing 2024)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("Aitical/CFSR", "ec9b237c5e8616bd2ce1102a866a7bba59203963", "unstated")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="cfsr2024",
        year=2024,
        scales=tuple(params),
        network="srbench.models.cfsr2024:CFSR",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.cfsr2024:released_keys"),
        code_licence="unstated",
        family="cfsr",
        variant_of=None if name == "cfsr" else "cfsr",
        blocks=("LKM<-cfsr2024", "EFN<-cfsr2024", "edge-reparam<-ecbsr2021", "pixel-shuffle<-espcn2016"),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "cfsr",
        "CFSR",
        {2: 291_324, 3: 297_819, 4: 306_912},
        {
            2: ("model_zoo/CFSR_x2.pth", 1252602, "e6440c1a70af2cfa16c51287593f681438c8f307a81f90367a24e42086522f2c"),
            3: ("model_zoo/CFSR_x3.pth", 1278586, "d501ce105b52550be501b327785d6fde27ca3534531f33aa0d530750ec41eb40"),
            4: ("model_zoo/CFSR_x4.pth", 1315002, "59c779a61c72238aed87683a908248d6e9e3cdb78a29a71da196d20092b6f2f6"),
        },
        "The released weights are of the fused form.",
    ),
)
