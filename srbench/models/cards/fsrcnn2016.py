"""Cards of FSRCNN (Dong et al., ECCV 2016): the paper's network on luma, and one on colours with public weights."""

from __future__ import annotations

from srbench.models.card import ModelCard
from srbench.models.releases import Repository

_ETDS = Repository("ECNUSR/ETDS", "64ad1b8539ebdc17ee543398fd87da541fe3c071", "Apache-2.0")

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="fsrcnn",
        title="FSRCNN",
        paper="fsrcnn2016",
        year=2016,
        scales=(2, 3, 4),
        network="srbench.models.fsrcnn2016:FSRCNN",
        colour="y",
        params={2: 12_809, 3: 12_809, 4: 12_809},
        family="fsrcnn",
        blocks=("transposed-conv<-fsrcnn2016",),
        note="12,464 weights, 173 biases, 172 PReLU slopes; AIDN's '12K' at x4 counts the weights alone.",
    ),
    ModelCard(
        name="fsrcnn-rgb",
        title="FSRCNN (RGB)",
        paper="fsrcnn2016",
        year=2016,
        scales=(2, 3, 4),
        network="srbench.models.fsrcnn2016:FSRCNN",
        arguments={"colours": 3},
        params={2: 24_683, 3: 24_683, 4: 24_683},
        weights=_ETDS.weights(
            {
                2: (
                    "experiments/pretrained_models/FSRCNN/FSRCNN_x2.pth",
                    105056,
                    "77f972e3021812b96056c85daa73a2a2cea63aedba8118d4b0a8f2dcaeb14fc9",
                ),
                3: (
                    "experiments/pretrained_models/FSRCNN/FSRCNN_x3.pth",
                    105056,
                    "21ceae0138d9f2deeaf05fa60fad0b38e7ef442027ac70650587dfa678005ee6",
                ),
                4: (
                    "experiments/pretrained_models/FSRCNN/FSRCNN_x4.pth",
                    105056,
                    "2f2953527d6cd98863d4a197c6cdc09bed356a98256b19fb852a1811753296bb",
                ),
            },
            key_map="srbench.models.fsrcnn2016:released_keys",
        ),
        code_licence="Apache-2.0",
        family="fsrcnn",
        variant_of="fsrcnn",
        blocks=("transposed-conv<-fsrcnn2016",),
        note="Retrained on DIV2K by the authors of ETDS, on colours; the paper works on luma.",
    ),
)
