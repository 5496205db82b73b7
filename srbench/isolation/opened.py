"""Opening a stranger's network in the sandboxed process, and what there is to say about it.

Two ways: by class, arguments and weights (a submission's own description), or by running the repository's loader for
one id, which gets fused and deploy forms right by itself. Weights are read with ``weights_only=True`` onto the CPU,
whatever the code asks for.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.notes import LoadNote
from srbench.models.options import ModelOptions


@dataclass
class Loading:
    """What was seen while a network was built: files, and keys that did not fit."""

    files: dict[str, str] = field(default_factory=dict)
    """Weights' file -> SHA-256."""
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    passes: int = 0
    """Passes of whole networks on images that building it ran."""


@dataclass
class Opened:
    """A network that is ready to run."""

    network: nn.Module
    card: ModelCard
    scale: int
    data_range: float
    multiple: int = 1
    tile: tuple[int, int] | None = None
    name: str = ""
    notes: tuple[LoadNote, ...] = ()
    loading: Loading = field(default_factory=Loading)

    def summary(self) -> dict[str, Any]:
        """All of it that is data."""
        parameters = list(self.network.parameters())
        return {
            "class": type(self.network).__name__,
            "name": self.name[:200],
            "data_range": self.data_range,
            "multiple": self.multiple,
            "tile": list(self.tile) if self.tile else None,
            "params": sum(p.numel() for p in parameters),
            "uncounted": _uncounted(self.network),
            "not_finite": [name for name, p in self.network.named_parameters() if not _finite(p)][:5],
            "dtypes": sorted({str(p.dtype).removeprefix("torch.") for p in parameters}),
            "missing": self.loading.missing[:200],
            "unexpected": self.loading.unexpected[:200],
            "weights": self.loading.files,
            "warmed": self.loading.passes,
            "state": _state_hash(self.network),
            "notes": [f"{note.kind}: {note.wanted}" + (f" -> {note.used}" if note.used else "") for note in self.notes],
            "shims": [note.wanted for note in self.notes if note.kind == "stand-in"],
        }


def open_entry(spec: Mapping[str, Any], device: str) -> Opened:
    """The network of ``spec`` in eval mode on ``device``.

    ``spec`` has ``scale``, ``data_range`` (None where the loader says it), ``multiple``, ``tile``, ``shims`` and either
    ``reference`` (``models/net.py:Net(...)``), ``weights``, ``key``, ``strict``; or ``loader`` (file), ``function``,
    ``id`` and ``id_name``.

    Raises:
        SrbenchError: it cannot be built or its weights do not fit.
    """
    loading = Loading()
    with _guarded(loading):
        opened = _by_loader(spec, device) if spec.get("loader") else _by_class(spec, device)
    _record_left_out(loading, opened.notes)
    opened.loading = loading
    opened.network = opened.network.to(device).eval()
    for parameter in opened.network.parameters():
        parameter.requires_grad = False
    return opened


def _record_left_out(loading: Loading, notes: Sequence[LoadNote]) -> None:
    """Keys that our own loading of "what fits" left out are missing or unexpected ones like any other."""
    for item in (item for note in notes if note.kind == "skipped-weights" for item in note.items):
        what, sign, key = item.partition(": ")
        key = key if sign else item
        found = loading.unexpected if what == "not in the network" else loading.missing
        if key not in found:
            found.append(key)


def _by_class(spec: Mapping[str, Any], device: str) -> Opened:
    from srbench.models.find import find_card
    from srbench.models.loading import load_weights
    from srbench.models.networks import build
    from srbench.models.weights import ResolvedWeights

    root = Path.cwd()
    options = ModelOptions(
        root=str(root), shims=bool(spec.get("shims")), key=spec.get("key") or None,
        strict=bool(spec.get("strict", True)), size_multiple=int(spec.get("multiple") or 1),
        input_range=255 if spec.get("data_range") == 255 else 1,
    )  # fmt: skip
    card = find_card(str(root / str(spec["reference"])), options)
    scale = int(spec["scale"])
    network, notes = build(card, scale, device)
    if spec.get("weights"):
        path = root / str(spec["weights"])
        notes += load_weights(network, card, scale, ResolvedWeights(f"user:{path.name}", "user", path=path))
    tile = spec.get("tile")
    return Opened(
        network, card, scale, float(card.input_range), card.size_multiple, (tile[0], tile[1]) if tile else None,
        str(spec.get("name") or card.title), notes,
    )  # fmt: skip


def _by_loader(spec: Mapping[str, Any], device: str) -> Opened:
    from srbench.isolation.loader import run_loader

    scale = int(spec["scale"])
    found = run_loader(spec, device)
    if not isinstance(found.network, nn.Module):
        raise SrbenchError(f"the loader gave a {type(found.network).__name__}, not a torch.nn.Module.")
    data_range = found.data_range if spec.get("data_range") is None else float(spec["data_range"])
    if data_range not in (1.0, 255.0):
        raise SrbenchError(f"the loader gave the data range {data_range!r}; expected 1.0 or 255.0.")
    multiple = int(spec.get("multiple") or 1)
    card = ModelCard(
        name="entry", title=found.name or "entry", paper="user", year=2000, scales=(scale,), network="entry:entry",
        input_range=255 if data_range == 255 else 1, size_multiple=multiple,
    )  # fmt: skip
    return Opened(found.network, card, scale, data_range, multiple, found.tile, found.name, found.notes)


@contextlib.contextmanager
def _guarded(loading: Loading) -> Iterator[None]:
    """Inside it, ``torch.load`` takes plain tensors only and puts them on the CPU; what does not fit is recorded."""
    load, load_state, depth = torch.load, nn.Module.load_state_dict, [0]
    call, inside = nn.Module.__call__, [0]

    def call_counted(self: nn.Module, *arguments: Any, **options: Any) -> Any:
        inside[0] += 1
        try:
            return call(self, *arguments, **options)
        finally:
            inside[0] -= 1
            if inside[0] == 0 and arguments and isinstance(arguments[0], Tensor) and arguments[0].dim() == 4:
                loading.passes += 1

    def load_plainly(file: Any, *_arguments: Any, **_options: Any) -> Any:
        path = Path(file) if isinstance(file, (str, Path)) else None
        if path is not None and path.is_file():
            loading.files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        other = _other_format(path) if path is not None else ""
        if other:
            raise SrbenchError(
                f"'{path}' is {other}, not a plain state dict; save it by torch.save(net.state_dict(), ...)."
            )
        try:
            found = load(file, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            raise
        except Exception as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise (
                type(error)(f"'{path or 'weights'}' is not a plain state dict: {first}")
                if _plain(error)
                else (SrbenchError(f"'{path or 'weights'}' is not a plain state dict: {first}"))
            ) from error
        for name, tensor in _tensors(found):
            if tensor.numel() * tensor.element_size() > max(tensor.untyped_storage().nbytes(), 1):
                raise SrbenchError(
                    f"'{path or 'weights'}': {name} claims {'x'.join(map(str, tensor.shape))} values, but "
                    f"{tensor.untyped_storage().nbytes():,} bytes are stored; it is not a plain state dict."
                )
        return found

    def load_state_recorded(self: nn.Module, state: Any, *arguments: Any, **options: Any) -> Any:
        depth[0] += 1
        try:
            result = load_state(self, state, *arguments, **options)
        finally:
            depth[0] -= 1
        if depth[0] == 0:
            loading.missing += [str(key) for key in getattr(result, "missing_keys", ())]
            loading.unexpected += [str(key) for key in getattr(result, "unexpected_keys", ())]
        return result

    with (
        mock.patch.object(torch, "load", load_plainly),
        mock.patch.object(nn.Module, "load_state_dict", load_state_recorded),
        mock.patch.object(nn.Module, "__call__", call_counted),
    ):
        yield


def _other_format(path: Path) -> str:
    """What a file is that only looks like weights by its name: TorchScript, an exported program, ONNX; '' otherwise."""
    import zipfile

    with contextlib.suppress(OSError, zipfile.BadZipFile, ValueError):
        with path.open("rb") as stream:
            start = stream.read(64)
        if start[:2] == b"\x08\x07" or (start[:1] == b"\x08" and start[2:3] == b"\x12"):
            return "an ONNX graph"
        if start[:2] == b"PK":
            with zipfile.ZipFile(path) as archive:
                names = [name.partition("/")[2] for name in archive.namelist()[:10000]]
            if "archive_format" in names or "serialized_exported_program.json" in names:
                return "a program of torch.export"
            if "constants.pkl" in names:
                return "a TorchScript program"
    return ""


def _plain(error: BaseException) -> bool:
    """Whether an exception of its kind can be made from a text alone: readers tell kinds apart."""
    import pickle

    return type(error) in (RuntimeError, pickle.UnpicklingError, EOFError, ValueError)


def _tensors(found: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Tensor]]:
    if isinstance(found, Tensor):
        yield name, found
    elif isinstance(found, Mapping) and depth < 6:
        for key, value in found.items():
            yield from _tensors(value, f"{name}.{key}".strip("."), depth + 1)


def _finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())


def _uncounted(network: nn.Module) -> int:
    """Elements of buffers and of plain tensors in attributes: state that no count of parameters sees."""
    seen: dict[int, int] = {}
    known = {id(parameter) for parameter in network.parameters()}
    for module in network.modules():
        values = [*vars(module).values(), *module._buffers.values()]
        for value in values:
            inside = value if isinstance(value, (list, tuple)) else [value]
            for one in inside:
                if isinstance(one, Tensor) and id(one) not in known:
                    seen[id(one)] = one.numel()
    return sum(seen.values())


def _state_hash(network: nn.Module) -> str:
    """SHA-256 over the values of all tensors in order, whatever their names."""
    digest = hashlib.sha256()
    for tensor in network.state_dict().values():
        if isinstance(tensor, Tensor):
            digest.update(str(tuple(tensor.shape)).encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
