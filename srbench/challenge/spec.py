"""How one entry is opened: what was read of it, as data that a sandboxed process is given."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class EntrySpec(BaseModel):
    """One entry of a repository, or one model submission.

    ``way`` is ``loader`` (the repository's own function is run for ``number``) or ``class`` (``reference`` is built and
    ``weights`` are loaded). Paths are relative to ``folder``. ``reason`` says why no network can be had of it by
    reading; the loader may still give one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    folder: str
    way: Literal["loader", "class"] = "class"
    scale: int = 4
    loader: str = ""
    function: str = ""
    id_name: str = "model_id"
    number: int | str = 0
    line: int = 0
    reference: str = ""
    weights: str = ""
    key: str = ""
    strict: bool = True
    data_range: float | None = None
    multiple: int = 1
    tile: tuple[int, int] | None = None
    shims: bool = False
    allow_missing: bool = False
    reason: str = ""
    missing: tuple[str, ...] = ()
    """Symbols of packages that are not installed, e.g. ``timm.models.layers.DropPath``."""
    acts: tuple[str, ...] = ()
    """Code that starts processes or fetches."""
    steps: tuple[str, ...] = ()
    """What the loader does to the network besides loading weights, as code."""

    def for_process(self) -> dict[str, Any]:
        """What the sandboxed process needs to know."""
        found: dict[str, Any] = {
            "scale": self.scale,
            "multiple": self.multiple,
            "shims": self.shims,
            "data_range": self.data_range if self.way == "class" else None,
            "name": self.title,
        }
        if self.way == "loader":
            found |= {"loader": self.loader, "function": self.function, "id": self.number, "id_name": self.id_name}
        else:
            found |= {
                "reference": self.reference, "weights": self.weights, "key": self.key,
                "strict": self.strict and not self.allow_missing, "tile": list(self.tile) if self.tile else None,
            }  # fmt: skip
        return found
