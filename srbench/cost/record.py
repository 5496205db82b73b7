"""What one pass of a network has seen, as data: every figure of every counting convention is made of this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, Protocol

from srbench.cost.formulas import OpCost


class OpCall(NamedTuple):
    """One call of an operator that costs something under some convention."""

    layer: str
    """Qualified name of the module it ran in; "" is the network's own forward."""
    cost: OpCost
    out_shape: tuple[int, ...]
    hooked: bool = False
    """Whether the challenge's hooks see the call (it ran directly inside a module they know)."""
    of_image: bool = True
    """Whether the image takes part; False: work on weights alone, the same for every image."""
    in_function: bool = False
    """Part of a function that fvcore counts as a whole."""
    hidden_by: str = ""
    """The custom operator or autograd function around it, which libraries do not look into."""
    node: int = -1
    """Its place in the data flow."""


class HookCall(NamedTuple):
    """One call of a module that the challenge's hooks know and that ``network.modules()`` lists."""

    layer: str
    kind: str
    macs: int
    conv: bool
    out_shape: tuple[int, ...]
    given_shape: tuple[int, ...] = ()


class TensorSize(NamedTuple):
    """Shape and type of a tensor of a call, for formulas of foreign operators."""

    shape: tuple[int, ...]
    dtype: Any = None

    def numel(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def dim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)


class ForeignCall(NamedTuple):
    """One call of an operator that srbench has no formula for; a registered formula may price it."""

    operator: str
    """``namespace::name``."""
    layer: str
    args: tuple[Any, ...]
    """All arguments in the order of the operator's schema; tensors as :class:`TensorSize`."""
    out: Any
    """The output, tensors as :class:`TensorSize`."""


@dataclass
class CustomCall:
    """One call of a custom operator whose Python body was looked into: a formula may price it in place of its body."""

    call: ForeignCall
    of_image: bool
    ops: range
    """Which of ``Trace.ops`` its body made."""
    foreign: range
    """Which of ``Trace.foreign`` its body made."""
    outside: dict[str, int] = field(default_factory=dict)
    """What of ``Trace.outside`` its body did; not what operators inside of it did, which are calls of their own."""
    within: tuple[int, ...] = ()
    """Places in ``Trace.custom`` of the custom operators around it."""


@dataclass(frozen=True)
class RealPass:
    """Why shapes alone were not enough and the network was run on a photograph."""

    function: str
    """The function or operator that needs values, such as ``item`` or ``mylib::op``; "" when not known."""
    layer: str
    error: str
    """What the pass over shapes raised."""


@dataclass
class Trace:
    """Everything one pass has seen; :func:`srbench.cost.count.count` makes figures of it."""

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...] = ()
    ops: list[OpCall] = field(default_factory=list)
    hooks: list[HookCall] = field(default_factory=list)
    foreign: list[ForeignCall] = field(default_factory=list)
    custom: list[CustomCall] = field(default_factory=list)
    """Custom operators that were looked into, in the order in which they were entered."""
    outside: dict[str, int] = field(default_factory=dict)
    """Ways that data of the image took outside torch, and how often: what happened there is not counted."""
    untreed: dict[str, int] = field(default_factory=dict)
    """Calls of modules that hooks would know but that ``network.modules()`` does not list, by class."""
    depth: int = 0
    layer_params: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Qualified name -> (class name, parameters that the module itself owns), shared ones counted once."""
    unused_params: int = 0
    """Parameters (elements) that this forward pass did not touch."""
    inference_params: int = 0
    """Numbers made of parameters that meet the image: parameters themselves, or the kernels they are merged into."""
    data_assigned: int = 0
    """How often the pass exchanged the data of a tensor (``weight.data = ...``)."""
    dead: frozenset[int] = frozenset()
    """Nodes of calls whose result never reaches the output."""
    real_pass: RealPass | None = None

    def unpriced(self) -> dict[str, int]:
        """Calls of operators that srbench itself has no formula for, by name."""
        found: dict[str, int] = {}
        for call in self.foreign:
            found[call.operator] = found.get(call.operator, 0) + 1
        return found


class Observer(Protocol):
    """Watches a pass."""

    def start(self) -> None:
        """A pass begins; it may be the second one, after shapes alone were not enough."""

    def see(self, func: Any, args: Sequence[Any], out: Any, where: Callable[[], str]) -> None:
        """Told every operator (None: the input), its arguments, its output and, on demand, where it ran."""

    def end(self, *expected: Any) -> None:
        """Told the input and the output when the pass is over."""
