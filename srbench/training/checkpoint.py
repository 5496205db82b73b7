"""Checkpoints that a killed run resumes from, and the weights a finished one leaves."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from srbench.errors import SrbenchError

Checkpoint = dict[str, Any]


def save_checkpoint(path: Path, state: Checkpoint) -> None:
    """Write a checkpoint atomically: after a kill there is the old file or the new one, never half of one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path, expected: dict[str, Any]) -> Checkpoint:
    """Read a checkpoint and check that it belongs to the run that ``expected`` describes.

    Raises:
        SrbenchError: the file is unreadable, or of another model, scale, recipe, data or seed.
    """
    try:
        state: Checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a broken file
        raise SrbenchError(
            f"checkpoint '{path}' cannot be read ({type(error).__name__}); move it away to start anew."
        ) from error
    if not isinstance(state, dict):
        raise SrbenchError(f"'{path}' is no checkpoint of 'srbench train'; move it away to start anew.")
    for key, value in expected.items():
        found = state.get(key)
        if type(found) is not type(value) or found != value:
            raise SrbenchError(
                f"checkpoint '{path}' is of another run: {key} is {repr(found)[:80]}, expected {value!r}; "
                "give another --out or the same settings."
            )
    return state


def export_weights(path: Path, state: dict[str, Tensor], *, half: bool) -> None:
    """Write weights as safetensors, atomically; ``half`` stores fp16 (loading casts back to fp32)."""
    from safetensors.torch import save_file

    tensors = {k: (v.half() if half and v.is_floating_point() else v).contiguous().cpu() for k, v in state.items()}
    temporary = path.with_suffix(".part")
    save_file(tensors, temporary)
    temporary.replace(path)
