"""A network written for other programs, and compared with itself in torch: pixels and PSNR."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from srbench.datasets import open_dataset
from srbench.errors import CheckFailed, SrbenchError
from srbench.metrics import get_protocol
from srbench.metrics.measure import measure_image
from srbench.models.loading import SRModel
from srbench.quantities import PSNR, get_quantity
from srbench.writing import write_bytes, write_text

Kind = Literal["onnx", "torchscript"]
Runner = Callable[[Tensor], Tensor]
LARGEST_LEVEL = 1
"""Grey levels by which a pixel may differ: one, where a value lies next to a half."""
LARGEST_PSNR = 0.005
"""dB by which PSNR may differ: half of the last digit that papers print."""


@dataclass(frozen=True)
class Parity:
    """One image through both: LR (height, width), how far pixels differ, and PSNR [dB] against HR."""

    image: str
    lr_size: tuple[int, int]
    largest_level: int
    differing: float
    decibels_torch: float
    decibels_exported: float

    @property
    def holds(self) -> bool:
        """Whether the two can be taken for one another."""
        return self.largest_level <= LARGEST_LEVEL and abs(self.decibels_torch - self.decibels_exported) <= LARGEST_PSNR


@dataclass(frozen=True)
class Made:
    """What is to be written, and how it compares with torch."""

    data: bytes
    found: tuple[Parity, ...]


def export(model: SRModel, kind: Kind, file: Path, size: tuple[int, int] | None = None) -> tuple[Parity, ...]:
    """Write the network of ``model``, after running what is written beside torch on two embedded photographs.

    The file maps (1, channels, h, w) float32 in the card's range to (1, channels, scale*h, scale*w).

    Args:
        model: with weights, on the CPU.
        kind: the format.
        file: to write.
        size: LR (height, width) that the file takes alone; None: any size.

    Raises:
        SrbenchError: no network or weights, a package that is missing, or a network that cannot be written.
        CheckFailed: what would be written differs; nothing is written.
    """
    return put(model, kind, file, size, made(model, kind, size))


def put(model: SRModel, kind: Kind, file: Path, size: tuple[int, int] | None, what: Made) -> tuple[Parity, ...]:
    """Write ``what`` was made of ``model``, and the JSON beside it; arguments and errors as :func:`export`."""
    if not all(one.holds for one in what.found):
        worst = max(what.found, key=lambda one: one.largest_level)
        hint = "" if size else "; it may take one size alone: give --size HxW"
        raise CheckFailed(
            f"the exported network differs from torch by {worst.largest_level} grey levels and "
            f"{abs(worst.decibels_torch - worst.decibels_exported):.3f} dB on {worst.image}, "
            f"so '{file}' was not written{hint}."
        )
    write_bytes(file, what.data)
    _describe(model, kind, file, size)
    return what.found


def made(model: SRModel, kind: Kind, size: tuple[int, int] | None = None) -> Made:
    """The bytes that :func:`export` writes, and how they compare; arguments and errors as there."""
    if model.network is None or model.card.colour == "y" or model.card.pre_upsampled:
        raise SrbenchError(
            f"'{model.card.name}' is no network from RGB to RGB, so there is nothing to export; "
            "see srbench list models for one that is."
        )
    if model.weights.origin == "none":
        raise SrbenchError(f"there are no weights for {model.card.name} x{model.scale}; give --weights FILE.")
    if kind == "onnx":
        require_onnx()
    example = torch.rand(1, model.card.channels, *(size or (48, 64))) * model.card.input_range
    make, read = (as_onnx, _read_onnx) if kind == "onnx" else (_as_torchscript, _read_torchscript)
    network = model.network.eval()
    with torch.inference_mode(), contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = make(network, example, size is None)
    return Made(data, tuple(_compared(model, read(data), size)))


def require_onnx() -> None:
    """Refuse to go on without the packages of the extra ``onnx``.

    Raises:
        SrbenchError: naming what is missing.
    """
    missing = [name for name in ("onnx", "onnxscript", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise SrbenchError(
            f"{', '.join(missing)} {'are' if len(missing) > 1 else 'is'} not installed; "
            "pip install 'srbench[onnx]' for ONNX."
        )


def as_onnx(network: nn.Module, example: Tensor, any_size: bool) -> bytes:
    """``network`` as an ONNX file, for inputs like ``example`` or of any size.

    Raises:
        SrbenchError: the exporter refuses it.
    """
    dynamic = ({2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC},) if any_size else None
    write: Any = torch.onnx.export
    try:
        with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = write(network, (example,), input_names=["lr"], output_names=["sr"], dynamo=True,
                            dynamic_shapes=dynamic, verbose=False)  # fmt: skip
        return bytes(program.model_proto.SerializeToString())
    except Exception as error:  # the exporter's own errors are of many kinds
        raise SrbenchError(_refused("ONNX", error, any_size)) from error


def _as_torchscript(network: nn.Module, example: Tensor, any_size: bool) -> bytes:
    trace: Any = torch.jit.trace
    save: Any = torch.jit.save
    stream = io.BytesIO()
    try:
        save(trace(network, example, check_trace=False), stream)
        return stream.getvalue()
    except Exception as error:  # a user's network: anything can be raised
        raise SrbenchError(_refused("TorchScript", error, any_size)) from error


def _refused(title: str, error: Exception, any_size: bool) -> str:
    first = (str(error).strip().splitlines() or [""])[0][:200]
    hint = "; give --size HxW for a file of one size" if any_size else ""
    return f"the network cannot be written as {title}: {type(error).__name__}: {first}{hint}."


def _read_onnx(made: bytes) -> Runner:
    import onnxruntime

    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    return lambda x: torch.from_numpy(session.run(None, {"lr": x.numpy()})[0])


def _read_torchscript(made: bytes) -> Runner:
    load: Any = torch.jit.load
    loaded = load(io.BytesIO(made)).eval()
    return lambda x: loaded(x)


def _facts_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _describe(model: SRModel, kind: Kind, file: Path, size: tuple[int, int] | None) -> None:
    """What a program must know to feed the file, as JSON beside it."""
    card = model.card
    facts = {
        "schema": "srbench.export/1", "format": kind, "model": card.name, "scale": model.scale,
        "weights": {"name": model.weights.name, "origin": model.weights.origin, "sha256": model.weights.sha256},
        "input": {"layout": "NCHW float32", "range": card.input_range, "order": card.order,
                  "multiple": card.size_multiple, "lr_size": list(size) if size else None},
    }  # fmt: skip
    write_text(_facts_file(file), json.dumps(facts, indent=1) + "\n")


class _Exported(nn.Module):
    """What was written, in the place of the network."""

    def __init__(self, run: Runner) -> None:
        super().__init__()
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x)


def _compared(model: SRModel, run: Runner, size: tuple[int, int] | None) -> list[Parity]:
    twin = replace(model, network=_Exported(run).eval())
    quantity, protocol = get_quantity(PSNR), get_protocol("y-matlab")
    found = []
    multiple = model.card.size_multiple
    for pair, wanted in zip(open_dataset("embedded", model.scale, limit=2).images, ((72, 96), (60, 84)), strict=True):
        height, width = size or tuple(edge + -edge % multiple for edge in wanted)
        lr, hr = pair.load()
        if lr.shape[0] < height or lr.shape[1] < width:
            raise SrbenchError(f"LR {height}x{width} is larger than the photographs of the check; give a smaller size.")
        lr = np.ascontiguousarray(lr[:height, :width])
        hr = np.ascontiguousarray(hr[: height * model.scale, : width * model.scale])
        ours, theirs = model(lr), twin(lr)
        gap = np.abs(ours.astype(int) - theirs.astype(int))
        values = [measure_image(sr, hr, model.scale, protocol, [quantity])[quantity.name] for sr in (ours, theirs)]
        found.append(Parity(pair.name, (height, width), int(gap.max()), float((gap > 0).mean()), *values))
    return found


def as_json(found: tuple[Parity, ...]) -> list[dict[str, Any]]:
    """The comparison for JSON."""
    return [asdict(one) for one in found]
