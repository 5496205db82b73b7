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
            self._note(".cuda()")
            return args[0]
        if name == "to" and args and isinstance(args[0], Tensor):
            return self._to(func, args, kwargs)
        if is_cuda(kwargs.get("device")):
            self._note(f"device={str(kwargs['device'])!r}")
            kwargs["device"] = "cpu"
        return func(*args, **kwargs)

    def _to(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``x.to(device, dtype)`` without the device: the tensor may be on 'meta', where it has to stay."""
        device = kwargs.get("device", args[1] if len(args) > 1 else None)
        if not is_cuda(device) and not (isinstance(device, int) and not isinstance(device, bool)):
            return func(*args, **kwargs)
        self._note(f".to({str(device)!r})")
        kinds = [value for value in (*args[1:], kwargs.get("dtype")) if isinstance(value, torch.dtype)]
        return func(args[0], kinds[0]) if kinds else args[0]

    def _note(self, what: str) -> None:
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

    def load_here(*arguments: Any, **options: Any) -> Any:
        if len(arguments) < 2:
            options["map_location"] = "cpu"
        return load(*arguments, **options)

    def default_type(kind: Any) -> None:
        if "cuda" in str(kind):
            mode.replaced.append(f"torch.set_default_tensor_type({str(kind)!r})")
        else:
            set_default(kind)

    with (
        mock.patch.object(torch, "load", load_here),
        mock.patch.object(torch, "set_default_tensor_type", default_type),
        mock.patch.object(torch.cuda, "current_device", return_value="cpu"),
        mock.patch.object(torch.cuda, "synchronize"),
        mode,
    ):
        yield mode.replaced


class _Around:
    """The hooks that keep :class:`StayOnCpu` on during a network's own passes, if its input is not on a GPU."""

    def __init__(self) -> None:
        self.modes: list[StayOnCpu | None] = []

    def before(self, _network: nn.Module, inputs: Any) -> None:
        on_gpu = any(isinstance(value, Tensor) and is_cuda(value.device) for value in inputs)
        self.modes.append(None if on_gpu else StayOnCpu())
        if self.modes[-1] is not None:
            self.modes[-1].__enter__()  # type: ignore[no-untyped-call]

    def after(self, _network: nn.Module, _inputs: Any, _output: Any) -> None:
        mode = self.modes.pop() if self.modes else None
        if mode is not None:
            mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]


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
    except (OSError, SyntaxError, ValueError):
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
    return call or _is_gpu_name(node)


def _is_gpu_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and is_cuda(node.value)
