"""Why a network is worse than bicubic: the input ranges, channel orders and mean shifts it may have been trained for.

Each is tried on one natural image. Nothing is changed by it: what the network declares stays in force until the
user says otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.imaging import imresize
from srbench.metrics import get_protocol
from srbench.metrics.measure import measure_image
from srbench.models.loading import SRModel
from srbench.models.notes import Diagnosis, Trial
from srbench.quantities import DEFAULT_QUALITY, get_quantity

Image = NDArray[np.uint8]

MEAN = (0.4488, 0.4371, 0.4040)
"""Mean RGB of DIV2K in [0, 1], which networks of EDSR's kind have taken off their input."""
_LARGEST = 128


def diagnose(model: SRModel, lr: Image, hr: Image) -> Diagnosis:
    """Try every range, order and mean shift on one image, at most 128x128 LR pixels from its middle.

    Args:
        model: a network with weights.
        lr: uint8 (h, w, 3), natural: noise drives many networks out of their domain.
        hr: uint8 (scale*h, scale*w, 3).

    Raises:
        SrbenchError: an interpolation, images that are not ``scale`` apart, or a network without weights.

    >>> from srbench.models import open_model
    >>> diagnose(open_model("bicubic"), np.zeros((8, 8, 3), np.uint8), np.zeros((32, 32, 3), np.uint8))
    Traceback (most recent call last):
        ...
    srbench.errors.SrbenchError: 'bicubic' is no network; there is no range to try.
    """
    if model.network is None:
        raise SrbenchError(f"'{model.card.name}' is no network; there is no range to try.")
    lr, hr = _middle(lr, hr, model.scale)
    declared = Trial(model.card.input_range, model.card.order, False, _measured(model, lr, hr))
    others = [
        replace(trial, value=_measured(_as(model, trial), lr, hr))
        for trial in _ways(model)
        if trial.way != declared.way
    ]
    ranked = sorted(
        [declared, *others], key=lambda trial: -np.inf if trial.value is None else trial.value, reverse=True
    )
    return Diagnosis(declared, _of_image(imresize(lr, model.scale), hr, model.scale), tuple(ranked))


def _ways(model: SRModel) -> Iterator[Trial]:
    orders: tuple[Literal["rgb", "bgr"], ...] = ("rgb", "bgr") if model.card.colour == "rgb" else ("rgb",)
    ranges: tuple[Literal[1, 255], ...] = (1, 255)
    for input_range, order, shifted in itertools.product(ranges, orders, (False, True)):
        yield Trial(input_range, order, shifted, None)


def _as(model: SRModel, trial: Trial) -> SRModel:
    """The same network, fed as ``trial`` says."""
    card = model.card.model_copy(update={"input_range": trial.input_range, "order": trial.order})
    network = model.network
    if trial.shifted and network is not None:
        mean = torch.tensor(MEAN if trial.order == "rgb" else MEAN[::-1])
        mean = (mean if card.colour == "rgb" else mean.mean().reshape(1)) * trial.input_range
        network = _Shifted(network, mean.view(1, -1, 1, 1).to(model.device))
    return replace(model, card=card, network=network)


class _Shifted(nn.Module):
    """Takes a mean colour off the input and adds it to the output."""

    def __init__(self, network: nn.Module, mean: Tensor) -> None:
        super().__init__()
        self.network, self.mean = network, mean

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x - self.mean) + self.mean  # type: ignore[no-any-return]


def _measured(model: SRModel, lr: Image, hr: Image) -> float | None:
    try:
        return _of_image(model(lr), hr, model.scale)
    except Exception:  # a network may raise anything outside its range; that trial has no figure
        return None


def _of_image(sr: Image, hr: Image, scale: int) -> float:
    """The field's first quantity over RGB."""
    first = get_quantity(DEFAULT_QUALITY[0])
    return measure_image(sr, hr, scale, get_protocol("rgb-ntire"), [first])[first.name]


def _middle(lr: Image, hr: Image, scale: int) -> tuple[Image, Image]:
    height, width = lr.shape[:2]
    if hr.shape[:2] != (height * scale, width * scale):
        raise SrbenchError(f"HR is {hr.shape[0]}x{hr.shape[1]}, expected {scale} times LR, {height}x{width}.")
    top, left = max(0, (height - _LARGEST) // 2), max(0, (width - _LARGEST) // 2)
    rows, columns = slice(top, top + _LARGEST), slice(left, left + _LARGEST)
    hr_rows, hr_columns = (slice(s.start * scale, s.stop * scale) for s in (rows, columns))
    return np.ascontiguousarray(lr[rows, columns]), np.ascontiguousarray(hr[hr_rows, hr_columns])
