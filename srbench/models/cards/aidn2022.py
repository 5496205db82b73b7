"""Cards of the AIDN family (Zong et al., CVPR workshops 2022)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard, Weights

_NETWORK = "srbench.models.aidn2022:AIDN"
_OUTSIDE = ("ESA<-rfanet2020", "distillation-frame<-imdn2019", "pixel-shuffle<-espcn2016")
_OWN = ("AIEB<-aidn2022", "multiplexing<-aidn2022", "FDC<-rfdn2020", *_OUTSIDE)

_CHAIN = (
    "Table 2 prints 352K for Base and AIEB alike, but Figure 4, which draws their blocks, is not in the text: "
    "this network is our reading (three stages in a chain and ESA)."
)


def _ablation(block: str, params: int, note: str, blocks: tuple[str, ...], **arguments: Any) -> ModelCard:
    return ModelCard(
        name=f"aidn-t2-{block}",
        title=f"AIDN ablation: {'Base' if block == 'base' else block.upper()}",
        paper="aidn2022",
        year=2022,
        scales=(4,),
        network=_NETWORK,
        arguments={"block": block, **arguments},
        min_size=15,
        params={4: params},
        family="aidn",
        variant_of="aidn",
        blocks=(*blocks, *_OUTSIDE),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="aidn",
        title="AIDN",
        paper="aidn2022",
        year=2022,
        scales=(2, 3, 4),
        network=_NETWORK,
        min_size=15,
        params={2: 323_262, 3: 330_027, 4: 339_498},
        family="aidn",
        blocks=_OWN,
        note="Six blocks: the parameters and FLOPs of the paper's tables need six; the text's four are ARFDN's.",
    ),
    ModelCard(
        name="arfdn",
        title="ARFDN",
        paper="aidn2022",
        year=2022,
        scales=(4,),
        network=_NETWORK,
        arguments={"num_blocks": 4},
        min_size=15,
        params={4: 241_548},
        weights=(
            Weights(
                tag="released",
                scale=4,
                origin="released",
                url="https://raw.githubusercontent.com/ofsoundof/NTIRE2022_ESR/"
                "e95ba4a4916bb13d6348f7ee172827e2452e8a31/model_zoo/team14_arfdn.pth",
                bytes=1001590,
                sha256="e0dcd7238ce49fafa95d7464e6f8ac15aa41b255679f3b9cfa8e4a1311fba46b",
                licence="unstated",
                key_map="srbench.models.aidn2022:released_keys",
            ),
        ),
        family="aidn",
        variant_of="aidn",
        blocks=_OWN,
        note="The authors' entry to NTIRE 2022 (HiImageTeam): AIDN with four blocks.",
    ),
    _ablation("base", 352_848, _CHAIN + " Four blocks.", ("plain-conv<-vdsr2016",), num_blocks=4),
    _ablation(
        "aieb",
        350_736,
        _CHAIN + " Four blocks; 37 channels inside an AIEB come nearest to the print.",
        ("AIEB<-aidn2022",),
        num_blocks=4,
    ),
    _ablation("fdc", 339_498, "Table 2, row FDC: AIDB without the multiplexing.", ("AIEB<-aidn2022", "FDC<-rfdn2020")),
    _ablation("aidb", 339_498, "Table 2, row AIDB: the same network as aidn.", _OWN[:3]),
)
