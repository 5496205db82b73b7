"""The conventions under which papers and challenges count "FLOPs": how each prices what a pass has seen.

All of them count multiply-accumulates (MACs); they differ in what they see and in what they add.

====================  ==========================================================================================
``macs``              Every MAC of convolutions, linear layers, matrix products, attention, interpolation
                      (bilinear 4, bicubic 16 per output element) and Fourier transforms (2.5 n log2 n, half of it
                      on real values), however it is written, as far as the image takes part: kernels that are
                      merged from weights in the forward pass are the same for every image. The default.
``fvcore``            fvcore's operator counts (NTIRE from 2024 on): of the above not bicubic interpolation, fused
                      attention, convolutions with ``padding='same'``, custom operators, autograd functions and
                      results that nobody uses; plus 1 per output element of nearest upsampling, 1 per input
                      element of adaptive average pooling, 1-5 per element of norms, and merging of weights.
``ntire-hooks``       The challenge's module hooks (AIM 2019 - NTIRE 2023): see :func:`srbench.cost.hooks.hook_macs`.
                      Only modules that ``network.modules()`` lists have hooks.
``torch``             Half of ``torch.utils.flop_counter.FlopCounterMode``: convolutions and matrix products only.
====================  ==========================================================================================

A convention is data, :class:`srbench.quantities.Convention`; its ``price`` is a function from a
:class:`~srbench.cost.record.Trace` to :class:`Priced`. One that differs from another in an operator only::

    from srbench.cost.conventions import every_mac
    from srbench.quantities import CONVENTIONS, Convention

    def scan(args, out):  # args as in the operator's schema, tensors with .shape, .dtype, .numel(), .dim()
        return 9 * out.numel()

    CONVENTIONS.add(Convention("with-scan", "MACs, scans included", lambda trace: every_mac(trace, {"my::scan": scan})))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import NamedTuple

from srbench.cost.operators import OPERATORS, OperatorMacs
from srbench.cost.record import CustomCall, ForeignCall, OpCall, Trace
from srbench.errors import SrbenchError
from srbench.quantities import CONVENTIONS, Convention


def check_conventions(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` as they are registered, without repeats.

    Raises:
        SrbenchError: one of them is no convention.
    """
    return tuple(dict.fromkeys(CONVENTIONS.get(name).name for name in names))


class Call(NamedTuple):
    """One call that a convention sees."""

    layer: str
    op: str
    macs: int
    activations: int
    output_shape: tuple[int, ...]
    conv: bool = False


@dataclass(frozen=True)
class Priced:
    """What a convention makes of one pass."""

    calls: tuple[Call, ...]
    uncounted: dict[str, int] = field(default_factory=dict)
    """Calls per operator that it leaves out although it multiplies and accumulates, or that nobody knows."""
    uncounted_macs: int = 0
    """MACs of those of them that are known."""
    lower_bound: bool = False
    """Whether it means to count everything and could not."""

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return sum(call.macs for call in self.calls)

    @cached_property
    def activations(self) -> int:
        """Elements of the outputs that it counts as activations."""
        return sum(call.activations for call in self.calls)

    @cached_property
    def convs(self) -> int:
        """Calls of convolutions."""
        return sum(call.conv for call in self.calls)


def price(trace: Trace, convention: str) -> Priced:
    """Price one pass under a registered convention.

    Raises:
        SrbenchError: there is no such convention, or its function raises or gives something else.
    """
    from srbench.plugins import import_attribute

    found: Convention = CONVENTIONS.get(convention)
    with CONVENTIONS.answering_for(found):
        priced = (found.price if callable(found.price) else import_attribute(found.price))(trace)
    if not isinstance(priced, Priced):
        raise CONVENTIONS.refused(found, priced, "a srbench.cost.conventions.Priced, as every_mac(trace) gives")
    return priced


def _own_conv(op: OpCall, macs: int) -> Call:
    conv = op.cost.conv and op.of_image
    activations = prod(op.out_shape) if conv else 0
    return Call(op.layer, op.cost.label, macs, activations, op.out_shape, conv)


def every_mac(trace: Trace, formulas: Mapping[str, OperatorMacs] | None = None) -> Priced:
    """Every multiply-accumulate that the image takes part in.

    Args:
        trace: the pass.
        formulas: MACs of further operators by ``namespace::name``, before those that are registered. A custom operator
            written in Python is priced by its formula too, and what its body does is then not counted besides.
    """

    def formula_of(operator: str) -> OperatorMacs | None:
        given = (formulas or {}).get(operator)
        return OPERATORS.get(operator).function() if given is None and operator in OPERATORS else given

    whole = _priced_whole(trace, formula_of)
    inside_ops = {place for custom in whole for place in custom.ops}
    inside_foreign = {place for custom in whole for place in custom.foreign}
    ops = (op for place, op in enumerate(trace.ops) if place not in inside_ops)
    calls = [_own_conv(op, op.cost.macs) for op in ops if op.of_image and (op.cost.macs or op.cost.conv)]
    uncounted = Counter(trace.outside) - _outside_of(trace, whole)
    foreign = [call for place, call in enumerate(trace.foreign) if place not in inside_foreign]
    for call in (*foreign, *(custom.call for custom in whole if custom.of_image)):
        formula = formula_of(call.operator)
        if formula is None:
            uncounted[call.operator] += 1
            continue
        out = call.out if hasattr(call.out, "shape") else call.out[0] if call.out else None
        shape = () if out is None else tuple(out.shape)
        calls.append(Call(call.layer, call.operator, _macs_by(formula, call), 0, shape))
    return Priced(tuple(calls), dict(uncounted), lower_bound=bool(uncounted))


def _macs_by(formula: OperatorMacs, call: ForeignCall) -> int:
    try:
        return int(formula(call.args, call.out))
    except Exception as error:  # another's function: anything can be raised
        raise SrbenchError(
            f"the formula of operator '{call.operator}' raised {type(error).__name__}: {error}; it is given all "
            "arguments of the operator and its output, and gives a whole number."
        ) from error


def _priced_whole(trace: Trace, formula_of: Callable[[str], OperatorMacs | None]) -> list[CustomCall]:
    """The custom operators that a formula prices in place of their bodies; those inside of such a one are in it."""
    found: dict[int, CustomCall] = {}
    for place, custom in enumerate(trace.custom):
        if not found.keys() & set(custom.within) and formula_of(custom.call.operator) is not None:
            found[place] = custom
    return list(found.values())


def _outside_of(trace: Trace, whole: Iterable[CustomCall]) -> Counter[str]:
    """What the bodies of these custom operators did outside torch, with what is inside of them."""
    places = {id(custom) for custom in whole}
    found: Counter[str] = Counter()
    for custom in trace.custom:
        if id(custom) in places or any(id(trace.custom[place]) in places for place in custom.within):
            found.update(custom.outside)
    return found


def _missing(trace: Trace, left_out: Iterable[OpCall]) -> tuple[dict[str, int], int]:
    """(calls by operator, their MACs) of what a convention leaves out."""
    listed = list(left_out)
    names = Counter(trace.unpriced())
    names.update(op.cost.label for op in listed)
    return dict(names), sum(op.cost.macs for op in listed)


def fvcore(trace: Trace) -> Priced:
    """As ``fvcore.nn.FlopCountAnalysis`` and ``ActivationCountAnalysis`` count."""
    calls, left_out = [], []
    for op in trace.ops:
        cost, dead = op.cost, op.node in trace.dead
        if (cost.fvcore or cost.fvcore_activation) and not dead:
            activations = prod(op.out_shape) if cost.fvcore_activation else 0
            calls.append(Call(op.layer, cost.label, cost.fvcore, activations, op.out_shape, cost.conv and op.of_image))
        elif cost.macs and op.of_image and (dead or not op.in_function):
            left_out.append(op)
    return Priced(tuple(calls), *_missing(trace, left_out))


def ntire_hooks(trace: Trace) -> Priced:
    """As the challenges' module hooks count."""
    calls = [
        Call(c.layer, c.kind, c.macs, prod(c.out_shape) if c.conv else 0, c.out_shape, c.conv)
        for c in trace.hooks
        if c.macs or c.conv
    ]
    left_out = [op for op in trace.ops if op.cost.macs and op.of_image and not op.hooked]
    return Priced(tuple(calls), *_missing(trace, left_out))


def torch_flops(trace: Trace) -> Priced:
    """Half of what ``torch.utils.flop_counter.FlopCounterMode`` counts."""
    calls = [_own_conv(op, op.cost.torch) for op in trace.ops if op.cost.torch]
    left_out = [op for op in trace.ops if op.cost.macs and op.of_image and not op.cost.torch]
    return Priced(tuple(calls), *_missing(trace, left_out))
