"""One pass of a network over meta tensors: which operators ran, in which layer, on which shapes.

Meta tensors have shapes and no data, so the pass does no arithmetic and takes no memory. Parameters and
buffers stay where they are: the pass hands operators meta stand-ins for them. What the forward pass
changes on the modules (cached masks, ``self.mean = self.mean.type_as(x)``) is put back afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from srbench.cost.conventions import FORMULAS, HOOKED_MODULES, Formula, OpCost, hook_macs
from srbench.cost.free_ops import is_free
from srbench.cost.shapes import META, RULES, Rule, aten
from srbench.errors import SrbenchError


class OpCall(NamedTuple):
    """One call of an operator that costs something under some convention."""

    layer: str
    cost: OpCost
    out_shape: tuple[int, ...]
    hooked: bool
    """Whether the challenge's hooks see the call (it ran directly inside a module they know)."""


class Observer(Protocol):
    """Watches a pass."""

    def see(self, func: Any, args: Sequence[Any], out: Any, where: Callable[[], str]) -> None:
        """Told every operator (None: the input), its arguments, its output and, on demand, where it ran."""

    def end(self, *expected: Any) -> None:
        """Told the input and the output when the pass is over."""


class HookCall(NamedTuple):
    """One call of a module that the challenge's hooks know."""

    layer: str
    kind: str
    macs: int
    conv: bool
    out_shape: tuple[int, ...]


@dataclass
class Trace:
    """Everything one pass has seen; :func:`srbench.cost.count.count` makes figures of it."""

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...] = ()
    ops: list[OpCall] = field(default_factory=list)
    hooks: list[HookCall] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    depth: int = 0
    layer_params: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Qualified name -> (class name, parameters that the module itself owns), shared ones counted once."""
    unused_params: int = 0
    """Parameters (elements) that this forward pass did not touch."""


def _matmul_fvcore(args: Sequence[Any]) -> int | None:
    """fvcore's own formula, which takes the left factor's shape as it is, before broadcasting."""
    if len(args) < 2 or not all(isinstance(a, Tensor) and a.dim() > 1 for a in args[:2]):
        return None
    return int(prod(args[0].shape) * args[1].shape[-1])


_CONTEXTS: dict[Any, str] = {
    torch.matmul: "matmul",
    Tensor.matmul: "matmul",
    Tensor.__matmul__: "matmul",
    Tensor.__rmatmul__: "matmul",
    F.linear: "linear",
    torch.einsum: "einsum",
    F.scaled_dot_product_attention: "attention",
    F.multi_head_attention_forward: "attention",
    F.adaptive_avg_pool2d: "adaptive_avg_pool2d",
    torch._C._nn.adaptive_avg_pool2d: "adaptive_avg_pool2d",
}


class _Functions(TorchFunctionMode):
    """Remembers which public function an operator was called from (``matmul`` becomes ``bmm`` or ``mm`` below)."""

    def __init__(self, tracer: _Tracer) -> None:
        super().__init__()
        self.tracer = tracer

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        context = _CONTEXTS.get(func)
        if context is None:
            return func(*args, **kwargs) if kwargs else func(*args)
        tracer = self.tracer
        before = tracer.context, tracer.fvcore_override
        tracer.context = context
        tracer.fvcore_override = _matmul_fvcore(args) if context == "matmul" else None
        try:
            return func(*args, **kwargs) if kwargs else func(*args)
        finally:
            tracer.context, tracer.fvcore_override = before


class _Operator(NamedTuple):
    """What is known about an operator, found by its id: hashing an operator is a Python call in torch."""

    func: Any
    formula: Formula | None
    rule: Rule | None
    free: bool


_operators: dict[int, _Operator] = {}


def _know(func: Any) -> _Operator:
    known = _operators[id(func)] = _Operator(func, FORMULAS.get(func), RULES.get(func), is_free(func))
    return known


class _Tracer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Runs operators on shapes alone and records the ones that cost something."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch wraps __torch_dispatch__ and imports its compiler, which takes seconds

    def __init__(self, walked: Sequence[tuple[str, nn.Module]], trace: Trace, observer: Observer | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.trace = trace
        self.names = {id(module): name for name, module in walked}
        self.observer = observer
        self.stack: list[nn.Module] = [walked[0][1]]
        self.context: str | None = None
        self.fvcore_override: int | None = None
        self.depths: dict[int, int] = {}
        parameters = [p for _, module in walked for p in module._parameters.values() if p is not None]
        self.untouched: dict[int, int] = {id(p): p.numel() for p in parameters}
        self.stand_ins: dict[int, tuple[Tensor, Tensor]] = {}
        self.copies: dict[int, tuple[Tensor, Tensor]] = {}
        self.thread = threading.get_ident()

    # ---- modules
    def enter(self, module: nn.Module, _inputs: Any) -> None:
        if threading.get_ident() == self.thread:
            self.stack.append(module)

    def leave(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if threading.get_ident() != self.thread:
            return
        self.stack.pop()
        if _is_hooked(module) and isinstance(output, Tensor):
            with torch._C.DisableTorchFunction():  # reading a shape is a torch function too
                given, out = inputs[0].shape if inputs else (), output.shape
            macs, conv = hook_macs(module, given, out)
            self.trace.hooks.append(HookCall(self.name(module), type(module).__name__, macs, conv, out))

    def name(self, module: nn.Module) -> str:
        return self.names.get(id(module), f"<{type(module).__name__} made in forward>")

    # ---- tensors
    def stand_in(self, tensor: Tensor) -> Tensor:
        """A meta tensor in place of a real one; the same one every time."""
        known = self.stand_ins.get(id(tensor))
        if known is None:
            other = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)
            known = self.stand_ins[id(tensor)] = (tensor, other)  # keeps the id taken
        return known[1]

    def on_values(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operator on real tensors alone (masks, indices); what it would change is copied first."""
        if func._schema.is_mutable:
            for a in args:
                if isinstance(a, Tensor) and id(a) not in self.copies:
                    self.copies[id(a)] = (a, a.detach().clone())
        if self.copies:
            args = tuple(self.copies[id(a)][1] if id(a) in self.copies else a for a in args)
        return func(*args, **kwargs)

    def swap(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return value if value.is_meta else self.stand_in(value)
        if isinstance(value, (list, tuple)):
            return type(value)(self.swap(v) for v in value)
        return value

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        depth, meta, real = self.look(args)
        if kwargs:
            more, kwargs_meta, kwargs_real = self.look(tuple(kwargs.values()))
            depth, meta, real = max(depth, more), meta or kwargs_meta, real or kwargs_real
        known = _operators.get(id(func)) or _know(func)
        formula = known.formula
        if meta or (real and formula is not None):
            out = self.on_shapes(known, args, kwargs)
        elif real:
            out = self.on_values(func, args, kwargs)
        else:
            out = func(*args, **kwargs)
        if formula is not None:
            cost = formula(args, out[0] if isinstance(out, tuple) else out)
            self.record(cost, out)
            if cost.conv:
                depth += 1
                self.trace.depth = max(self.trace.depth, depth)
        elif self.context == "adaptive_avg_pool2d" and func is aten.mean.dim:
            self.record(OpCost("adaptive_avg_pool2d", 0, args[0].numel(), 0), out)
        elif not known.free:
            self.trace.unknown[func.name()] = self.trace.unknown.get(func.name(), 0) + 1
        self.mark(out, depth)
        if self.observer is not None:
            self.observer.see(
                func, args, out, lambda: f"{func.name()} in {self.name(self.stack[-1]) or 'the network itself'}"
            )
        return out

    def look(self, values: Sequence[Any]) -> tuple[int, bool, bool]:
        """(deepest chain of convs behind these arguments, whether any is meta, whether any is real)."""
        depth, meta, real = 0, False, False
        depths, untouched = self.depths, self.untouched
        for value in values:
            if isinstance(value, Tensor):
                if value.is_meta:
                    meta = True
                else:
                    real = True
                untouched.pop(id(value), None)
                behind = depths.get(value.untyped_storage()._cdata, 0)
                if behind > depth:
                    depth = behind
            elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Tensor):
                more, inner_meta, inner_real = self.look(value)
                depth, meta, real = max(depth, more), meta or inner_meta, real or inner_real
        return depth, meta, real

    def mark(self, out: Any, depth: int) -> None:
        if isinstance(out, Tensor):
            self.depths[out.untyped_storage()._cdata] = depth
        elif isinstance(out, (list, tuple)):
            for one in out:
                self.mark(one, depth)

    def on_shapes(self, known: _Operator, args: Any, kwargs: Any) -> Any:
        if known.rule is not None:
            out = known.rule(args, kwargs)
            if out is not None:
                return out
        return known.func(*self.swap(args), **{k: self.swap(v) for k, v in kwargs.items()})

    def record(self, cost: OpCost, out: Any) -> None:
        """Note one call that costs something, under the name of the function it was written as."""
        context = self.context
        if context is not None and cost.macs:
            fvcore = 0 if context == "attention" and "bmm" in cost.label else cost.fvcore
            if self.fvcore_override is not None:
                fvcore = self.fvcore_override
            label = context if context != "attention" or "bmm" in cost.label else cost.label
            cost = OpCost(label, cost.macs, fvcore, cost.torch, cost.conv, context in ("linear", "matmul", "einsum"))
        module = self.stack[-1]
        first = out[0] if isinstance(out, tuple) else out
        self.trace.ops.append(OpCall(self.name(module), cost, first.shape, _is_hooked(module)))


_hooked_types: dict[type, bool] = {}


def _is_hooked(module: nn.Module) -> bool:
    """Whether the challenge's hooks know the module; remembered by type, since it is asked for every call."""
    kind = type(module)
    known = _hooked_types.get(kind)
    if known is None:
        known = _hooked_types[kind] = isinstance(module, HOOKED_MODULES)
    return known


def _walk(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """Every module once, parents first, with its first qualified name."""
    found: list[tuple[str, nn.Module]] = []
    seen: set[int] = set()
    pending: list[tuple[str, nn.Module]] = [("", network)]
    while pending:
        name, module = pending.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        found.append((name, module))
        start = f"{name}." if name else ""
        children = [(start + key, child) for key, child in module._modules.items() if child is not None]
        pending.extend(reversed(children))
    return found


@contextmanager
def unchanged(network: nn.Module, walked: Sequence[tuple[str, nn.Module]] | None = None) -> Iterator[None]:
    """Put every attribute of every module back as it was, whatever the forward pass assigns."""
    saved = []
    for _, module in walked or _walk(network):
        own = module.__dict__
        inner = (dict(own["_parameters"]), dict(own["_buffers"]), dict(own["_modules"]))
        saved.append((own, dict(own), inner))
    try:
        yield
    finally:
        for own, attributes, inner in saved:
            own.clear()
            own.update(attributes)
            for key, value in zip(("_parameters", "_buffers", "_modules"), inner, strict=True):
                own[key].clear()
                own[key].update(value)


def network_dtype(network: nn.Module) -> torch.dtype:
    """The floating-point type of the first parameter, float32 when there is none."""
    return next((p.dtype for p in network.parameters() if p.dtype.is_floating_point), torch.float32)


def trace(
    network: nn.Module, input_shape: Sequence[int], dtype: torch.dtype | None = None, observer: Observer | None = None
) -> Trace:
    """Run ``network`` once, in evaluation mode, on a meta tensor of ``input_shape`` (N, C, H, W).

    The network may be on any device; it is not changed. Not safe beside other threads that run modules.

    Raises:
        SrbenchError: the forward pass failed; names the layer it failed in.
    """
    seen = Trace(tuple(input_shape))
    walked = _walk(network)
    owned: set[int] = set()
    for name, module in walked:
        own = [p for p in module._parameters.values() if p is not None and id(p) not in owned]
        owned.update(id(p) for p in own)
        seen.layer_params[name] = (type(module).__name__, sum(p.numel() for p in own))
    tracer = _Tracer(walked, seen, observer)
    x = torch.empty(tuple(input_shape), dtype=dtype or network_dtype(network), device=META)
    if observer is not None:
        observer.see(None, (), x, lambda: "the input")
    handles: list[Any] = []
    try:
        with unchanged(network, walked), torch.no_grad():
            if any(module.training for _, module in walked):
                network.eval()
            handles = [register_module_forward_pre_hook(tracer.enter), register_module_forward_hook(tracer.leave)]
            with tracer, _Functions(tracer):
                out = network(x)
            if observer is not None:
                observer.end(x, out)
    except SrbenchError:
        raise
    except Exception as error:  # a user's network can raise anything
        where = tracer.name(tracer.stack[-1]) or "the network itself"
        size = "x".join(str(n) for n in input_shape)
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise SrbenchError(
            f"counting on an input of {size} failed in {where}: {type(error).__name__}: {first_line}"
        ) from error
    finally:
        for handle in handles:
            handle.remove()
    seen.output_shape = tuple(out.shape) if isinstance(out, Tensor) else ()
    seen.unused_params = sum(tracer.untouched.values())
    return seen
