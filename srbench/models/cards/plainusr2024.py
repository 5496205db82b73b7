"""Cards of the PlainUSR family (Wang et al., ACCV 2024)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("icandle/PlainUSR", "d7ff11afe3d12a68c12375a7959d3aa8a3a50eda", "MIT")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="plainusr2024",
        year=2024,
        scales=tuple(params),
        network="srbench.models.plainusr2024:PlainUSR",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.plainusr2024:released_keys"),
        code_licence="MIT",
        family="plainusr",
        variant_of=None if name == "plainusr" else "plainusr",
        blocks=(
            "LIA<-plainusr2024",
            "RepMBConv<-plainusr2024",
            "partial-conv<-fasternet2023",
            "pixel-shuffle<-espcn2016",
        ),
        min_size=1 if len(arguments.get("widths", (1, 2, 3))) == 2 else 7,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "plainusr",
        "PlainUSR",
        {2: 311_364, 4: 333_108},
        {
            2: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSR_Rep_x2.pth",
                1265476,
                "2fdda1ffebfb07352e11651f1814b74bf36446aeb2b9541bea55d0b94d55e52e",
            ),
            4: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSR_Rep_x4.pth",
                1352516,
                "afdf923f7bb2e1904d26673653466bd11d809d2daf19a2c7bd6a38391a70efc2",
            ),
        },
        "The fused form.",
    ),
    _card(
        "plainusr-u",
        "PlainUSR-U",
        {2: 13_628, 4: 19_820},
        {
            2: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRU_Rep_x2.pth",
                61094,
                "8c6c9f82bceaab6b84bacad643443c367bee93e9ecdabb7c7e4cc595dc82df81",
            ),
            4: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRU_Rep_x4.pth",
                85926,
                "d64a40ab30019a20a34bb89dd4c6b5d0ab8b16911c65c63ce31b842f4079d15a",
            ),
        },
        "The fused form.",
        widths=(16, 8),
    ),
    _card(
        "plainusr-t",
        "PlainUSR-T",
        {2: 48_724, 4: 60_100},
        {
            2: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRT_Rep_x2.pth",
                201596,
                "65af9f10f65ec806849bc5eaffadfa0e39101f7a6d7d8f394b13090fce4ae1d4",
            ),
            4: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRT_Rep_x4.pth",
                247164,
                "43f254de7f5f349256aaf7e5b40484d2c9fb3573ca1ef89478c5dd11b86331dc",
            ),
        },
        "The fused form.",
        widths=(32, 16),
    ),
    _card(
        "plainusr-s",
        "PlainUSR-S",
        {2: 57_236, 4: 68_612},
        {
            2: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRS_Rep_x2.pth",
                248766,
                "7517940668d25eb28fbc27751cd9e42258ab0277e474b65ab782bb61cac7e81d",
            ),
            4: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRS_Rep_x4.pth",
                294450,
                "874b274f27c0174df744fd22eec9dea907f484014100479f822e609dda86f919",
            ),
        },
        "The fused form.",
        widths=(32, 16, 8),
        reduced=4,
    ),
    _card(
        "plainusr-m",
        "PlainUSR-M",
        {2: 148_932, 4: 165_492},
        {
            2: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRM_Rep_x2.pth",
                615486,
                "f83f3afee4467e7a239e88b85cb0849cd627d06650bc71dd67370d9bc7c87d54",
            ),
            4: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRM_Rep_x4.pth",
                681790,
                "5f277afeb3dcfc8014a1ae2fb8f79286147f670e68d43fc9d6ccbc3a9650d3d8",
            ),
        },
        "The fused form.",
        widths=(48, 32, 16),
        reduced=8,
    ),
    _card(
        "plainusr-l",
        "PlainUSR-L",
        {2: 707_076, 4: 734_004},
        {
            2: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRL_Rep_x2.pth",
                2851834,
                "695596b258962f2e17cea71ff94cfa64067f061c748546f0d1d4b3aa46f520c2",
            ),
            4: (
                "2024_PlainUSR_ACCV/pretrained_model/PlainUSRL_Rep_x4.pth",
                2959610,
                "050a1d20f2046d01eadab9efd8918a5d9ef705586faab16192d42b897d99ec4e",
            ),
        },
        "The fused form.",
        widths=(80, 64, 48),
        num_convs=3,
    ),
)
