"""What a user may say about a network that no card says: arguments, range, size multiple, checkpoint key. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class ModelOptions:
    """How to open a network that is not registered; what is None is left as the network or its card declares it.

    Attributes:
        arguments: constructor arguments by name.
        input_range: largest value of the network's input and output, 1 or 255.
        order: order of the colour channels that the network takes and gives.
        size_multiple: LR height and width are padded to a multiple of this.
        scales: the factors that the network has.
        key: name under which the checkpoint holds the weights, e.g. "params".
        strict: False loads what fits of a checkpoint, and lists what was left out.
        shims: True puts small stand-ins for packages that are not installed.
        root: folder that the network's file may import from, besides those around it.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    input_range: Literal[1, 255] | None = None
    order: Literal["rgb", "bgr"] | None = None
    size_multiple: int | None = None
    scales: tuple[int, ...] | None = None
    key: str | None = None
    strict: bool = True
    shims: bool = False
    root: str | None = None

    @property
    def given(self) -> bool:
        """Whether anything is said at all."""
        return self != ModelOptions()
