"""Stand-in for ``basicsr.utils.registry``: classes by name, kept as they are."""

from __future__ import annotations

from typing import Any


class Registry:
    """Objects by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[str, Any] = {}

    def register(self, obj: Any = None, suffix: str | None = None) -> Any:
        """Keep ``obj``; without it, a decorator that does."""
        if obj is None:
            return self.register
        self.known[obj.__name__] = obj
        return obj

    def get(self, name: str, *_suffix: Any) -> Any:
        """The object of that name."""
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self.known


ARCH_REGISTRY, MODEL_REGISTRY, LOSS_REGISTRY, DATASET_REGISTRY, METRIC_REGISTRY = map(
    Registry, ("arch", "model", "loss", "dataset", "metric")
)
