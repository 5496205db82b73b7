"""A network run by another program than torch as it is: torch.compile, onnxruntime. An axis of results, said in each.

Such a program may round otherwise. So its results are other results, and the first image of every size is compared
with torch: what differs by more than rounding is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from srbench.cost.backends import BACKENDS, TOLERANCE
from srbench.errors import SrbenchError
from srbench.evaluation.export import as_onnx, require_onnx
from srbench.models.loading import SRModel

Run = Callable[[Tensor], Tensor]


class InBackend(nn.Module):
    """``network`` computed by ``run``; (N, c, h, w) -> what ``network`` gives for it, up to rounding."""

    def __init__(self, network: nn.Module, run: Run, name: str, tolerance: float) -> None:
        super().__init__()
        self.network = network
        self.name = name
        self.tolerance = tolerance
        self._run: tuple[Run] = (run,)  # in a tuple, as a compiled network is a module too
        self._compared: set[tuple[int, ...]] = set()

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, c, h, w).

        Raises:
            SrbenchError: the backend refuses the network or the size, or gives another image than torch.
        """
        try:
            y = self._run[0](x)
        except SrbenchError:
            raise
        except Exception as error:  # compilers' own errors are of many kinds
            first = (str(error).strip().splitlines() or [""])[0][:200]
            raise SrbenchError(f"{self.name} cannot run the network: {type(error).__name__}: {first}") from error
        if tuple(x.shape) not in self._compared:
            self._compare(x, y)
            self._compared.add(tuple(x.shape))
        return y

    def _compare(self, x: Tensor, y: Tensor) -> None:
        expected = self.network(x)
        same = y.shape == expected.shape
        share = float((y - expected).abs().max() / expected.abs().max().clamp_min(1e-12)) if same else float("inf")
        if not share <= self.tolerance:  # also refuses NaN
            raise SrbenchError(
                f"{self.name} gives another image than torch at LR {x.shape[-1]}x{x.shape[-2]}: it differs by "
                f"{share:.1e} of the largest value, and {self.tolerance:.0e} is what rounding explains; use eager."
            )


def check_backend(backend: str, device: str, precision: str) -> None:
    """Refuse a backend that there is not, that is not installed, or that does not go with the rest.

    Raises:
        SrbenchError: one sentence.
    """
    if backend not in BACKENDS:
        raise SrbenchError(f"unknown backend '{backend}'; known: {', '.join(BACKENDS)}.")
    if backend == "onnxruntime":
        require_onnx()
        if precision != "fp32":
            raise SrbenchError(f"onnxruntime runs in fp32 here, not {precision}; use --precision fp32 with it.")
        if device.startswith("cuda"):
            raise SrbenchError("onnxruntime runs on the CPU here; use --device cpu with it, or --backend compile.")


def with_backend(model: SRModel, backend: str) -> SRModel:
    """``model`` with its network run by ``backend``; the first pass of a size takes long, as it compiles.

    Raises:
        SrbenchError: no such backend here, or a model without a network.
    """
    check_backend(backend, model.device, model.precision)
    if backend == "eager":
        return model
    if model.network is None:
        raise SrbenchError(f"'{model.card.name}' has no network; a backend is what runs networks.")
    network = model.network.eval()
    run: Any = torch.compile(network, dynamic=True) if backend == "compile" else OnnxRun(network)
    return replace(model, network=InBackend(network, run, backend, TOLERANCE[model.precision]).eval(), backend=backend)


def ways_of(model: SRModel) -> tuple[nn.Module | None, nn.Module | None]:
    """(the network as torch runs it, which is what is counted; what is timed in its place, where a backend runs it)."""
    network = model.network
    return (network.network, network) if isinstance(network, InBackend) else (network, None)


class OnnxRun:
    """A network written as ONNX when it first runs, for any size where the exporter can, else for each size."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.of_any_size: bytes | None = None
        self.sizes_alone = False
        self.sessions: dict[tuple[int, tuple[int, ...] | None], Any] = {}

    def __call__(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, c, h, w)."""
        size = self._size(x)
        key = (torch.get_num_threads(), size)
        if key not in self.sessions:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = key[0]
            written = self.of_any_size if size is None and self.of_any_size else as_onnx(self.network, x, False)
            self.sessions[key] = onnxruntime.InferenceSession(written, options, providers=["CPUExecutionProvider"])
        return torch.from_numpy(self.sessions[key].run(None, {"lr": x.contiguous().numpy()})[0])

    def _size(self, x: Tensor) -> tuple[int, ...] | None:
        """The size that a file is needed for; None where one file takes all sizes."""
        if self.of_any_size is None and not self.sizes_alone:
            try:
                self.of_any_size = as_onnx(self.network, x, True)
            except SrbenchError:
                self.sizes_alone = True
        return tuple(x.shape) if self.sizes_alone else None
