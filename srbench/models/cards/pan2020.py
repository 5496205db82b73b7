"""Card of PAN (Zhao et al., ECCV 2020 workshops)."""

from __future__ import annotations

from srbench.models.card import ModelCard, Weights

_RELEASE = (
    "https://raw.githubusercontent.com/zhaohengyuan1/PAN/"
    "4d045d18592c5771cd3990da88f292812774e538/experiments/pretrained_models"
)


def _released(scale: int, size: int, sha256: str) -> Weights:
    return Weights(
        tag="released",
        scale=scale,
        origin="released",
        url=f"{_RELEASE}/PANx{scale}_DF2K.pth",
        bytes=size,
        sha256=sha256,
        licence="unstated",
        key_map="srbench.models.pan2020:released_keys",
    )


CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="pan",
        title="PAN",
        paper="pan2020",
        year=2020,
        scales=(2, 3, 4),
        network="srbench.models.pan2020:PAN",
        params={2: 261_403, 3: 261_403, 4: 272_419},
        weights=(
            _released(2, 1076593, "fcf8ed48656abbaae46309ee91745684b80235a9c8b37a2d8fb0715a3ad3f00f"),
            _released(3, 1076593, "86491751d73645a8816a0d6ec62ccde6b22ce5da930e36b3b87f5437167fbc89"),
            _released(4, 1121681, "739fab99ee7b7058dab4d1b84aa2869bb9fc3995a1c08789c20355bee943833c"),
        ),
        family="pan",
        blocks=("pixel-attention<-pan2020", "SCPA<-pan2020"),
        note="Team XPixel of AIM 2020.",
    ),
)
