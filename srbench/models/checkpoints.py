"""Reading weights safely, and loading them strictly, with one clear sentence when they do not fit.

Nothing here ever executes what a file holds: safetensors, or ``torch.load(weights_only=True)``.
"""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.registry import cards

WRAPPERS = ("params_ema", "params", "state_dict", "model", "net", "model_state_dict")
PREFIX = "module."
_SHOWN = 3
_SAVE = "save its tensors by torch.save(model.state_dict(), 'weights.pth') and give that file"


def load_state(path: str | Path) -> dict[str, Tensor]:
    """Tensors by key from a .safetensors file or a torch checkpoint, on the CPU, unwrapped and without ``module.``.

    Wrappers are taken off in the order ``params_ema``, ``params``, ``state_dict``, ``model``, ``net``,
    ``model_state_dict`` (also one inside the other).

    Raises:
        SrbenchError: no such file; not a checkpoint or truncated; a pickle with more than plain tensors
            (refused, never loaded); no tensors under any known wrapper.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise SrbenchError(f"weights file '{path}' does not exist; give the path of a .pth, .pt or .safetensors file.")
    raw = _read_safetensors(file) if file.suffix == ".safetensors" else _read_torch(file)
    return _without_prefix(_unwrap(raw, file))


def load_into(network: nn.Module, state: Mapping[str, Tensor], *, label: str, scale: int) -> None:
    """Load ``state`` into ``network`` strictly (fp16 tensors become fp32).

    Raises:
        SrbenchError: missing or unexpected keys or other shapes, with the first few and what the file looks like.
            ``label`` names file and model in it.
    """
    trouble = mismatch(network, state)
    if trouble:
        raise SrbenchError(f"{label} x{scale}: the weights do not fit: {trouble}{_looks_like(state)}.")
    network.load_state_dict(dict(state), strict=True)


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
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors: dict[str, Tensor] = load_file(file, device="cpu")
    except (SafetensorError, OSError, ValueError) as error:
        raise SrbenchError(f"'{file}' is not a readable safetensors file ({_first_line(error)}).") from error
    return tensors


def _read_torch(file: Path) -> Any:
    try:
        with warnings.catch_warnings():  # torch's advice on odd files; the errors below say what to do
            warnings.simplefilter("ignore")
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise SrbenchError(_why_refused(file, str(error))) from error
    except OSError as error:
        raise SrbenchError(f"'{file}' cannot be read: {error.strerror or _first_line(error)}.") from error
    except (RuntimeError, EOFError, ValueError, KeyError, AttributeError, ImportError) as error:
        if "TorchScript" in str(error):
            said = f"'{file}' is a TorchScript program, not weights; load it with torch.jit.load, {_SAVE}."
            raise SrbenchError(said) from error
        raise SrbenchError(_why_unreadable(file)) from error


def _why_unreadable(file: Path) -> str:
    """Why torch cannot read ``file``, told by its first bytes; torch's own words are about its reader's insides."""
    with file.open("rb") as stream:
        start = stream.read(2)
    if not start:
        return f"'{file}' is empty; give a .pth, .pt or .safetensors file of weights."
    if start == b"PK":  # a zip archive, as torch.save has written since 1.6
        return f"'{file}' is cut short, damaged, or a zip archive that torch did not write; get or save it again."
    return f"'{file}' is damaged or not a torch checkpoint; give a .pth, .pt or .safetensors file of weights."


def _why_refused(file: Path, text: str) -> str:
    """What torch's restricted unpickler met, as one sentence: no pickle at all, or one with more than tensors."""
    named = re.search(r"GLOBAL ([\w.]+)", text)
    if named is None and "operand" in text:
        return f"'{file}' is not a torch checkpoint; give a .pth, .pt or .safetensors file of weights."
    what = f"objects of '{named.group(1)}'" if named else "Python objects"
    return (
        f"'{file}' holds {what}, not plain tensors, and loading such a pickle can run any code, so it is refused; "
        f"if you trust it, load it with the code that made it, {_SAVE}."
    )


def _unwrap(raw: Any, file: Path) -> dict[str, Tensor]:
    found = raw
    while isinstance(found, Mapping):
        wrapper = next((name for name in WRAPPERS if isinstance(found.get(name), Mapping)), None)
        if wrapper is None:
            break
        found = found[wrapper]
    if isinstance(found, Mapping) and found and all(isinstance(value, Tensor) for value in found.values()):
        return {str(key): value for key, value in found.items()}
    held = f"keys {_few([str(key) for key in found])}" if isinstance(found, Mapping) else f"a {type(found).__name__}"
    raise SrbenchError(
        f"'{file}' holds {held}, not a mapping of names to tensors; expected a state dict, bare or under one of "
        f"{', '.join(WRAPPERS)}."
    )


def _without_prefix(state: dict[str, Tensor]) -> dict[str, Tensor]:
    if all(key.startswith(PREFIX) for key in state):
        return {key[len(PREFIX) :]: value for key, value in state.items()}
    return state


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
