"""Which pixels of the image an element of a tensor depends on, along each axis; see :mod:`srbench.cost.reach`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from torch import Tensor


class Span(NamedTuple):
    """Along one axis of the image: element ``j`` depends on input pixels ``step * j + low`` to ``step * j + high``."""

    dim: int
    """Dimension of the tensor; both axes name the same one where they are flattened into it."""
    size: int
    step: Fraction
    low: Fraction
    high: Fraction

    def moved(self, dim: int) -> Span:
        """The same along another dimension."""
        return self._replace(dim=dim)

    def windowed(self, size: int, stride: int, first: int, last: int) -> Span:
        """After an operator whose output ``j`` takes elements ``stride * j + first`` to ``stride * j + last``."""
        low, high = self.low + self.step * first, self.high + self.step * last
        return self._replace(size=size, step=self.step * stride, low=low, high=high)

    def resized(self, size: int, ratio: Fraction, first: Fraction, last: Fraction) -> Span:
        """After an operator whose output ``j`` takes elements ``ratio * j + first`` to ``ratio * j + last``."""
        low, high = self.low + self.step * first, self.high + self.step * last
        return self._replace(size=size, step=self.step * ratio, low=low, high=high)


Spans = tuple[Span, Span]
"""Of the image's height and width."""


class Obstacle(Exception):
    """An operator that no overlap makes exact: 'global', 'resize', 'constant' or 'unknown'."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


Lookup = Callable[[Tensor], Spans | None]
Rule = Callable[[Sequence[Any], Any, Lookup], Spans | list[Spans]]
"""(arguments, output, spans of a tensor) -> spans of the output, or of each of several outputs."""


def tensors(values: Any) -> Iterator[Tensor]:
    """All tensors among arguments or outputs."""
    for value in values if isinstance(values, (list, tuple)) else (values,):
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors(value)
