"""Cards of bicubic interpolation."""

from __future__ import annotations

from srbench.models.card import ModelCard

_SCALES = (2, 3, 4, 6, 8)

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="bicubic",
        title="Bicubic",
        paper="keys1981",
        year=1981,
        scales=_SCALES,
        interpolation="srbench.models.bicubic:bicubic",
        family="bicubic",
        note="MATLAB's imresize on the RGB LR image; the papers' row is it under the protocol y-matlab-plane.",
    ),
    ModelCard(
        name="bicubic-torch",
        title="Bicubic (PyTorch)",
        paper="keys1981",
        year=1981,
        scales=_SCALES,
        interpolation="srbench.models.bicubic:bicubic_torch",
        family="bicubic",
        variant_of="bicubic",
        note="PyTorch's interpolate, whose kernel has the coefficient -0.75; ETDS's logs have this row.",
    ),
)
