"""How far a network looks: which LR pixels an output pixel depends on, followed through every kernel of a pass.

Along each axis, element ``j`` of a feature map depends on the input pixels between ``step * j + low`` and
``step * j + high``. Convolutions, pooling, resizing and shuffling change the three numbers by simple rules, so that
the smallest overlap with which tiles give what the whole image gives follows. What mixes all positions (means over
the image, attention, resizing to the size of something else) has no such numbers and is named with its layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor, nn

from srbench.cost.count import input_shape
from srbench.cost.figures import Mixing, Reach
from srbench.cost.reach_rules import RULES, Obstacle, Span, Spans, elementwise, tensors
from srbench.cost.trace import trace

TRIALS = ((97, 121), (139, 167))
"""LR (height, width) of the two passes in multiples of what the network takes; odd, as images may be."""


@dataclass
class _Follower:
    """Watches a pass and keeps the spans of every tensor that is made of the image, place by place."""

    spans: dict[int, Spans] = field(default_factory=dict)
    held: list[Tensor] = field(default_factory=list)
    mixing: dict[Mixing, None] = field(default_factory=dict)
    align: int = 1
    size: tuple[int, int] = (0, 0)
    output: Spans | None = None

    def start(self) -> None:
        """A pass begins, perhaps after one that failed."""
        self.spans.clear()
        self.held.clear()
        self.mixing.clear()

    def see(self, func: Any, args: Sequence[Any], out: Any, where: Callable[[], str]) -> None:
        """Follow one operator."""
        if func is None:
            height, width = out.shape[2:]
            self.size = (height, width)
            zero = Fraction(0)
            self.put(out, (Span(2, height, Fraction(1), zero, zero), Span(3, width, Fraction(1), zero, zero)))
            return
        if not any(id(t) in self.spans for t in tensors(list(args))):
            return
        name = func._schema.name.removeprefix("aten::")
        rule = RULES.get(name) or RULES.get(name.rstrip("_"))
        if rule is None and torch.Tag.pointwise in func.tags:
            rule = elementwise
        made = list(tensors(out))
        try:
            if rule is None:
                raise Obstacle("unknown")
            found = rule(args, out, lambda t: self.spans.get(id(t)))
            each = found if isinstance(found, list) else [found] * len(made)
        except Obstacle as obstacle:
            self.note(obstacle.kind, name, where)
            each = self.guess(args, made)
        if "upsample" in name and each and self.off_grid(each[0]):
            self.note("resize", name, where)
            each = [self.on_grid(each[0])]
        for tensor in made:
            self.spans.pop(id(tensor), None)  # written in place
        for tensor, spans in zip(made, each, strict=False):
            self.put(tensor, spans)

    def note(self, kind: str, operator: str, where: Callable[[], str]) -> None:
        """Keep what no overlap makes exact."""
        layer = where().rpartition(" in ")[2].replace("the network itself", "")
        self.mixing.setdefault(Mixing(kind, operator, layer))

    def guess(self, args: Sequence[Any], made: Sequence[Tensor]) -> list[Spans]:
        """After an obstacle: the spans of the first argument of the same shape; none, as of a constant, without one."""
        for tensor in tensors(list(args)):
            found = self.spans.get(id(tensor))
            if found is not None and all(tensor.shape == one.shape for one in made):
                return [found] * len(made)
        return []

    def off_grid(self, spans: Spans) -> bool:
        """Whether a resized map's size is no fixed multiple of the image's."""
        return any(span.step * span.size != size for span, size in zip(spans, self.size, strict=True))

    def on_grid(self, spans: Spans) -> Spans:
        """The spans as if it were: good for the overlap of tiles that are inexact anyway."""
        height, width = (s._replace(step=Fraction(n, s.size)) for s, n in zip(spans, self.size, strict=True))
        return height, width

    def end(self, *expected: Any) -> None:
        """The pass is over; the last tensor is its output."""
        self.output = self.spans.get(id(expected[-1]))

    def put(self, tensor: Tensor, spans: Spans) -> None:
        """Note the spans of a tensor, and keep it, so that its id is not given to another."""
        self.spans[id(tensor)] = spans
        self.held.append(tensor)
        for span in spans:
            self.align = math.lcm(self.align, span.step.numerator)


def reach(network: nn.Module, *, channels: int = 3, multiple: int = 1, upsampled: int = 1) -> Reach:
    """Follow ``network`` through two passes on shapes alone, on sizes that have to agree.

    Args:
        network: any module; it is left as it was.
        channels: channels of its input.
        multiple: its input's height and width are multiples of this.
        upsampled: the factor by which the LR image is enlarged before it is given to the network.

    Raises:
        SrbenchError: the pass fails.
    """
    sizes = [(_odd(height, multiple), _odd(width, multiple)) for height, width in TRIALS]
    found = [_follow(network, channels, multiple, upsampled, size) for size in sizes]
    (overlap, first), (second_overlap, second) = found
    mixing = dict.fromkeys((*first.mixing, *second.mixing))
    if not mixing and (overlap, first.align) != (second_overlap, second.align):
        mixing[Mixing("resize", "", "")] = None  # what it does depends on the size of the image
    align = math.lcm(first.align, multiple * upsampled // math.gcd(multiple, upsampled))
    return Reach(max(overlap, second_overlap), align // math.gcd(align, upsampled), tuple(mixing))


def _odd(edge: int, multiple: int) -> int:
    """About ``edge``: an odd number of multiples."""
    return (edge // multiple // 2 * 2 + 1) * multiple


def _follow(
    network: nn.Module, channels: int, multiple: int, upsampled: int, size: tuple[int, int]
) -> tuple[int, _Follower]:
    follower = _Follower()
    trace(network, input_shape(size, channels, upsampled, upsampled > 1), observer=follower)
    if follower.output is None and not follower.mixing:
        follower.mixing[Mixing("unknown", "", "")] = None
    widest = 0
    for span in follower.output or ():
        widest = max(widest, math.floor(-span.low), math.floor(span.high + 1 - span.step))
    follower.held.clear()
    return -(-widest // upsampled), follower
