"""A network with its activations and weights in another order in memory; sums are rounded otherwise in the last bit."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.loading import SRModel

FORMATS = ("contiguous", "channels_last")


class InChannelsLast(nn.Module):
    """``network`` on activations whose channels lie side by side; what comes out is contiguous again."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, c, h, w)."""
        return self.network(x.contiguous(memory_format=torch.channels_last)).contiguous()  # type: ignore[no-any-return]


def with_memory_format(model: SRModel, memory_format: str) -> SRModel:
    """``model`` with its network, in a copy, in "contiguous" or "channels_last"; what has no network stays as it is.

    Raises:
        SrbenchError: no such format.
    """
    if memory_format not in FORMATS:
        raise SrbenchError(f"unknown memory format '{memory_format}'; known: {', '.join(FORMATS)}.")
    if memory_format == "contiguous" or model.network is None:
        return model
    return replace(model, network=InChannelsLast(copy.deepcopy(model.network)).eval())
