"""Card of FSRCNN (Dong et al., ECCV 2016)."""

from __future__ import annotations

from srbench.models.card import ModelCard

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
)
