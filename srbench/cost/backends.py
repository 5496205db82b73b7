"""Ways to run one network: precision, memory format and backend, each checked against eager before it is timed."""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError

BACKENDS = ("eager", "compile", "onnxruntime")
PRECISIONS: dict[str, torch.dtype] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "fp64": torch.float64,
}
MEMORY_FORMATS = ("contiguous", "channels_last")
ALLOCATORS = ("warm", "shipped")
"""Of the CPU: one that keeps its memory between passes (:mod:`srbench.cost.allocator`), or as the C library has it."""
TOLERANCE = {"fp32": 1e-3, "fp64": 1e-3, "fp16": 2e-2, "bf16": 1e-1}
"""Largest difference from eager fp32 that is accepted, as a share of the largest output value."""


@dataclass(frozen=True)
class Variant:
    """The axes of one measurement besides the model and the size."""

    backend: str = "eager"
    precision: str = "fp32"
    memory_format: str = "contiguous"
    threads: int | None = None
    device: str = "cpu"
    allocator: str = "warm"

    @property
    def on_cpu(self) -> bool:
        """Whether passes run on the CPU."""
        return not self.device.startswith("cuda")

    @property
    def plain(self) -> Variant:
        """The same threads, device and precision, run eagerly, contiguous and with the allocator warm."""
        return replace(self, backend="eager", memory_format="contiguous", allocator="warm")

    @property
    def label(self) -> str:
        """Short name of what differs from the plain way; "" for eager, fp32, contiguous, allocator warm."""
        parts = [self.backend if self.backend != "eager" else "", self.precision if self.precision != "fp32" else ""]
        parts.append("channels_last" if self.memory_format == "channels_last" else "")
        parts.append("allocator as shipped" if self.allocator == "shipped" and self.on_cpu else "")
        return "+".join(p for p in parts if p)


def check_variant(variant: Variant) -> None:
    """Refuse axes that do not exist or do not fit together.

    Raises:
        SrbenchError: one sentence.
    """
    for value, known, kind in (
        (variant.backend, BACKENDS, "backend"),
        (variant.precision, tuple(PRECISIONS), "precision"),
        (variant.memory_format, MEMORY_FORMATS, "memory format"),
        (variant.allocator, ALLOCATORS, "allocator"),
    ):
        if value not in known:
            raise SrbenchError(f"unknown {kind} '{value}'; known: {', '.join(known)}.")
    kind, _, number = variant.device.partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
        raise SrbenchError(f"device '{variant.device}' is not known; expected cpu, cuda or cuda:N.")
    if variant.threads is not None and variant.threads < 1:
        raise SrbenchError(f"{variant.threads} threads cannot run anything; expected at least 1.")
    if variant.device.startswith("cuda") and not torch.cuda.is_available():
        raise SrbenchError("no CUDA device here; use --device cpu.")
    if variant.precision == "fp16" and not variant.device.startswith("cuda"):
        raise SrbenchError("fp16 is measured on CUDA only; use bf16 or fp32 on the CPU.")
    if variant.backend == "onnxruntime" and variant.precision != "fp32":
        raise SrbenchError("onnxruntime is measured in fp32 only; use --precision fp32 with it.")
    if variant.backend == "onnxruntime" and variant.memory_format != "contiguous":
        raise SrbenchError("onnxruntime chooses its own memory format; use --memory-format contiguous with it.")


Runner = Callable[[], Any]
"""Runs one pass on a fixed input; asynchronous on CUDA."""


def prepare(network: nn.Module, x: Tensor, variant: Variant) -> tuple[Runner, float]:
    """A callable for one pass of ``network`` on ``x`` in this variant, and its difference from eager.

    Args:
        network: in evaluation mode, fp32, on CPU; it is not changed.
        x: (1, C, H, W) fp32 on CPU.
        variant: how to run it.

    Returns:
        The runner, and the largest absolute difference from eager fp32 over the largest absolute output.

    Raises:
        SrbenchError: the backend is not installed or refuses the network, or its output differs from eager.
    """
    check_variant(variant)
    dtype = PRECISIONS[variant.precision]
    form: Any = torch.channels_last if variant.memory_format == "channels_last" else torch.contiguous_format
    if variant.precision == "fp32" and variant.backend == "eager" and variant.memory_format == "contiguous":
        return _torch_runner(network.to(variant.device), x.to(variant.device)), 0.0  # nothing to check, and not run yet
    with torch.inference_mode():
        reference = network.to(variant.device)(x.to(variant.device)).float().cpu()
    if variant.backend == "onnxruntime":
        runner = _onnx_runner(network, x, variant)
        output = torch.from_numpy(runner()[0])
    else:
        move: Any = copy.deepcopy(network).to
        twin = move(device=variant.device, dtype=dtype, memory_format=form)
        inputs = x.to(device=variant.device, dtype=dtype, memory_format=form)
        runner = _torch_runner(_compiled(twin) if variant.backend == "compile" else twin, inputs)
        output = runner().float().cpu()
    difference = float((output - reference).abs().max() / reference.abs().max().clamp_min(1e-12))
    if not difference <= TOLERANCE[variant.precision]:  # also refuses NaN
        raise SrbenchError(
            f"{variant.label} differs from eager by {difference:.1e} of the largest output "
            f"(limit {TOLERANCE[variant.precision]:.0e}), so it was not timed."
        )
    return runner, difference


def _torch_runner(network: Callable[[Tensor], Any], inputs: Tensor) -> Runner:
    def run() -> Any:
        with torch.inference_mode():
            return network(inputs)

    return run


def _compiled(network: nn.Module) -> Callable[[Tensor], Any]:
    try:
        compiled: Callable[[Tensor], Any] = torch.compile(network, dynamic=False)
    except Exception as error:  # the compiler's own errors are of many kinds
        raise SrbenchError(f"torch.compile refused the network: {type(error).__name__}: {error}") from error
    return compiled


def _onnx_runner(network: nn.Module, x: Tensor, variant: Variant) -> Runner:
    try:
        import onnxruntime
    except ImportError:
        raise SrbenchError("onnxruntime is not installed; pip install 'srbench[onnx]' to time this backend.") from None
    export: Any = torch.onnx.export
    try:
        with torch.inference_mode(), contextlib.redirect_stdout(sys.stderr):
            program = export(network, (x,), input_names=["lr"], dynamo=True, verbose=False)
        model = program.model_proto.SerializeToString()
    except Exception as error:  # the exporter's own errors are of many kinds
        raise SrbenchError(f"the network cannot be exported to ONNX: {type(error).__name__}: {error}") from error
    options = onnxruntime.SessionOptions()
    if variant.threads:
        options.intra_op_num_threads = variant.threads
    cuda = variant.device.startswith("cuda")
    providers = ["CUDAExecutionProvider"] if cuda else ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model, options, providers=providers)
    feed = {"lr": x.numpy()}
    return lambda: session.run(None, feed)
