"""A network in another floating-point format than single precision: an axis of results, said in each of them."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.loading import SRModel

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "fp64": torch.float64}
"""Of the network's parameters and arithmetic. In fp64 what sums are rounded to lies far below a grey level, so that
neither the size of an image, nor its tiles, nor the machine changes a pixel."""


class InPrecision(nn.Module):
    """``network`` with parameters, input and arithmetic in ``dtype``; what comes out is single precision again."""

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.network = network.to(dtype)
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, c, h, w)."""
        return self.network(x.to(self.dtype)).float()  # type: ignore[no-any-return]


def check_precision(precision: str, device: str) -> None:
    """Refuse a precision that there is not, or not on this device.

    Raises:
        SrbenchError: one sentence.
    """
    if precision not in DTYPES:
        raise SrbenchError(f"unknown precision '{precision}'; known: {', '.join(DTYPES)}.")
    if precision == "fp16" and not device.startswith("cuda"):
        raise SrbenchError("fp16 is run on CUDA only; use bf16 or fp32 on the CPU.")


def with_precision(model: SRModel, precision: str) -> SRModel:
    """``model`` with its network, in a copy, in ``precision``: "fp32", "fp64", "bf16" or (CUDA) "fp16".

    Raises:
        SrbenchError: no such precision here, or a model without a network.

    >>> from srbench.models.opening import open_model
    >>> with_precision(open_model("imdn", weights="none"), "bf16").precision
    'bf16'
    """
    check_precision(precision, model.device)
    if precision == "fp32":
        return model
    if model.network is None:
        raise SrbenchError(f"'{model.card.name}' has no network; the precision is that of networks.")
    network = InPrecision(copy.deepcopy(model.network), DTYPES[precision]).eval()
    return replace(model, network=network, precision=precision)
