"""Quality of a network in training on images held out from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from srbench.models.card import ModelCard

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ValidationSet:
    """LR and HR images, uint8 HxWx3, HR exactly ``scale`` times LR."""

    name: str
    scale: int
    pairs: tuple[tuple[UInt8, UInt8], ...]


def load_validation(name: str, scale: int, limit: int | None = None) -> ValidationSet:
    """Load a dataset (by name or folder) into memory for validation."""
    from srbench.datasets import open_dataset

    dataset = open_dataset(name, scale, limit=limit)
    return ValidationSet(dataset.name, scale, tuple(pair.load() for pair in dataset.images))


def mean_values(network: nn.Module, card: ModelCard, images: ValidationSet, device: str) -> dict[str, float]:
    """Means under y-matlab, in fp32, of ``network`` (switched to eval and back) on ``images``: of PSNR alone [dB]."""
    from srbench.metrics.protocols import get_protocol
    from srbench.quantities import PSNR, get_quantity

    quantity, protocol = get_quantity(PSNR), get_protocol("y-matlab")
    measure = quantity.function()

    was_training = network.training
    network.eval()
    values = []
    with torch.inference_mode():
        for low, high in images.pairs:
            x = torch.from_numpy(low.copy()).to(device).permute(2, 0, 1)[None].float() * (card.input_range / 255)
            y = network(x)[0].float() * (255 / card.input_range)
            sr = y.clamp(0, 255).round().byte().permute(1, 2, 0).cpu().numpy()
            values.append(measure(sr, high, images.scale, protocol))
    network.train(was_training)
    return {quantity.name: float(np.mean(values))}
