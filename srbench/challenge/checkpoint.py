"""What a file of weights holds, read as data: names, shapes and storages; no torch, no object of the file is ever made.

A torch file is a zip with a pickle (or, before torch 1.6, a row of pickles). The pickle's program is run with an
allowlist that maps tensors and storages to plain descriptions; anything else it names is refused. Sizes are compared
before a value is looked at, so a view larger than its storage costs nothing.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

WRAPPERS = ("params_ema", "params", "state_dict", "model", "net", "model_state_dict")
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES = {
    "FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool",
}  # fmt: skip
_BYTES = {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "float16": 2, "bfloat16": 2, "int16": 2}
_SAFE = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
         "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool"}  # fmt: skip
_LONGEST_PICKLE = 64 << 20
_MOST_TENSORS = 100_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What reading a member of a damaged zip raises."""


class CheckpointError(Exception):
    """A file that holds no plain weights: ``what`` it is instead, and how to ``mend`` it."""

    def __init__(self, what: str, mend: str = "save torch.save(model.state_dict(), 'weights.pth')") -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


@dataclass(frozen=True)
class Storage:
    """A block of values: its type, its key in the file, where it lay ("cpu", "cuda:0"), and how many there are."""

    kind: str
    key: str
    location: str
    count: int


@dataclass(frozen=True)
class Tensor:
    """A view of a storage: offset, shape and strides [values]."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many values it has."""
        return math.prod(self.shape)

    @property
    def reach(self) -> int:
        """How many values its storage must have."""
        if 0 in self.shape:
            return self.offset
        return self.offset + 1 + sum((n - 1) * step for n, step in zip(self.shape, self.stride, strict=True))


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, without the prefix ``module.``; under which key they were; what else holds tensors."""

    form: str
    tensors: dict[str, Tensor]
    key: str = ""
    others: tuple[str, ...] = ()
    prefixed: bool = False
    values: Any = None
    """Storage -> its values as a NumPy array, None where they cannot be had."""


def read_checkpoint(data: bytes, key: str = "") -> Checkpoint:
    """Describe a file of weights.

    Raises:
        CheckpointError: it is something else (a program, a whole module, ONNX), damaged, or names anything besides
            plain tensors.
    """
    try:
        if data[:2] == b"PK":
            return _zipped(data, key)
        if len(data) > 8 and data[8:9] == b"{" and struct.unpack("<Q", data[:8])[0] < len(data):
            return _safetensors(data)
        if data[:1] == b"\x80":
            return _legacy(data, key)
    except CheckpointError:
        raise
    except RecursionError:
        raise CheckpointError("is nested too deeply to be plain weights") from None
    except Exception as error:
        raise CheckpointError(f"is damaged or cut short ({type(error).__name__}: {error})") from error
    if b"onnx" in data[:256] or b"pytorch" in data[:256]:
        raise CheckpointError("is an ONNX graph, not weights")
    raise CheckpointError("is empty" if not data else "is no torch or safetensors file")


def _zipped(data: bytes, key: str) -> Checkpoint:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise CheckpointError(f"is a damaged zip ({error})", "upload it again") from error
    names = archive.namelist()
    if any("/code/" in f"/{name}" for name in names) or any(name.endswith("constants.pkl") for name in names):
        raise CheckpointError("is a TorchScript program, not weights")
    if any(name.endswith(("serialized_exported_program.json", "archive_format")) for name in names):
        raise CheckpointError("is an exported program (.pt2), not weights")
    pickles = [name for name in names if name.endswith("data.pkl")]
    if len(pickles) != 1:
        raise CheckpointError("is a zip that torch did not write")
    if archive.getinfo(pickles[0]).file_size > _LONGEST_PICKLE:
        raise CheckpointError("has an index too large for plain weights")
    root = pickles[0][: -len("data.pkl")]
    raw = _Reader(io.BytesIO(archive.read(pickles[0]))).load()

    def values(storage: Storage) -> Any:
        name = f"{root}data/{storage.key}"
        size = storage.count * _BYTES.get(storage.kind, 1)
        if name not in names or archive.getinfo(name).file_size != size:
            raise CheckpointError(f"has a storage '{storage.key}' of another size than it says", "save it again")
        try:
            return _array(archive.read(name), storage.kind)
        except _DAMAGED as error:
            raise CheckpointError(f"has a damaged storage '{storage.key}' ({error})", "upload it again") from error

    return _found("torch zip", raw, key, values)


def _legacy(data: bytes, key: str) -> Checkpoint:
    stream = io.BytesIO(data)
    if _Reader(stream).load() != _LEGACY_MAGIC:
        raise CheckpointError("is a pickle that torch did not write")
    _Reader(stream).load()
    _Reader(stream).load()
    raw = _Reader(stream).load()
    return _found("torch legacy", raw, key, lambda _storage: None)


def _safetensors(data: bytes) -> Checkpoint:
    (length,) = struct.unpack("<Q", data[:8])
    if length > _LONGEST_PICKLE:
        raise CheckpointError("has a header too large for weights")
    header = json.loads(data[8 : 8 + length])
    tensors: dict[str, Tensor] = {}
    body = len(data) - 8 - length
    spans = []
    for name, about in header.items():
        if name == "__metadata__":
            continue
        kind, shape, (begin, end) = (
            _SAFE.get(about["dtype"], about["dtype"]),
            tuple(about["shape"]),
            about["data_offsets"],
        )
        count = math.prod(shape)
        if not 0 <= begin <= end <= body or end - begin != count * _BYTES.get(kind, 1) or min(shape, default=0) < 0:
            raise CheckpointError(f"has a tensor '{name[:60]}' of another size than it says", "save it again")
        spans.append((begin, end))
        tensors[name] = Tensor(Storage(kind, str(begin), "cpu", count), 0, shape, _strides(shape))
    if any(first[1] > second[0] for first, second in itertools.pairwise(sorted(spans))):
        raise CheckpointError("has tensors that overlap", "save it again")

    def values(storage: Storage) -> Any:
        begin = 8 + length + int(storage.key)
        return _array(data[begin : begin + storage.count * _BYTES.get(storage.kind, 1)], storage.kind)

    return Checkpoint("safetensors", tensors, values=values)


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def _array(data: bytes, kind: str) -> Any:
    if kind == "bfloat16":
        return (np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(data, dtype=np.dtype(kind).newbyteorder("<"))


class _Reader(pickle.Unpickler):
    """Runs a pickle's program with an allowlist of names, none of which does anything."""

    def find_class(self, module: str, name: str) -> Any:
        """A description in place of what the pickle names.

        Raises:
            CheckpointError: for anything that plain weights do not need.
        """
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) in (("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor")):
            return lambda *arguments: _rebuild(*arguments)
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda tensor, *_others: tensor
        if module == "torch" and name in _STORAGES:
            return _Kind(_STORAGES[name])
        if module == "torch" and name == "Size":
            return tuple
        what = "a whole network" if "torch.nn" in module else f"objects of '{module}.{name}'"
        raise CheckpointError(
            f"holds {what[:120]}, not a plain state dict; loading such a file can run any code, so it is refused"
        )

    def persistent_load(self, pid: Any) -> Storage:
        """A storage by its description in the file."""
        _, kind, key, location, count = tuple(pid)[:5]
        if not isinstance(kind, _Kind) or not isinstance(count, int) or count < 0:
            raise CheckpointError("names a storage in a way that torch does not")
        return Storage(kind.name, str(key), str(location), count)


@dataclass(frozen=True)
class _Kind:
    """Stands for a storage class."""

    name: str


def _rebuild(storage: Storage, offset: int, size: Any, stride: Any, *_others: Any) -> Tensor:
    shape, steps = tuple(map(int, size)), tuple(map(int, stride))
    if not isinstance(storage, Storage) or len(shape) != len(steps) or min((*shape, *steps, offset), default=0) < 0:
        raise CheckpointError("holds a tensor whose shape makes no sense")
    return Tensor(storage, offset, shape, steps)


def _is_state(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(v, Tensor) for v in value.values())


def _found(form: str, raw: Any, key: str, values: Any) -> Checkpoint:
    """Take off wrappers until names with tensors are left, in the order in which srbench loads them."""
    path, others = "", []
    wanted = key.split(".") if key else []
    found = raw
    while isinstance(found, Mapping) and not _is_state(found):
        inside = [str(name) for name, value in found.items() if _is_state(value) or _wraps(value)]
        choice = wanted.pop(0) if wanted else next((n for n in (*WRAPPERS, *inside) if n in inside), None)
        if choice is None or choice not in found:
            break
        others += [f"{path}.{name}".lstrip(".") for name in inside if name != choice]
        found, path = found[choice], f"{path}.{choice}".lstrip(".")
    if not _is_state(found):
        held = f"keys {', '.join(map(str, list(found)[:5]))}" if isinstance(found, Mapping) else type(found).__name__
        raise CheckpointError(f"holds {held[:200]}, not names with tensors")
    if len(found) > _MOST_TENSORS:
        raise CheckpointError(f"holds more than {_MOST_TENSORS} tensors")
    prefixed = all(str(name).startswith("module.") for name in found)
    tensors = {str(name)[7 if prefixed else 0 :]: tensor for name, tensor in found.items()}
    return Checkpoint(form, tensors, path, tuple(others), prefixed, values)


def _wraps(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(value.get(name), Mapping) for name in WRAPPERS)
