"""Cards of the RFDN family (Liu et al., AIM 2020)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard, Weights

_FRAME = ("distillation-frame<-imdn2019", "pixel-shuffle<-espcn2016")
_RESIDUAL = "Whether a block adds its input is not in the paper's text; here it does not, as in the released E-RFDN."


def _card(
    name: str, title: str, params: dict[int, int], blocks: tuple[str, ...], note: str, **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="rfdn2020",
        year=2020,
        scales=tuple(params),
        network=f"srbench.models.rfdn2020:{'AblatedRFDN' if 'block' in arguments else 'RFDN'}",
        arguments=arguments,
        params=params,
        family="rfdn",
        variant_of=None if name == "rfdn" else "rfdn",
        blocks=(*blocks, *_FRAME),
        note=f"{note} {_RESIDUAL}".strip(),
    )


def _table1(name: str, title: str, params: int, blocks: tuple[str, ...], **arguments: Any) -> ModelCard:
    note = f"Table 1, row {title.split()[-1]}: 52 channels, CCA reduction 16."
    return _card(name, title, {4: params}, (*blocks, "CCA<-imdn2019"), note, channels=52, reduction=16, **arguments)


def _table2(ratio: str, distilled: int, params: int) -> ModelCard:
    return _card(
        f"rfdn-rate-{ratio}",
        f"RFDN, distillation rate {ratio}",
        {4: params},
        ("FDC<-rfdn2020", "SRB<-rfdn2020", "CCA<-imdn2019"),
        f"Table 2, ratio {ratio}: CCA reduction 16; the three 1x1 convolutions follow the rate, the last 3x3 keeps 24.",
        reduction=16,
        distilled=distilled,
    )


_OWN = ("FDC<-rfdn2020", "SRB<-rfdn2020")

CARDS: tuple[ModelCard, ...] = (
    _card("rfdn", "RFDN", {2: 534_036, 3: 540_531, 4: 549_624}, (*_OWN, "CCA<-imdn2019"), ""),
    _card(
        "rfdn-l",
        "RFDN-L",
        {2: 625_962, 3: 632_997, 4: 642_846},
        (*_OWN, "CCA<-imdn2019"),
        "RFDN with 52 channels.",
        channels=52,
    ),
    ModelCard(
        name="e-rfdn",
        title="E-RFDN",
        paper="rfdn2020",
        year=2020,
        scales=(4,),
        network="srbench.models.rfdn2020:RFDN",
        arguments={"channels": 50, "num_blocks": 4, "attention": "esa", "reduction": 4},
        input_range=255,
        min_size=15,
        params={4: 433_448},
        weights=(
            Weights(
                tag="released",
                scale=4,
                origin="released",
                url="https://raw.githubusercontent.com/njulj/RFDN/"
                "7cf4e25b6633e81fd7e26891aeee2baca4f8f927/trained_model/RFDN_AIM.pth",
                bytes=1754927,
                sha256="11af8ec8ebd68689e90ef1e29044f9804c72d3bd9f7573820b7b26035782760c",
                licence="unstated",
                key_map="srbench.models.rfdn2020:released_keys",
                note="The AIM 2020 challenge model; the paper's tables print other models.",
            ),
        ),
        family="rfdn",
        variant_of="rfdn",
        blocks=(*_OWN, "ESA<-rfanet2020", *_FRAME),
        note="Winner of the AIM 2020 efficient super-resolution challenge; section 4.6.",
    ),
    _table1("rfdn-t1-base", "RFDN ablation: Base", 652_146, ("plain-conv<-vdsr2016",), block="base"),
    _table1("rfdn-t1-srb", "RFDN ablation: SRB", 652_146, ("SRB<-rfdn2020",), block="srb"),
    _table1("rfdn-t1-fdc", "RFDN ablation: FDC", 636_546, ("FDC<-rfdn2020",), block="fdc"),
    _table1("rfdn-t1-rfdb", "RFDN ablation: RFDB", 636_546, _OWN),
    _table2("0.25", 12, 523_434),
    _table2("0.5", 24, 544_386),
    _table2("0.75", 36, 565_338),
)
