"""Stand-in for ``einops.layers.torch``: the functions as modules."""

from __future__ import annotations

from torch import Tensor, nn

from einops import rearrange, reduce


class Rearrange(nn.Module):
    """``rearrange`` with a fixed pattern."""

    def __init__(self, pattern: str, **sizes: int) -> None:
        super().__init__()
        self.pattern, self.sizes = pattern, sizes

    def forward(self, x: Tensor) -> Tensor:
        """The rearranged tensor."""
        return rearrange(x, self.pattern, **self.sizes)


class Reduce(nn.Module):
    """``reduce`` with a fixed pattern."""

    def __init__(self, pattern: str, reduction: str, **sizes: int) -> None:
        super().__init__()
        self.pattern, self.reduction, self.sizes = pattern, reduction, sizes

    def forward(self, x: Tensor) -> Tensor:
        """The reduced tensor."""
        return reduce(x, self.pattern, self.reduction, **self.sizes)
