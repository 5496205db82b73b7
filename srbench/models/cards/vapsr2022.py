"""Cards of the VapSR family (Zhou et al., ECCV workshops 2022)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("zhoumumu/VapSR", "404c584e21ed92b3c9ddc3da8272d366c978148f", "unstated")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="vapsr2022",
        year=2022,
        scales=tuple(params),
        network="srbench.models.vapsr2022:VapSR",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key="params_ema", key_map="srbench.models.vapsr2022:released_keys"),
        code_licence="unstated",
        family="vapsr",
        variant_of=None if name == "vapsr" else "vapsr",
        blocks=("VAB<-vapsr2022", "LKA<-van2022", "pixel-norm<-vapsr2022", "pixel-shuffle<-espcn2016"),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "vapsr",
        "VapSR",
        {2: 329_236, 3: 336_811, 4: 342_220},
        {
            2: ("VapSR_X2.pth", 2785249, "6cbe6af3c18c16c8a2c9b83f484761693884f972e29a4a20e84f64b84d0a10cc"),
            3: ("VapSR_X3.pth", 2845793, "5c0052ea719174ea43e55f337655196fa1564ba2e0b04c3220a1312a18405a09"),
            4: ("VapSR_X4.pth", 2896561, "fa6b84a174d8994eaaaa38156c9d751109b27c833bceeeb6018523e4d8a48ea0"),
        },
        "The averaged weights (EMA) of the file. Trained on DF2K.",
    ),
    _card(
        "vapsr-s",
        "VapSR-S",
        {4: 154_956},
        {
            4: ("VapSR-S.pth", 1324433, "4ca434fcdd4abb327e281b3f7930fe9802b36d3d6acfbe785843fee5db7e0cfe"),
        },
        "The averaged weights (EMA) of the file. Trained on DF2K.",
        channels=32,
        wide=64,
        num_blocks=11,
        groups=2,
    ),
)
