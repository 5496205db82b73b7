"""The mode that a pass runs under: operators on shapes alone (or for real), those that cost something on record."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from types import NoneType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from srbench.cost.flow import Flow
from srbench.cost.formulas import OpCost
from srbench.cost.functions import FUNCTIONS, Chooser, Function, padded_by_name
from srbench.cost.hooks import hook_macs, is_hooked
from srbench.cost.known import KNOWN, Operator, look_up
from srbench.cost.preserve import Originals
from srbench.cost.record import CustomCall, ForeignCall, HookCall, Observer, OpCall, TensorSize, Trace
from srbench.cost.shapes import META
from srbench.cost.state import Parameters


class Functions(TorchFunctionMode):
    """Remembers which public function an operator was called from (``matmul`` becomes ``bmm`` or ``mm`` below)."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__()
        self.tracer = tracer

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tracer, known = self.tracer, FUNCTIONS.get(func)
        try:
            if known is padded_by_name:
                known = padded_by_name(func, args, kwargs)
            if known is None or tracer.function is not None:
                return func(*args, **kwargs) if kwargs else func(*args)
            if known == "set data":
                return tracer.set_data(*args)
            return self.watch(known, func, args, kwargs or {})
        except Exception:
            tracer.failed_in = tracer.failed_in or getattr(func, "__name__", "")
            raise

    def watch(self, known: Function | Chooser | str, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Run a function that fvcore counts as a whole, or that leaves torch."""
        tracer = self.tracer
        if isinstance(known, str):
            tracer.leave_torch(args[0], known)
            return func(*args, **kwargs)
        chosen = known if isinstance(known, Function) else known(func, args, kwargs)
        tracer.function = chosen
        try:
            out = func(*args, **kwargs)
        finally:
            tracer.function = None
        if chosen is not None and chosen.fvcore is not None:
            tracer.record_function(chosen, chosen.fvcore(args, kwargs, out), out)
        return out


class _Arguments:
    """The tensors among the arguments of one call."""

    __slots__ = ("meta", "parents", "reals")

    def __init__(self) -> None:
        self.parents: list[int] = []
        self.reals: list[Tensor] = []
        self.meta = False


class Tracer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Runs operators on shapes alone and records the ones that cost something.

    With ``computing`` everything is computed for real instead, on a real input.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch wraps __torch_dispatch__ and imports its compiler, which takes seconds

    def __init__(
        self, walked: Sequence[tuple[str, nn.Module]], trace: Trace, observer: Observer | None, computing: bool
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.trace = trace
        self.observer = observer
        self.computing = computing
        self.names = {id(module): name for name, module in walked}
        self.stack: list[nn.Module] = [walked[0][1]]
        self.function: Function | None = None
        self.failed_in = self.failed_operator = ""
        self.flow = Flow()
        self.parameters = Parameters(walked, computing)
        self.originals = Originals()
        self.stand_ins: dict[int, tuple[Tensor, Tensor]] = {}
        self.cut: set[int] = set()
        self.blank: dict[int, tuple[int, ...]] = {}
        self.inside: tuple[int, ...] = ()
        self.thread = threading.get_ident()

    # ---- modules
    def enter(self, module: nn.Module, _inputs: Any) -> None:
        """A module is called."""
        if threading.get_ident() == self.thread:
            self.stack.append(module)
        else:
            self.note_outside("thread", self.inside)

    def leave(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """A module's call is over."""
        if threading.get_ident() != self.thread:
            return
        while len(self.stack) > 1 and self.stack.pop() is not module:
            pass  # a module whose failure the network caught
        if not is_hooked(module) or not isinstance(output, Tensor):
            return
        kind = type(module).__name__
        if id(module) not in self.names:
            self.trace.untreed[kind] = self.trace.untreed.get(kind, 0) + 1
            return
        with torch._C.DisableTorchFunction():  # reading a shape is a torch function too
            given, out = tuple(inputs[0].shape) if inputs else (), tuple(output.shape)
        macs, conv = hook_macs(module, given, out)
        self.trace.hooks.append(HookCall(self.name(module), kind, macs, conv, out, given))

    def name(self, module: nn.Module) -> str:
        """Qualified name of a module."""
        return self.names.get(id(module), f"<{type(module).__name__} outside the network's modules>")

    # ---- tensors
    def stand_in(self, tensor: Tensor) -> Tensor:
        """A meta tensor in place of a real one; the same one every time."""
        known = self.stand_ins.get(id(tensor))
        if known is None:
            other = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)
            known = self.stand_ins[id(tensor)] = (tensor, other)  # keeps the id taken
        return known[1]

    def swap(self, value: Any) -> Any:
        """Arguments with meta tensors in place of real ones."""
        if isinstance(value, Tensor):
            return value if value.is_meta else self.stand_in(value)
        if isinstance(value, (list, tuple)):
            return type(value)(self.swap(v) for v in value)
        return value

    def set_data(self, tensor: Tensor, value: Tensor) -> None:
        """``tensor.data = value``; undone after the pass."""
        with torch._C.DisableTorchFunction():
            self.trace.data_assigned += 1
            self.cut.add(id(tensor))
            if value.is_meta and not tensor.is_meta:  # weights that depend on the image
                self.stand_ins[id(tensor)] = (tensor, value)
                return
            self.originals.keep_data(tensor)
            self.stand_ins.pop(id(tensor), None)
            tensor.data = value

    def leave_torch(self, tensor: Any, way: str) -> None:
        """Note that data of the image goes where no operator is seen."""
        node = self.flow.of_storage.get(tensor.untyped_storage()._cdata) if isinstance(tensor, Tensor) else None
        if node is not None and self.flow.of_image[node]:
            self.note_outside(way, self.inside)

    def note_outside(self, way: str, inside: tuple[int, ...]) -> None:
        """Count one way out of torch; the custom operator that it was taken in knows of it too."""
        for seen in (self.trace.outside, *(self.trace.custom[place].outside for place in inside[-1:])):
            seen[way] = seen.get(way, 0) + 1

    def look(self, values: Sequence[Any], found: _Arguments) -> None:
        """Sort the tensors among arguments: what is real, and which calls they come from."""
        nodes = self.flow.of_storage
        for value in values:
            if isinstance(value, Tensor):
                if value.is_meta:
                    found.meta = True
                else:
                    found.reals.append(value)
                    if id(value) in self.cut:
                        continue
                node = nodes.get(value.untyped_storage()._cdata)
                if node is not None:
                    found.parents.append(node)
            elif isinstance(value, (list, tuple)) and value and isinstance(value[0], (Tensor, NoneType)):
                self.look(value, found)

    # ---- operators
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        known = KNOWN.get(id(func)) or look_up(func)
        found = _Arguments()
        self.look(args, found)
        if kwargs:
            self.look(tuple(kwargs.values()), found)
        else:
            kwargs = {}
        if self.blank and not known.view:
            self.read_blanks(known, args)
        of_image = self.from_image(found) if self.computing else found.meta
        if found.reals:
            self.parameters.note(found.reals, of_image, self.flow if self.computing else None)
        if known.body is not None:
            return self.look_inside(known, args, kwargs, found, of_image)
        if known.composite:
            with self:
                return func.decompose(*args, **kwargs)
        if found.meta or (known.rule is not None and not found.reals):
            out = known.rule(args, kwargs) if known.rule is not None else None
            if out is None:
                out = self.on_shapes(func, args, kwargs)
        else:
            if known.mutable:
                self.keep(found.reals)
            out = func(*args, **kwargs)
            if found.reals and not of_image:
                self.parameters.derive(found.reals, out)
        if known.formula is not None or not (known.view and found.parents):
            self.account(known, args, kwargs, out, found.parents, of_image)
        if self.observer is not None:
            self.observer.see(
                func, args, out, lambda: f"{func.name()} in {self.name(self.stack[-1]) or 'the network itself'}"
            )
        return out

    def account(self, known: Operator, args: Any, kwargs: Any, out: Any, parents: list[int], of_image: bool) -> None:
        """Put one call into the data flow, and on record if it costs something or is not known."""
        flow = self.flow
        depth = 0
        for parent in parents:
            if flow.depths[parent] > depth:
                depth = flow.depths[parent]
        if known.formula is None:
            flow.add(out, parents, depth, of_image)
            if not known.free:
                self.trace.foreign.append(self.foreign(known.func, args, kwargs, out))
            elif known.blank and out.numel():
                self.blank[out.untyped_storage()._cdata] = self.inside
            return
        cost = known.formula(args, out[0] if isinstance(out, tuple) else out)
        if cost.conv and of_image:
            depth += 1
            if depth > self.trace.depth:
                self.trace.depth = depth
        node = flow.add(out, parents, depth, of_image)
        if cost.macs or cost.fvcore:
            self.record(cost, out, of_image, node)

    def on_shapes(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Output of an operator on meta tensors, by torch's own rule."""
        try:
            return func(*self.swap(args), **{k: self.swap(v) for k, v in kwargs.items()})
        except Exception:
            self.failed_operator = self.failed_operator or func._schema.name.removeprefix("aten::")
            raise

    def from_image(self, found: _Arguments) -> bool:
        """While computing: whether the image takes part, or data that came from outside torch."""
        flags = self.flow.of_image
        return any(flags[p] for p in found.parents) or any(not self.parameters.knows(t, self.flow) for t in found.reals)

    def keep(self, reals: list[Tensor]) -> None:
        """Before something is written in place: save what belongs to the network."""
        for tensor in reals:
            if not self.computing or self.parameters.is_own(tensor):
                self.originals.keep_values(tensor)

    def look_inside(self, known: Operator, args: Any, kwargs: Any, found: _Arguments, of_image: bool) -> Any:
        """Run the Python function behind a custom operator instead of it, and watch."""
        assert known.body is not None
        trace, around = self.trace, self.inside
        ops, foreign, outside = len(trace.ops), len(trace.foreign), dict(trace.outside)
        call = self.foreign(known.func, args, kwargs, None)
        seen = CustomCall(call, of_image, range(ops, ops), range(foreign, foreign), within=around)
        place = len(trace.custom)
        self.inside = (*around, place)
        trace.custom.append(seen)
        try:
            with self:
                out = known.body(*args, **kwargs)
        except Exception:
            if self.computing or not known.gpu_only:
                raise
            del trace.ops[ops:], trace.foreign[foreign:], trace.custom[place:]
            trace.outside = outside
            self.inside = around
            return self.as_a_whole(known, args, kwargs, found)
        finally:
            self.inside = around
        seen.call = call._replace(out=_size(out))
        seen.ops, seen.foreign = range(ops, len(trace.ops)), range(foreign, len(trace.foreign))
        return out

    def as_a_whole(self, known: Operator, args: Any, kwargs: Any, found: _Arguments) -> Any:
        """An operator for GPUs whose function cannot be run on shapes: its own rule for shapes, and a foreign call."""
        out = self.on_shapes(known.func, args, kwargs)
        self.account(known, args, kwargs, out, found.parents, found.meta)
        return out

    def read_blanks(self, known: Operator, args: Any) -> None:
        """Memory that no operator wrote to but one reads was filled by something that is no operator of torch."""
        if known.mutable and args and isinstance(args[0], Tensor):
            self.blank.pop(args[0].untyped_storage()._cdata, None)
        for value in args:
            filled_in = self.blank.pop(value.untyped_storage()._cdata, None) if isinstance(value, Tensor) else None
            if filled_in is not None:
                self.note_outside("memory", filled_in)
                self.flow.of_image[self.flow.of_storage[value.untyped_storage()._cdata]] = True

    # ---- the record
    def record(self, cost: OpCost, out: Any, of_image: bool, node: int) -> None:
        """Note one call that costs something, under the name of the function it was written as."""
        function, in_function = self.function, False
        hidden_by = self.hidden_by() if cost.fvcore or self.inside else ""
        if function is not None and cost.macs:
            if function.opaque:
                cost = cost._replace(label=function.label, fvcore=0, fvcore_activation=False)
                in_function = function.fvcore is not None
            elif "bmm" in cost.label:
                seen = cost.fvcore if function.activation else 0
                cost = cost._replace(label=function.label, fvcore=seen, fvcore_activation=function.activation)
            else:
                cost = cost._replace(label="linear", fvcore_activation=True)
        elif function is not None and function.opaque:
            return  # a norm inside another one
        if hidden_by:
            cost = cost._replace(fvcore=0, fvcore_activation=False, torch=0 if self.inside else cost.torch)
        module = self.stack[-1]
        hooked = is_hooked(module) and id(module) in self.names
        shape = (out[0] if isinstance(out, tuple) else out).shape
        self.trace.ops.append(
            OpCall(self.name(module), cost, tuple(shape), hooked, of_image, in_function, hidden_by, node)
        )

    def record_function(self, function: Function, macs: int, out: Any) -> None:
        """Note one call of a public function that fvcore counts as a whole."""
        if not macs or self.hidden_by():
            return
        node = self.flow.of_storage.get(out.untyped_storage()._cdata, -1)
        cost = OpCost(function.label, 0, macs, fvcore_activation=function.activation)
        of_image = node < 0 or self.flow.of_image[node]
        self.trace.ops.append(
            OpCall(self.name(self.stack[-1]), cost, tuple(out.shape), of_image=of_image, in_function=True, node=node)
        )

    def hidden_by(self) -> str:
        """The custom operator or autograd function that the present call runs in; "" for neither."""
        if self.inside:
            return self.trace.custom[self.inside[-1]].call.operator
        frame = sys._getframe(2)
        while frame is not None and frame.f_code is not _MODULE_CALL:
            if frame.f_code is _FUNCTION_APPLY:
                return str(frame.f_locals["cls"].__name__)
            frame = frame.f_back  # type: ignore[assignment]
        return ""

    def foreign(self, func: Any, args: Any, kwargs: Any, out: Any) -> ForeignCall:
        """A call that srbench has no formula for, with every argument of its schema."""
        given = [
            args[i] if i < len(args) else kwargs.get(argument.name, argument.default_value)
            for i, argument in enumerate(func._schema.arguments)
        ]
        name = self.name(self.stack[-1])
        return ForeignCall(func._schema.name, name, tuple(_size(v) for v in given), _size(out))


_MODULE_CALL = nn.Module._call_impl.__code__
_FUNCTION_APPLY = torch.autograd.Function.apply.__func__.__code__  # type: ignore[attr-defined]


def _size(value: Any) -> Any:
    """A value with every tensor replaced by its shape and type, so that nothing is kept alive."""
    if isinstance(value, Tensor):
        return TensorSize(tuple(value.shape), value.dtype)
    if isinstance(value, (list, tuple)):
        return tuple(_size(v) for v in value)
    return value
