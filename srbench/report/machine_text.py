"""A machine description in polished lines, for pages and the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TITLES = {
    "id": "Machine",
    "cpu": "CPU",
    "gpu": "GPU",
    "gpus": "GPUs",
    "os": "System",
    "memory": "Memory",
    "threads": "Threads of torch",
}
_ORDER = (
    "id", "cpu", "architecture", "vector_instructions", "usable_cores", "logical_cores", "physical_cores", "threads",
    "memory_gib", "gpus", "system", "versions",
)  # fmt: skip
_NAMES = {"cuda": "CUDA", "python": "Python", "numpy": "NumPy", "pillow": "Pillow"}


_LARGEST = 2**80
"""A number of a machine beyond this is shown as it is stored."""


def facts(machine: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """A machine description as (title, text) lines; nested values are flattened, a missing one is said to be.

    >>> facts({"cpu": "Example CPU", "memory_gib": 24, "gpus": [], "usable_cores": 2})
    [('CPU', 'Example CPU'), ('Usable cores', '2'), ('Memory', '24 GiB'), ('GPUs', 'none')]
    """
    if machine is None:
        return [("Description", "missing: no file of this id lies beside the results")]
    known = [name for name in _ORDER if name in machine]
    names = [*known, *(name for name in machine if name not in known)]
    lines = [(_title(name), _text(name, machine[name])) for name in names if machine[name] is not None]
    return [line for line in lines if line[1]]


def _title(name: str) -> str:
    stem = name.removesuffix("_bytes").removesuffix("_gib")
    words = stem.replace("_", " ")
    return _TITLES.get(stem, words[:1].upper() + words[1:])


def _text(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_NAMES.get(key, key)} {item}" for key, item in value.items() if item is not None)
    if isinstance(value, (list, tuple)):
        return "; ".join(_device(item) if isinstance(item, Mapping) else str(item) for item in value) or "none"
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST
    if number and name.endswith("_bytes"):
        return f"{value / 2**30:.1f} GiB"
    return f"{value:g} GiB" if number and name.endswith("_gib") else str(value)


def _device(item: Mapping[str, Any]) -> str:
    """A GPU: its name, then what else is known of it."""
    parts = [str(item["name"])] if item.get("name") else []
    for key, value in item.items():
        if key == "name" or value is None or value == "":
            continue
        memory = key.startswith("memory")
        parts.append(_text(key, value) if memory else f"{_NAMES.get(key, key.replace('_', ' '))} {value}")
    return ", ".join(parts)
