"""Cards of the ECBSR family (Zhang et al., ACM MM 2021), with the weights that ETDS's authors retrained."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("ECNUSR/ETDS", "64ad1b8539ebdc17ee543398fd87da541fe3c071", "Apache-2.0")


def _plain(name: str) -> str | None:
    plain = name.replace("-et-", "-").removesuffix("-train")
    return None if plain == name else plain


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="ecbsr2021",
        year=2021,
        scales=tuple(params),
        network="srbench.models.ecbsr2021:ECBSR",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.ecbsr2021:released_keys"),
        code_licence="Apache-2.0",
        family="ecbsr",
        variant_of=None if name == "ecbsr-m4c16" else "ecbsr-m4c16",
        blocks=("ECB<-ecbsr2021", "anchor<-abpn2021", "pixel-shuffle<-espcn2016"),
        equivalent_to=_plain(name),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "ecbsr-m4c16-train",
        "ECBSR-M4C16 (training form)",
        {2: 44_604, 3: 58_689, 4: 92_016},
        {},
        "Five branches for each convolution; deploy() gives ecbsr-m4c16. No weights of this form were released.",
        train_form=True,
    ),
    _card(
        "ecbsr-m4c16",
        "ECBSR-M4C16",
        {2: 11_548, 3: 13_723, 4: 16_768},
        {
            2: (
                "experiments/pretrained_models/ECBSR/ECBSR_M4C16_x2.pth",
                51250,
                "d13482aa1e7309fb7cf296376636023647c192c793c46685311fa13739a5ef68",
            ),
            3: (
                "experiments/pretrained_models/ECBSR/ECBSR_M4C16_x3.pth",
                59954,
                "4e66c92d75eb0c7d88ffd922b216f3966a664ce295065be18f70f44a64f9292b",
            ),
            4: (
                "experiments/pretrained_models/ECBSR/ECBSR_M4C16_x4.pth",
                72114,
                "04f630699d14ec695384adf21a18d4effe9722c745d4ea34bc3c8e3e2413c3c3",
            ),
        },
        "The fused form. Retrained on DIV2K by the authors of ETDS.",
        channels=16,
        num_middle=4,
    ),
    _card(
        "ecbsr-m4c32",
        "ECBSR-M4C32",
        {2: 41_516, 3: 45_851, 4: 51_920},
        {
            2: (
                "experiments/pretrained_models/ECBSR/ECBSR_M4C32_x2.pth",
                171122,
                "ff160c76918426f8f1859d99c8c3b90ecb2cfc601d378b33d0381c534525368d",
            ),
            3: (
                "experiments/pretrained_models/ECBSR/ECBSR_M4C32_x3.pth",
                188466,
                "f1aece5af2217a8b0d35d82ef5894d452746db3c072cc5cafe569f07eb557302",
            ),
            4: (
                "experiments/pretrained_models/ECBSR/ECBSR_M4C32_x4.pth",
                212722,
                "6d5bb76ac7c6fc30d3236a18ddd20653137fb86efd2e4e1a24ed73441651b38a",
            ),
        },
        "The fused form. Retrained on DIV2K by the authors of ETDS.",
        channels=32,
        num_middle=4,
    ),
    _card(
        "ecbsr-m6c40",
        "ECBSR-M6C40",
        {2: 92_372, 3: 97_787, 4: 105_368},
        {
            2: (
                "experiments/pretrained_models/ECBSR/ECBSR_M6C40_x2.pth",
                376224,
                "563b94836a82cf36207d560ea06e1bb6a1c98d315c956d71c551eb754aa3e74a",
            ),
            3: (
                "experiments/pretrained_models/ECBSR/ECBSR_M6C40_x3.pth",
                397856,
                "90f66df015bb0e88204348f2cc2f84e90027748da20f2ce6d57d8a5460e1b5e6",
            ),
            4: (
                "experiments/pretrained_models/ECBSR/ECBSR_M6C40_x4.pth",
                428192,
                "bdd8990bc5cb3e6ff0d1027d570171a76b5879cf8b26dc6d1fdbacebdb5e330a",
            ),
        },
        "The fused form. Retrained on DIV2K by the authors of ETDS.",
        channels=40,
        num_middle=6,
    ),
    _card(
        "ecbsr-et-m4c16",
        "ECBSR-ET-M4C16",
        {2: 17_468, 3: 21_020, 4: 26_180},
        {
            2: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M4C16_x2.pth",
                75692,
                "dcf7d5c704916940bb4905eb30394eeb13bb5eeed676dbb6636f527f6777140a",
            ),
            3: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M4C16_x3.pth",
                89900,
                "f28cb7bc8200266e5db9cbe1c9dc18e156da8178210293dfbf64b34201763fe4",
            ),
            4: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M4C16_x4.pth",
                110572,
                "3f1d435a2c12f50e3de902912b4d94a7f31a05edf399e1b5351e553d83f4dc39",
            ),
        },
        "After ETDS's equivalent transformation: no addition at the end. Retrained on DIV2K by the authors of ETDS.",
        channels=16,
        num_middle=4,
        equivalent=True,
    ),
    _card(
        "ecbsr-et-m4c32",
        "ECBSR-ET-M4C32",
        {2: 52_044, 3: 57_900, 4: 65_940},
        {
            2: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M4C32_x2.pth",
                213996,
                "e04ea167b101784befcdb0e1a50075db652b06e245cef57d52622b0b5dd8eeaa",
            ),
            3: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M4C32_x3.pth",
                237420,
                "58f5f9d5c660a575114bd106fc3defec53f3778c21c635bcf8fc1f533baeea5a",
            ),
            4: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M4C32_x4.pth",
                269612,
                "ad69a2fec4e759a4f96bdd5afa2f723c9606e2d1c35ad6a95b84a8af3ae481c5",
            ),
        },
        "After ETDS's equivalent transformation: no addition at the end. Retrained on DIV2K by the authors of ETDS.",
        channels=32,
        num_middle=4,
        equivalent=True,
    ),
    _card(
        "ecbsr-et-m6c40",
        "ECBSR-ET-M6C40",
        {2: 111_268, 3: 118_276, 4: 127_756},
        {
            2: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M6C40_x2.pth",
                452250,
                "21ad3b956a0ba72e102500bac1a40ceffbd56fb47de36338f079f964b6c79db7",
            ),
            3: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M6C40_x3.pth",
                480282,
                "58b4cb26a166ba66404fad5b5d1c8d3c4524dba0eed67ecbea32dcf443336b2a",
            ),
            4: (
                "experiments/pretrained_models/ECBSR/ECBSR_ET_M6C40_x4.pth",
                518234,
                "3d1e24df11feaf6a25b8d0143f0d7d4b51eb2e0b227ac247cd78d5fe4183eb15",
            ),
        },
        "After ETDS's equivalent transformation: no addition at the end. Retrained on DIV2K by the authors of ETDS.",
        channels=40,
        num_middle=6,
        equivalent=True,
    ),
)
