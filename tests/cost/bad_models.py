"""Models that misbehave, as a plugin file: each must be reported in a sentence and leave the others measured."""

from __future__ import annotations

import os
import time

import torch
from torch import nn
from torch.nn import functional as F

from srbench.models.card import ModelCard
from srbench.models.registry import register


class Good(nn.Module):
    """A well-behaved x2 network: two convs and a pixel shuffle."""

    def __init__(self, scale: int = 2) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3, padding=1)
        self.tail = nn.Conv2d(8, 3 * scale * scale, 3, padding=1)
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shuffle(self.tail(torch.relu(self.body(x))))


class Sleepy(Good):
    """Sleeps instead of computing."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        time.sleep(0.05)
        return super().forward(x)


class Hidden(Good):
    """Has a convolution that no module hook sees."""

    def __init__(self, scale: int = 2) -> None:
        super().__init__(scale)
        self.kernel = nn.Parameter(torch.randn(8, 8, 3, 3) / 9)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shuffle(self.tail(F.conv2d(self.body(x), self.kernel, padding=1)))


class FirstCall(Good):
    """Fills a cache of 4 MiB in its first call only, which takes half a second."""

    cache: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.cache is None:
            time.sleep(0.5)
            self.cache = torch.ones(1024, 1024, device=x.device)
        return super().forward(x) + self.cache[0, 0]


class Picky(Good):
    """Crashes at one size."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] == 24:
            raise ValueError("24 columns are too many")
        return super().forward(x)


class Dying(Good):
    """Takes its whole process down."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not x.is_meta:
            os._exit(7)
        return super().forward(x)


class Hanging(Good):
    """Never answers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not x.is_meta:
            time.sleep(3600)
        return super().forward(x)


class Chatty(Good):
    """Prints to stdout, where the answers of a worker go."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        print("forward!")
        return super().forward(x)


for _class in (Good, Sleepy, Hidden, FirstCall, Picky, Dying, Hanging, Chatty):
    register(
        ModelCard(
            name=f"bad-{_class.__name__.lower()}",
            title=_class.__name__,
            paper="tests",
            year=2024,
            scales=(2,),
            network=f"{__name__}:{_class.__name__}",
        )
    )
