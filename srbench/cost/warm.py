"""What a process needs before its first count, done when this is imported: forked processes have it from the start.

The first count of a process is slow, because torch sets up its operators for tensors without values.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

import srbench.models.no_cuda
import srbench.models.opening  # noqa: F401
from srbench.cost.profile import profile
from srbench.cost.source import Source
from srbench.models.card import ModelCard


def warm() -> None:
    """Count a small network of the usual operators, on one thread: threads do not survive a fork."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    card = ModelCard(name="warm", title="warm", paper="none", year=2000, scales=(2,), network="none:none")
    profile(Source(card, _Usual().eval(), 2), (16, 16), ("macs",))
    torch.set_num_threads(threads)


class _Usual(nn.Module):
    """The operators that networks have most: convolutions, attention, normalisation, resizing."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.norm, self.linear = nn.Conv2d(3, 12, 3, padding=1), nn.LayerNorm(12), nn.Linear(12, 12)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, h, w) -> (N, 3, 2h, 2w)."""
        y = nn.functional.gelu(self.head(x))
        tokens = self.linear(self.norm(y.flatten(2).transpose(1, 2)))
        attention = (tokens @ tokens.transpose(1, 2)).softmax(-1) @ tokens
        y = y + attention.transpose(1, 2).reshape(y.shape) * y.mean((2, 3), keepdim=True).sigmoid()
        pooled = nn.functional.interpolate(nn.functional.max_pool2d(y, 2), y.shape[-2:], mode="bilinear")
        return nn.functional.pixel_shuffle(torch.cat([y[:, :6], pooled[:, 6:]], 1), 2)


warm()
