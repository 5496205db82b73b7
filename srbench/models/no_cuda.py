"""``.cuda()`` of a network that runs on the CPU: it stays where it is, and that is noted."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

_ASKS = ("cuda", "hip")


class StayOnCpu(TorchFunctionMode):
    """Inside it, tensors are made on the CPU and stay there, whatever their code asks for; ``replaced`` lists it."""

    def __init__(self) -> None:
        super().__init__()
        self.replaced: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run ``func`` without its CUDA device."""
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name == "cuda" and args and isinstance(args[0], Tensor):
            self.note(".cuda()")
            return args[0]
        if name == "type" and len(args) > 1:
            return func(args[0], self._kind(args[1]), *args[2:], **kwargs)
        if name == "to" and args and isinstance(args[0], Tensor):
            return self._to(func, args, kwargs)
        if is_cuda(kwargs.get("device")):
            self.note(f"device={str(kwargs['device'])!r}")
            kwargs["device"] = "cpu"
        return func(*args, **kwargs)

    def _to(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``x.to(device, dtype)`` without the device: the tensor may be on 'meta', where it has to stay."""
        device = kwargs.get("device", args[1] if len(args) > 1 else None)
        if not is_cuda(device) and not (isinstance(device, int) and not isinstance(device, bool)):
            return func(*args, **kwargs)
        self.note(f".to({str(device)!r})")
        kinds = [value for value in (*args[1:], kwargs.get("dtype")) if isinstance(value, torch.dtype)]
        return func(args[0], kinds[0]) if kinds else args[0]

    def _kind(self, kind: Any) -> Any:
        """``torch.cuda.FloatTensor``, or its name, as the type on the CPU."""
        if isinstance(kind, _Noted):
            self.note(f"torch.cuda.{kind.name}")
            return kind.here
        if isinstance(kind, str) and kind.startswith("torch.cuda."):
            self.note(kind)
            return kind.replace("torch.cuda.", "torch.")
        return kind

    def note(self, what: str) -> None:
        """Put on record what was asked for, once."""
        if what not in self.replaced:
            self.replaced.append(what)


def is_cuda(device: Any) -> bool:
    """Whether ``device`` names a GPU."""
    if isinstance(device, torch.device):
        return device.type in _ASKS
    return isinstance(device, str) and device.partition(":")[0] in _ASKS


@contextlib.contextmanager
def without_cuda(device: str = "cpu") -> Iterator[list[str]]:
    """Inside it, what is asked to be on a GPU is on the CPU; yields what was asked, as code.

    Nothing is changed where ``device``, on which the network will run, is a GPU.
    """
    if is_cuda(device):
        yield []
        return
    mode, load, set_default = StayOnCpu(), torch.load, torch.set_default_tensor_type
    set_device = torch.set_default_device

    def load_here(*arguments: Any, **options: Any) -> Any:
        if len(arguments) < 2:
            options["map_location"] = "cpu"
        return load(*arguments, **options)

    def default_type(kind: Any) -> None:
        if "cuda" in str(kind):
            mode.replaced.append(f"torch.set_default_tensor_type({str(kind)!r})")
        else:
            set_default(kind)

    def default_device(device: Any) -> None:
        if is_cuda(device):
            mode.replaced.append(f"torch.set_default_device({str(device)!r})")
        else:
            set_device(device)

    with (
        mock.patch.object(torch, "load", load_here),
        mock.patch.object(torch, "set_default_tensor_type", default_type),
        mock.patch.object(torch, "set_default_device", default_device),
        no_device_calls(mode),
        mode,
    ):
        yield mode.replaced


_TENSOR_TYPES = tuple(
    f"{kind}Tensor" for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Bool", "Byte")
)


@contextlib.contextmanager
def no_device_calls(mode: StayOnCpu) -> Iterator[None]:
    """``torch.cuda``'s streams, events and questions about the device, on a machine without one: they do nothing."""
    if torch.cuda.is_available():
        yield
        return
    with contextlib.ExitStack() as stack:
        for name, value in (
            ("current_device", lambda: "cpu"),
            ("synchronize", lambda *_: None),
            ("set_device", lambda *_: None),
            ("device", _nothing),
            ("Stream", _Idle),
            ("Event", _Idle),
            ("stream", _nothing),
            ("current_stream", _Idle),
            ("default_stream", _Idle),
            ("get_device_name", lambda *_: "cpu"),
            ("get_device_capability", lambda *_: (0, 0)),
            ("get_device_properties", _Idle),
            ("memory_allocated", lambda *_: 0),
            ("max_memory_allocated", lambda *_: 0),
            ("reset_peak_memory_stats", lambda *_: None),
        ):
            stack.enter_context(mock.patch.object(torch.cuda, name, _Noted(mode, f"{name}()", value)))
        for name in _TENSOR_TYPES:
            stack.enter_context(mock.patch.object(torch.cuda, name, _Noted(mode, name, getattr(torch, name))))
        yield


class _Noted:
    """``here`` in place of something of ``torch.cuda``; its calls are on record."""

    def __init__(self, mode: StayOnCpu, name: str, here: Any) -> None:
        self.mode, self.name, self.here = mode, name, here

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """What is there instead."""
        self.mode.note(f"torch.cuda.{self.name}")
        return self.here(*arguments, **options)


@contextlib.contextmanager
def _nothing(*_arguments: Any, **_options: Any) -> Iterator[None]:
    """``with torch.cuda.stream(...):`` where there is none."""
    yield


class _Idle:
    """A stream, an event or the properties of a device that is not there; it has nothing to wait for and no size."""

    total_memory = major = minor = multi_processor_count = 0
    name = "cpu"

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        pass

    def __enter__(self) -> _Idle:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def wait(self, *_: Any) -> None:
        """Nothing to wait for."""

    wait_stream = wait_event = synchronize = record_stream = record = wait

    def record_event(self, *_: Any) -> _Idle:
        """An event that has happened."""
        return self

    def query(self) -> bool:
        """Everything is done."""
        return True

    def elapsed_time(self, *_: Any) -> float:
        """No time at all."""
        return 0.0


class _Around:
    """The hooks that keep :class:`StayOnCpu` on during a network's own passes, if its input is not on a GPU."""

    def __init__(self) -> None:
        self.modes: list[contextlib.ExitStack | None] = []

    def before(self, _network: nn.Module, inputs: Any) -> None:
        on_gpu = any(isinstance(value, Tensor) and is_cuda(value.device) for value in inputs)
        self.modes.append(None if on_gpu else contextlib.ExitStack())
        if self.modes[-1] is not None:
            mode = StayOnCpu()
            self.modes[-1].enter_context(no_device_calls(mode))
            self.modes[-1].enter_context(mode)

    def after(self, _network: nn.Module, _inputs: Any, _output: Any) -> None:
        mode = self.modes.pop() if self.modes else None
        if mode is not None:
            mode.close()


def keep_on_cpu(network: nn.Module) -> None:
    """From now on the passes of ``network`` run inside :class:`StayOnCpu`: its code asks for a GPU in them too."""
    around = _Around()
    network.register_forward_pre_hook(around.before)
    network.register_forward_hook(around.after, always_call=True)


def asks_in_passes(files: Iterable[Path]) -> bool:
    """Whether the code of classes in ``files`` names a GPU outside constructors, or keeps its name in an attribute."""
    return any(_asks(file) for file in files)


def _asks(file: Path) -> bool:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [node for kind in classes for node in kind.body if isinstance(node, ast.FunctionDef)]
    for method in methods:
        if method.name != "__init__":
            if any(_names_gpu(node) for node in ast.walk(method)):
                return True
            continue
        for node in ast.walk(method):
            if isinstance(node, ast.Assign) and _keeps_device(node.value):
                return True
    return False


def _keeps_device(value: ast.expr) -> bool:
    """``"cuda"``, ``torch.device("cuda")``; not ``torch.device("cuda" if torch.cuda.is_available() else "cpu")``."""
    nodes = list(ast.walk(value))
    if any(isinstance(node, ast.Attribute) and node.attr == "is_available" for node in nodes):
        return False
    whole = isinstance(value, ast.Constant) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "device"
    )
    return whole and any(_is_gpu_name(node) for node in nodes)


def _names_gpu(node: ast.AST) -> bool:
    call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cuda"
    of_cuda = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "cuda"
    return call or of_cuda or _is_gpu_name(node)


def _is_gpu_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and is_cuda(node.value)
