"""What a model's process sends that is more than numbers: a pickle of srbench's own records, and of nothing else."""

from __future__ import annotations

import dataclasses
import io
import pickle
from typing import Any

from srbench.errors import SrbenchError

MOST_BYTES = 1 << 30
_ROOMS = ("srbench.cost.", "srbench.evaluation.export", "srbench.models.notes", "srbench.quantities.")
_PLAIN = {
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "complex"), ("builtins", "range"),
    ("builtins", "slice"), ("builtins", "bytearray"), ("collections", "OrderedDict"), ("collections", "Counter"),
    ("collections", "defaultdict"), ("torch", "Size"),
}  # fmt: skip


class _Records(pickle.Unpickler):
    """Knows dataclasses of srbench's, plain containers and torch's types of numbers."""

    def find_class(self, module: str, name: str) -> Any:
        """The class or constant of a name.

        Raises:
            pickle.UnpicklingError: it is none of those.
        """
        import torch

        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module == "torch" and isinstance(found := getattr(torch, name, None), torch.dtype):
            return found
        if module.startswith(_ROOMS) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and (dataclasses.is_dataclass(found) or hasattr(found, "_fields")):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no record")


def read_record(data: bytes | bytearray, kind: type[Any]) -> Any:
    """The record of ``kind`` that a process has sent.

    Raises:
        SrbenchError: it is none; the process is not to be trusted further than its types.
    """
    try:
        found = _Records(io.BytesIO(data)).load()
    except Exception as error:  # a pickle may be broken in any way
        raise SrbenchError("the process of the model gave an answer that is none.") from error
    if not isinstance(found, kind):
        raise SrbenchError("the process of the model gave an answer that is none.")
    return found
