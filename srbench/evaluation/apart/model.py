"""A model in a process of its own, used like one that is open here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from srbench.cost.figures import Reach
from srbench.errors import SrbenchError
from srbench.evaluation.apart.passed import MOST_BYTES, read_record
from srbench.evaluation.costs import CostAt, CostRequest
from srbench.isolation.process import IsolatedProcess, Reply, Stopped
from srbench.models.loading import Image, SRModel
from srbench.models.notes import Diagnosis

if TYPE_CHECKING:
    from srbench.evaluation.export import Made


class RaisedThere(Exception):
    """What a model's code raised in its process: the kind of it, its first line, and whether memory ran out."""

    def __init__(self, kind: str, text: str, out_of_memory: bool) -> None:
        super().__init__(text)
        self.kind = kind
        self.out_of_memory = out_of_memory


@dataclass(frozen=True)
class ModelApart(SRModel):
    """A model whose code runs in ``process``; ``network`` is None here, whatever it is there."""

    process: IsolatedProcess = field(kw_only=True, compare=False)

    def __call__(self, lr: Image) -> Image:
        """As :meth:`srbench.models.loading.SRModel.__call__`, by the same code in the other process.

        Raises:
            RaisedThere: the model's code raised.
            srbench.isolation.process.Stopped: its process ended, or was stopped after its time limit.
            SrbenchError: as in one process.
        """
        most = lr.size * self.scale**2 + (1 << 16)
        pixels = np.ascontiguousarray(lr)
        reply = _checked(self.process.ask("run", pixels.data.cast("B"), most, shape=list(pixels.shape)))
        if "got" in reply.header:
            what = str(reply.header["got"])[:200]
            raise SrbenchError(f"'{self.card.name}' returned {what}; expected a uint8 image.")
        return _array(reply, np.uint8)

    def on_plane(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """As :meth:`srbench.models.loading.SRModel.on_plane`."""
        values = np.ascontiguousarray(plane, np.float64)
        most = values.nbytes * self.scale**2 + (1 << 16)
        reply = _checked(self.process.ask("plane", values.data.cast("B"), most, shape=list(values.shape)))
        return _array(reply, np.float64)

    def set_threads(self, count: int) -> None:
        """Let it use ``count`` threads; 0 for as many as it had at its start."""
        self.process.ask("threads", count=count)

    def reach(self) -> Reach:
        """How far its network looks, LR pixels."""
        return _as(Reach, self._asked("reach"))  # type: ignore[no-any-return]

    def pass_bytes(self, size: tuple[int, int]) -> int:
        """Peak bytes of one pass at an LR (height, width)."""
        return _as(int, self._asked("bytes", size=list(size)))  # type: ignore[no-any-return]

    def diagnose(self, lr: Image, hr: Image) -> Diagnosis:
        """As :func:`srbench.models.diagnosis.diagnose`."""
        pixels = np.concatenate([lr.ravel(), hr.ravel()])
        found = self._asked("diagnose", pixels.data.cast("B"), lr=list(lr.shape), hr=list(hr.shape))
        return _as(Diagnosis, found)  # type: ignore[no-any-return]

    def costs(self, request: CostRequest) -> tuple[CostAt, ...]:
        """As :func:`srbench.evaluation.costs.model_cost`."""
        names = [quantity.name for quantity in request.quantities]
        reply = _checked(self.process.ask("costs", device=request.device, runtime=request.runtime, quantities=names))
        return tuple(_as(list[CostAt], reply.header))

    def made(self, kind: str, size: tuple[int, int] | None) -> Made:
        """As :func:`srbench.evaluation.export.made`."""
        from srbench.evaluation.export import Made

        try:
            reply = self.process.ask("export", b"", MOST_BYTES, kind=kind, size=size)
        except Stopped as error:
            raise SrbenchError(f"{self.card.name} x{self.scale}: its process {error}") from error
        return read_record(reply.payload, Made)  # type: ignore[no-any-return]

    def _asked(self, do: str, payload: bytes | memoryview = b"", **arguments: Any) -> dict[str, Any]:
        try:
            return self.process.ask(do, payload, **arguments).header
        except Stopped as error:
            raise SrbenchError(f"{self.card.name} x{self.scale}, when asked to '{do}': its process {error}") from error


def _checked(reply: Reply) -> Reply:
    if "raised" in reply.header:
        kind, text = str(reply.header["raised"])[:200], str(reply.header.get("text", ""))[:2000]
        raise RaisedThere(kind, text, bool(reply.header.get("memory")))
    return reply


def _array(reply: Reply, dtype: Any) -> NDArray[Any]:
    shape: Sequence[int] = reply.header.get("shape", ())
    try:
        return np.frombuffer(reply.payload, dtype).reshape([int(edge) for edge in shape])
    except (ValueError, TypeError) as error:
        raise SrbenchError("the process of the model gave an answer that is none.") from error


def _as(kind: Any, header: dict[str, Any]) -> Any:
    """What a process found, as ``kind``; it is not to be trusted further than its types."""
    try:
        return TypeAdapter(kind).validate_python(header.get("found"))
    except ValidationError as error:
        raise SrbenchError("the process of the model gave an answer that is none.") from error
