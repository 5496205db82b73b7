"""Reading weights safely, and loading them, with one clear sentence when they do not fit.

Nothing here ever executes what a file holds: safetensors, or ``torch.load(weights_only=True)``.
"""

from __future__ import annotations

import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.notes import LoadNote
from srbench.models.registry import cards

_AVERAGE = re.compile(r"(?:^|[^a-z])ema(?:[^a-z]|$)")
WRAPPERS = ("params_ema", "params", "state_dict", "model", "net", "model_state_dict")
PREFIX = "module."
_SHOWN = 3
_SAVE = "save its tensors by torch.save(model.state_dict(), 'weights.pth') and give that file"
_PROGRAM = f"'{{file}}' is a TorchScript program, not weights; load it with torch.jit.load, {_SAVE}."
_GIVE = "give a .pth, .pt or .safetensors file of weights"


@dataclass(frozen=True)
class CheckpointState:
    """What a file of weights holds, and where in it.

    Attributes:
        tensors: tensors by key, on the CPU, without the prefix of parallel training.
        key: the name it was found under, dotted where one wrapper is inside another; '' for a bare state dict.
        others: other names in the same file that hold tensors too, and were not taken.
        asked: whether the user chose the key.
        prefix: the prefix of parallel training, where it was taken off.
    """

    tensors: dict[str, Tensor]
    key: str = ""
    others: tuple[str, ...] = ()
    asked: bool = False
    prefix: str = ""

    @property
    def notes(self) -> tuple[LoadNote, ...]:
        """Which of several sets of weights was taken, where nobody had said which."""
        if self.asked or not self.others:
            return ()
        why = "it comes first in the usual order; --key takes another"
        return (LoadNote("checkpoint-key", "one set of weights", self.key, why, self.others),)


def load_state(path: str | Path, key: str | None = None) -> dict[str, Tensor]:
    """The tensors that :func:`read_state` finds."""
    return read_state(path, key).tensors


def read_state(path: str | Path, key: str | None = None) -> CheckpointState:
    """Tensors by name from a .safetensors file or a torch checkpoint, on the CPU, unwrapped and without ``module.``.

    Args:
        path: the file; its suffix matters only for .safetensors.
        key: the wrapper that holds the weights, dotted for one inside another. By default wrappers are taken off in
            the order ``params_ema``, ``params``, ``state_dict``, ``model``, ``net``, ``model_state_dict``, also one
            inside the other; else the only entry that holds tensors. Before the plain ones goes an average (EMA), of
            whatever name with ``ema`` in it, that holds tensors of the same names.

    Raises:
        SrbenchError: no such file; not a checkpoint, or damaged in whatever way; a pickle with more than plain
            tensors (refused, never loaded); no tensors under any wrapper, or not under ``key``.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise SrbenchError(f"weights file '{path}' does not exist; give the path of a .pth, .pt or .safetensors file.")
    raw = _read_safetensors(file) if file.suffix == ".safetensors" else _read_torch(file)
    found = _at_key(raw, key, file) if key else _unwrap(raw, file)
    if all(key.startswith(PREFIX) for key in found.tensors):
        shorter = {key[len(PREFIX) :]: value for key, value in found.tensors.items()}
        return replace(found, tensors=shorter, prefix=PREFIX)
    return found


def load_into(
    network: nn.Module, state: Mapping[str, Tensor], *, label: str, scale: int, strict: bool = True
) -> tuple[LoadNote, ...]:
    """Load ``state`` into ``network`` (fp16 tensors become fp32); with ``strict=False`` what fits of it.

    Returns what was left out, which only ``strict=False`` allows.

    Raises:
        SrbenchError: missing or unexpected keys or other shapes, with the first few and what the file looks like;
            or nothing that fits. ``label`` names file and model in it.
    """
    trouble = mismatch(network, state)
    if not trouble:
        _copy_into(network, dict(state), label, scale)
        return ()
    wanted = network.state_dict()
    fitting = {key: value for key, value in state.items() if key in wanted and value.shape == wanted[key].shape}
    if strict or not fitting:
        hint = "" if strict and not fitting else "; --no-strict loads what fits" if strict else ""
        raise SrbenchError(f"{label} x{scale}: the weights do not fit: {trouble}{_looks_like(state)}{hint}.")
    _copy_into(network, {**wanted, **fitting}, label, scale)
    left_out = (
        *(f"not in the file: {key}" for key in wanted if key not in state),
        *(f"of another shape: {key}" for key in wanted if key in state and key not in fitting),
        *(f"not in the network: {key}" for key in state if key not in wanted),
    )
    used = f"{len(fitting)} of the network's {len(wanted)}"
    return (LoadNote("skipped-weights", f"{len(state)} tensors", used, trouble, left_out),)


def parts(state: Mapping[str, Tensor]) -> Iterator[tuple[dict[str, Tensor], tuple[LoadNote, ...]]]:
    """Ways to read a file's keys: as they are, then what stands behind each first part of them, averages first.

    Training frameworks put the network's name before its keys (``model.head.weight``), also beside those of a loss or
    of another network. Two such parts in a row are taken off; the note says which, and what else the file holds.

    >>> [(sorted(part), [n.wanted for n in notes]) for part, notes in parts({"net.a": 1, "ema.a": 2})]
    [(['ema.a', 'net.a'], []), (['a'], ["keys with 'ema.'"]), (['a'], ["keys with 'net.'"])]
    """
    yield dict(state), ()
    yield from _behind(state, "", ())


def _behind(
    state: Mapping[str, Tensor], before: str, others: tuple[str, ...]
) -> Iterator[tuple[dict[str, Tensor], tuple[LoadNote, ...]]]:
    groups: dict[str, dict[str, Tensor]] = {}
    for key, value in state.items():
        first, dot, rest = key.partition(".")
        groups.setdefault(first, {})[rest if dot else ""] = value
    for name in sorted(groups, key=lambda each: "ema" not in each.lower()):
        if "" in groups[name]:
            continue  # a tensor itself
        beside = (*others, *(f"{before}{each}" for each in groups if each != name))
        prefix = f"{before}{name}."
        yield groups[name], (LoadNote("checkpoint-key", f"keys with '{prefix}'", "keys without it", items=beside),)
        if not before:
            yield from _behind(groups[name], prefix, beside)


def _copy_into(network: nn.Module, state: dict[str, Tensor], label: str, scale: int) -> None:
    try:
        network.load_state_dict(state, strict=True)
    except Exception as error:  # a network's own load_state_dict can raise anything
        raise SrbenchError(f"{label} x{scale}: the weights cannot be loaded: {_first_line(error)}.") from error


def mismatch(network: nn.Module, state: Mapping[str, Tensor]) -> str:
    """Why ``state`` does not fit ``network``: '' when it fits, else a clause without a full stop."""
    wanted = network.state_dict()
    missing = [key for key in wanted if key not in state]
    unexpected = [key for key in state if key not in wanted]
    shapes = [
        f"{key} is {_shape(state[key])} but the network has {_shape(tensor)}"
        for key, tensor in wanted.items()
        if key in state and state[key].shape != tensor.shape
    ]
    parts = []
    if missing:
        parts.append(f"{len(missing)} of {len(wanted)} keys missing ({_few(missing)})")
    if unexpected:
        parts.append(f"{len(unexpected)} unexpected ({_few(unexpected)})")
    if shapes:
        parts.append(f"{len(shapes)} of another shape ({_few(shapes)})")
    return ", ".join(parts)


def _read_safetensors(file: Path) -> Mapping[str, Any]:
    from safetensors.torch import load_file

    try:
        tensors: dict[str, Tensor] = load_file(file, device="cpu")
    except Exception as error:  # a damaged file fails anywhere in the reader, in any way
        raise SrbenchError(f"'{file}' is not a readable safetensors file ({_first_line(error)}).") from error
    return tensors


def _read_torch(file: Path) -> Any:
    if _is_program(file):  # torch up to 2.5 would load it, whatever weights_only says
        raise SrbenchError(_PROGRAM.format(file=file))
    try:
        with warnings.catch_warnings():  # torch's advice on odd files; the errors below say what to do
            warnings.simplefilter("ignore")
            return torch.load(file, map_location="cpu", weights_only=True)
    except SrbenchError:
        raise
    except OSError as error:
        raise SrbenchError(f"'{file}' cannot be read: {error.strerror or _first_line(error)}.") from error
    except Exception as error:  # a damaged file fails anywhere in the reader, in any way
        raise SrbenchError(_why_refused(file, error)) from error


def _is_program(file: Path) -> bool:
    """Whether a file is a TorchScript archive, told by the record that torch tells it by."""
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.rpartition("/")[2] == "constants.pkl" for name in archive.namelist())
    except (OSError, ValueError, NotImplementedError, struct.error, zipfile.BadZipFile):
        return False


def _why_refused(file: Path, error: Exception) -> str:
    """Why torch's restricted unpickler took nothing, as one sentence."""
    if "TorchScript" in str(error):
        return _PROGRAM.format(file=file)
    if not isinstance(error, pickle.UnpicklingError):
        return _why_unreadable(file)
    named = re.search(r"GLOBAL ([\w.]+)", str(error))
    if named is None and "operand" in str(error):
        return f"'{file}' is not a torch checkpoint; {_GIVE}."
    what = f"objects of '{named.group(1)}'" if named else "Python objects"
    return (
        f"'{file}' holds {what}, not plain tensors, and loading such a pickle can run any code, so it is refused; "
        f"if you trust it, load it with the code that made it, {_SAVE}."
    )


def _why_unreadable(file: Path) -> str:
    """Why torch cannot read ``file``, told by its first bytes; torch's own words are about its reader's insides."""
    with file.open("rb") as stream:
        start = stream.read(2)
    if not start:
        return f"'{file}' is empty; {_GIVE}."
    if start == b"PK":  # a zip archive, as torch.save has written since 1.6
        return f"'{file}' is cut short, damaged, or a zip archive that torch did not write; get or save it again."
    return f"'{file}' is damaged or not a torch checkpoint; {_GIVE}."


def _unwrap(raw: Any, file: Path) -> CheckpointState:
    """Take off wrappers until a mapping of names to tensors is left."""
    found, path = raw, ""
    others: tuple[str, ...] = ()
    while isinstance(found, Mapping):
        inside = [str(name) for name, value in found.items() if _may_hold_tensors(value)]
        averages = [str(name) for name, value in found.items() if _is_average(name) and _keys_of(value)]
        held = list(dict.fromkeys((*inside, *averages)))
        inside = inside or averages
        known = [*_averages_of(found, averages, inside), *(name for name in WRAPPERS if name in inside)]
        if not known and (len(inside) != 1 or any(isinstance(value, Tensor) for value in found.values())):
            break
        name = WRAPPERS[0] if WRAPPERS[0] in known else known[0] if known else inside[0]
        others = (*others, *(_join(path, other) for other in held if other != name))
        found, path = _child(found, name), _join(path, name)
    if _is_state(found):
        return CheckpointState({str(key): value for key, value in found.items()}, path, others)
    raise SrbenchError(
        f"'{file}' holds {_held(found)}, not a mapping of names to tensors; expected a state dict, bare or under one "
        f"of {', '.join(WRAPPERS)} (or under the name given by --key)."
    )


def _is_average(name: object) -> bool:
    return _AVERAGE.search(str(name).lower()) is not None


def _averages_of(found: Mapping[Any, Any], averages: list[str], inside: list[str]) -> list[str]:
    """The averages whose tensors have the names of another entry's, so that they are one of the same network."""
    plain = [_keys_of(_child(found, name)) for name in inside if name not in averages]
    return [name for name in averages if _keys_of(_child(found, name)) in plain]


def _keys_of(value: Any) -> frozenset[str]:
    """Names of the tensors of a state dict, bare or as the only mapping in another; none of anything else."""
    if isinstance(value, Mapping) and not _is_state(value):
        mappings = [child for child in value.values() if isinstance(child, Mapping) and child]
        value = mappings[0] if len(mappings) == 1 else None
    return frozenset(str(key).removeprefix(PREFIX) for key in value) if _is_state(value) else frozenset()


def _at_key(raw: Any, key: str, file: Path) -> CheckpointState:
    found = raw
    for name in (key,) if isinstance(raw, Mapping) and key in raw else key.split("."):
        found = _child(found, name)
    if not _is_state(found):
        raise SrbenchError(f"'{file}' holds no weights under '{key}'; it holds {_held(raw)}.")
    return CheckpointState({str(name): value for name, value in found.items()}, key, asked=True)


def _child(found: Any, name: str) -> Any:
    if not isinstance(found, Mapping):
        return None
    return next((value for key, value in found.items() if str(key) == name), None)


def _may_hold_tensors(value: Any) -> bool:
    """Whether ``value`` is a state dict or wraps one: an optimizer's state, by its number keys, is not."""
    if not isinstance(value, Mapping) or not value:
        return False
    return _is_state(value) or any(isinstance(value.get(name), Mapping) for name in WRAPPERS)


def _is_state(found: Any) -> bool:
    return isinstance(found, Mapping) and bool(found) and all(isinstance(value, Tensor) for value in found.values())


def _held(found: Any) -> str:
    return f"keys {_few([str(key) for key in found])}" if isinstance(found, Mapping) else f"a {type(found).__name__}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _looks_like(state: Mapping[str, Tensor]) -> str:
    total = sum(tensor.numel() for tensor in state.values())
    alike = [f"{card.name} x{scale}" for card in cards() for scale, count in card.params.items() if count == total]
    guess = f", as many as {' or '.join(alike[:_SHOWN])}" if alike else ""
    return f"; the file holds {len(state)} tensors with {total:,} values{guess}"


def _few(items: list[str]) -> str:
    return ", ".join(items[:_SHOWN]) + (", ..." if len(items) > _SHOWN else "")


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a scalar"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
