"""Stand-in for ``timm.layers``: stochastic depth, tuples, truncated normal values and the two-layer perceptron."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

import torch
from torch import Tensor, nn


class DropPath(nn.Module):
    """Drops whole samples of a residual branch while training (probability ``drop_prob``); else the identity."""

    def __init__(self, drop_prob: float = 0.0, scale_by_keep: bool = True) -> None:
        super().__init__()
        self.drop_prob, self.scale_by_keep = drop_prob, scale_by_keep

    def forward(self, x: Tensor) -> Tensor:
        """Any shape, samples first."""
        return drop_path(x, self.drop_prob, self.training, self.scale_by_keep)


def drop_path(x: Tensor, drop_prob: float = 0.0, training: bool = False, scale_by_keep: bool = True) -> Tensor:
    """The function behind :class:`DropPath`."""
    if not training or not drop_prob:
        return x
    keep = 1 - drop_prob
    kept = x.new_empty(x.shape[0], *[1] * (x.ndim - 1)).bernoulli_(keep)
    return x * (kept / keep if scale_by_keep and keep > 0 else kept)


def to_ntuple(n: int) -> Callable[[Any], tuple[Any, ...]]:
    """A function that makes a tuple of ``n`` equal values, and leaves what is iterable already."""

    def convert(value: Any) -> tuple[Any, ...]:
        several = isinstance(value, Iterable) and not isinstance(value, str)
        return tuple(value) if several else tuple(repeat(value, n))

    return convert


to_1tuple, to_2tuple, to_3tuple, to_4tuple = (to_ntuple(n) for n in (1, 2, 3, 4))


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> Tensor:
    """Fill with normal values cut off at ``a`` and ``b``."""
    return nn.init.trunc_normal_(tensor, mean, std, a, b)


class Mlp(nn.Module):
    """Linear, activation, linear over the last dimension."""

    def __init__(
        self,
        in_features: int,
        hidden_features: int | None = None,
        out_features: int | None = None,
        act_layer: Callable[[], nn.Module] = nn.GELU,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        hidden = hidden_features or in_features
        self.fc1 = nn.Linear(in_features, hidden)
        self.act = act_layer()
        self.drop1 = nn.Dropout(drop)
        self.fc2 = nn.Linear(hidden, out_features or in_features)
        self.drop2 = nn.Dropout(drop)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in_features) -> (..., out_features)."""
        return self.drop2(self.fc2(self.drop1(self.act(self.fc1(x)))))  # type: ignore[no-any-return]


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of (N, c, h, w)."""

    def __init__(self, num_channels: int, eps: float = 1e-6) -> None:
        super().__init__(num_channels, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        """(N, c, h, w) -> (N, c, h, w)."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def _assert(condition: bool, message: str) -> None:
    torch._assert(condition, message)
