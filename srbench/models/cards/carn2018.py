"""Cards of CARN and CARN-M (Ahn et al., ECCV 2018)."""

from __future__ import annotations

from srbench.models.card import ModelCard, Weights

_FILE = (
    "https://raw.githubusercontent.com/nmhkahn/CARN-pytorch/"
    "40d3514f81cccd680d846cd5ab07af35f2c8e0e2/checkpoint/carn_m.pth"
)
_BLOCKS = ("cascading<-carn2018", "residual-block<-edsr2017", "pixel-shuffle<-espcn2016")


def _released(scale: int) -> Weights:
    return Weights(
        tag="released",
        scale=scale,
        origin="released",
        url=_FILE,
        bytes=1670695,
        sha256="d48a759a84509351facb6b7c6d5bd6edec98b98519b8c464ee4ab44d2ba964ff",
        licence="unstated",
        key_map="srbench.models.carn2018:released_keys",
        note="One file holds the upsamplers of x2, x3 and x4.",
    )


CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="carn",
        title="CARN",
        paper="carn2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.carn2018:CARN",
        params={2: 1_591_939, 3: 1_591_939, 4: 1_591_939},
        family="carn",
        blocks=_BLOCKS,
        note="Multi-scale: all three upsamplers are in the count, one is called. Mean shifts are constants.",
    ),
    ModelCard(
        name="carn-single",
        title="CARN (one scale)",
        paper="carn2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.carn2018:CARN",
        arguments={"all_scales": False},
        params={2: 964_163, 3: 1_148_803, 4: 1_111_875},
        family="carn",
        variant_of="carn",
        blocks=_BLOCKS,
        note="CARN with the upsampler of its own scale only.",
    ),
    ModelCard(
        name="carn-m",
        title="CARN-M",
        paper="carn2018",
        year=2018,
        scales=(2, 3, 4),
        network="srbench.models.carn2018:CARN",
        arguments={"groups": 4, "shared": True, "shift_as_conv": True},
        params={2: 414_811, 3: 414_811, 4: 414_811},
        weights=(_released(2), _released(3), _released(4)),
        family="carn",
        variant_of="carn",
        blocks=_BLOCKS,
        note="Groups of 4, one residual block per cascading block called three times. The count includes the 24 "
        "parameters of the released file's mean shifts.",
    ),
)
