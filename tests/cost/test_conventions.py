"""Formulas of custom operators: they price the operator, and then its body is not counted besides."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from srbench.cost.conventions import every_mac
from srbench.cost.count import count
from srbench.cost.operators import OPERATORS, OperatorFormula
from srbench.quantities import CONVENTIONS, Convention

SIZE = (8, 10)
PLAIN = 81 * 80


@torch.library.custom_op("conventions::twist", mutates_args=())
def _twist(x: torch.Tensor) -> torch.Tensor:
    return x.flip(-1).clone()


@_twist.register_fake
def _(x):
    return torch.empty_like(x)


@torch.library.custom_op("conventions::blur", mutates_args=())
def _blur(x: torch.Tensor) -> torch.Tensor:
    return F.conv2d(_twist(x), torch.ones(3, 3, 1, 1))


@torch.library.custom_op("conventions::kernel", mutates_args=())
def _kernel(x: torch.Tensor) -> torch.Tensor:
    found = torch.empty(x.shape)
    found.numpy()[...] = x.numpy() * 2
    return found


class Uses(nn.Module):
    """A convolution of 81 MACs a pixel behind one custom operator."""

    def __init__(self, operator):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.operator = operator

    def forward(self, x):
        return self.conv(self.operator(x))


def priced(operator, formulas):
    """The counts of the default convention, and of one with formulas, from one pass."""
    with CONVENTIONS.scoped():
        CONVENTIONS.add(Convention("with", "with formulas", lambda trace: every_mac(trace, formulas)))
        found = count(Uses(operator), SIZE, conventions=("macs", "with"))
    return found["macs"], found["with"]


def test_a_convention_prices_a_custom_operator_in_python_by_its_formula():
    plain, twisted = priced(_twist, {"conventions::twist": lambda args, out: 7 * out.numel() + args[0].shape[1]})
    assert plain.macs == PLAIN
    assert twisted.macs == PLAIN + 7 * 240 + 3
    assert not twisted.uncounted
    assert sum(row.macs for row in twisted.layers) == twisted.macs


def test_the_body_is_not_counted_besides_and_only_for_the_convention_that_has_the_formula():
    plain, blurred = priced(_blur, {"conventions::blur": lambda args, out: 5, "conventions::twist": lambda *_: 1000})
    assert (plain.macs, plain.num_conv) == (PLAIN + 9 * 80, 2)
    assert (blurred.macs, blurred.num_conv) == (PLAIN + 5, 1)  # what is inside of it is in its formula
    _, inner = priced(_blur, {"conventions::twist": lambda args, out: 11})
    assert inner.macs == PLAIN + 9 * 80 + 11


def test_what_the_body_does_outside_torch_is_in_the_formula_too():
    plain, known = priced(_kernel, {"conventions::kernel": lambda args, out: 2 * out.numel()})
    assert plain.lower_bound
    assert (known.macs, known.uncounted, known.lower_bound) == (PLAIN + 2 * 240, {}, False)


def test_work_on_weights_alone_is_not_the_images():
    class Merges(Uses):
        def forward(self, x):
            return F.conv2d(x, self.operator(self.conv.weight), padding=1)

    with CONVENTIONS.scoped():
        formulas = {"conventions::twist": lambda args, out: 10**6}
        CONVENTIONS.add(Convention("with", "with formulas", lambda trace: every_mac(trace, formulas)))
        assert count(Merges(_twist), SIZE, conventions=("with",))["with"].macs == PLAIN


@pytest.mark.parametrize("operator", [_twist, _blur])
def test_a_registered_formula_does_the_same_for_the_default(operator):
    name = operator._qualname
    with OPERATORS.scoped():
        OPERATORS.add(OperatorFormula(name, lambda args, out: 3 * out.numel()))
        found = count(Uses(operator), SIZE)
    assert found["macs"].macs == PLAIN + 3 * 240
    assert found["fvcore"].macs == PLAIN  # which does not look into it, whoever knows better
