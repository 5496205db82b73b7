"""Cards of the ETDS family and of its plain reference (Chao et al., CVPR 2023)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("ECNUSR/ETDS", "64ad1b8539ebdc17ee543398fd87da541fe3c071", "Apache-2.0")
_DUAL = ("ET<-etds2023", "dual-stream<-etds2023", "clip-conv<-etds2023", "pixel-shuffle<-espcn2016")
_BLOCKS = {
    "ETDS": _DUAL,
    "DualStream": _DUAL,
    "PlainSR": ("plain-conv<-vdsr2016", "pixel-shuffle<-espcn2016"),
}


def _card(
    name: str,
    title: str,
    params: dict[int, int],
    files: dict[int, File],
    note: str = "",
    network: str = "ETDS",
    **arguments: Any,
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="etds2023",
        year=2023,
        scales=tuple(params),
        network=f"srbench.models.etds2023:{network}",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.etds2023:released_keys"),
        code_licence="Apache-2.0",
        family="etds",
        variant_of=None if name == "etds-m" else "etds-m",
        blocks=_BLOCKS[network],
        equivalent_to=name.removesuffix("-train") if name.endswith("-train") else None,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "etds-t-train",
        "ETDS-T (training form)",
        {2: 12_110, 3: 14_300, 4: 17_366},
        {},
        "Two streams, before they are joined; deploy() gives etds-t, which has more parameters: the joined matrices "
        "hold zeros. No weights of this form were released.",
        network="DualStream",
        channels=16,
        num_middle=5,
    ),
    _card(
        "etds-t",
        "ETDS-T",
        {2: 13_944, 3: 16_920, 4: 21_360},
        {
            2: (
                "experiments/pretrained_models/ETDS/ETDS_M5C16_x2.pth",
                60341,
                "80ebfeb873f40f2e31f5cbbc5168f9ddd645f9144bd205be205c96240d799d86",
            ),
            3: (
                "experiments/pretrained_models/ETDS/ETDS_M5C16_x3.pth",
                72245,
                "4b0c216ce5edbbfd552c5f370239fc283d10e986eae46993482fd49e80094a3c",
            ),
            4: (
                "experiments/pretrained_models/ETDS/ETDS_M5C16_x4.pth",
                90037,
                "e15cc9f9782e8ddf5d8ad7c2cea3d0c6388400fee95808e108bea7a0ffb4eedb",
            ),
        },
        "The fused form. Trained on DIV2K.",
        channels=16,
        num_middle=5,
    ),
    _card(
        "etds-s",
        "ETDS-S",
        {2: 41_512, 3: 46_792, 4: 54_112},
        {
            2: (
                "experiments/pretrained_models/ETDS/ETDS_M4C32_x2.pth",
                170043,
                "d8c64b4f6f9e501be550a22b93c47897478615f8a17bd4984e91fa85e2f3d3b9",
            ),
            3: (
                "experiments/pretrained_models/ETDS/ETDS_M4C32_x3.pth",
                191163,
                "b1847f01507c80c9ff44aebb3a8e1377e00023a1f12eb32331e478f04bcadc76",
            ),
            4: (
                "experiments/pretrained_models/ETDS/ETDS_M4C32_x4.pth",
                220475,
                "6d77e63a0fc715e0dbe8574814c5663ba615d9ce3a9b371e81e5be6d8377bc65",
            ),
        },
        "The fused form. Trained on DIV2K.",
        channels=32,
        num_middle=4,
    ),
    _card(
        "etds-m",
        "ETDS-M",
        {2: 60_008, 3: 65_288, 4: 72_608},
        {
            2: (
                "experiments/pretrained_models/ETDS/ETDS_M6C32_x2.pth",
                245231,
                "0b3cab35f426cf13ce0220c2f88c71c41c42d3f0c323c7d77edf7cb80434c8bc",
            ),
            3: (
                "experiments/pretrained_models/ETDS/ETDS_M6C32_x3.pth",
                266351,
                "54e1a861e24e5659d68a8784493525fd58288e72badd5bb7fdfe2d4680f28fde",
            ),
            4: (
                "experiments/pretrained_models/ETDS/ETDS_M6C32_x4.pth",
                295663,
                "32a7fc201431af66e9a917c518488ce5809ccf49219400b92878ac30df70198c",
            ),
        },
        "The fused form. Trained on DIV2K.",
        channels=32,
        num_middle=6,
    ),
    _card(
        "etds-l",
        "ETDS-L",
        {2: 152_184, 3: 159_768, 4: 169_968},
        {
            2: (
                "experiments/pretrained_models/ETDS/ETDS_M7C48_x2.pth",
                614505,
                "1268508595e9202502bb6f618b584b2def972b8ad2b9fafde77e163b702ae5e8",
            ),
            3: (
                "experiments/pretrained_models/ETDS/ETDS_M7C48_x3.pth",
                644841,
                "a82e0409e86a662c46c15c0b9a53a74910ae5bf5f8abe1982850b314ef180c8b",
            ),
            4: (
                "experiments/pretrained_models/ETDS/ETDS_M7C48_x4.pth",
                685673,
                "733502b10a6c5ddacc90ac25a970a913ec010776422cb56275dd8c08061f4036",
            ),
        },
        "The fused form. Trained on DIV2K.",
        channels=48,
        num_middle=7,
    ),
    _card(
        "plain-m6c32",
        "Plain-M6C32",
        {4: 70_256},
        {
            4: (
                "experiments/pretrained_models/Plain/Plain_M6C32_x4.pth",
                285685,
                "10927bb03c96664eba3dc7913bffc92775149928906cccb6587e9c687bccf8ba",
            ),
        },
        "The same chain trained as it is, without the two streams.",
        network="PlainSR",
        channels=32,
        num_middle=6,
    ),
)
