"""Cards of the LKDN family (Xie et al., CVPR workshops 2023)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("stella-von/LKDN", "54df78a491142c2503d9738192b767ceced4d1a1", "MIT")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="lkdn2023",
        year=2023,
        scales=tuple(params),
        network="srbench.models.lkdn2023:LKDN",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(
            files, key=None if name == "lkdn-s" else "params_ema", key_map="srbench.models.lkdn2023:released_keys"
        ),
        code_licence="MIT",
        family="lkdn",
        variant_of=None if name == "lkdn" else "lkdn",
        blocks=(
            "LKDB<-lkdn2023",
            "LKA<-van2022",
            "BSConv<-bsconv2020",
            "FDC<-rfdn2020",
            "pixel-norm<-vapsr2022",
            "distillation-frame<-imdn2019",
            "pixel-shuffle<-espcn2016",
        ),
        equivalent_to=name.removesuffix("-train") if name.endswith("-train") else None,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "lkdn",
        "LKDN",
        {2: 303_812, 3: 311_387, 4: 321_992},
        {
            2: (
                "experiments/pretrained_models/LKDN/LKDN_x2.pth",
                2579929,
                "02b429e795ad0863fdf21c6924c79344e30a39d637c44442d13124193b012e6b",
            ),
            3: (
                "experiments/pretrained_models/LKDN/LKDN_x3.pth",
                2640473,
                "52835d49d402683ea2085c13e4afc3aca49f6b806ea29d6ed29b2238cd7874c5",
            ),
            4: (
                "experiments/pretrained_models/LKDN/LKDN_x4.pth",
                2725465,
                "f534422583c99dad994fd7df897f6f872637218430cfedf6c2d2a072ea86dbd7",
            ),
        },
        "Trained on DF2K.",
    ),
    _card(
        "lkdn-s",
        "LKDN-S",
        {4: 129_177},
        {
            4: (
                "experiments/pretrained_models/LKDN/LKDN-S_del_rep_x4.pth",
                559105,
                "b802a3945d7d4f22f836668a78448b37fe5da90d7b08afc564fbddfa594a8cf1",
            ),
        },
        "The fused form. Trained on DF2K.",
        channels=42,
        num_blocks=5,
    ),
    _card(
        "lkdn-s-train",
        "LKDN-S (training form)",
        {4: 172_449},
        {
            4: (
                "experiments/pretrained_models/LKDN/LKDN-S_x4.pth",
                1494129,
                "39ff2c69cdeb40f842c9f93368caee3323a4309c350373edeb2dc9ef3cc05851",
            ),
        },
        "LKDN-S before its branches are fused; deploy() gives lkdn-s.",
        channels=42,
        num_blocks=5,
        train_form=True,
    ),
)
