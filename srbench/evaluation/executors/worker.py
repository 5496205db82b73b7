"""What a worker of :mod:`srbench.evaluation.executors.local` answers: it opens a unit, then gives rows."""

from __future__ import annotations

import pickle
from typing import Any

from srbench.errors import SrbenchError
from srbench.evaluation.engine.session import Session
from srbench.evaluation.engine.unit import Unit
from srbench.printable import warnings_in_one_line

HANDLER = "srbench.evaluation.executors.worker:UnitHandler"


class UnitHandler:
    """State of a worker: the session that is open."""

    def __init__(self) -> None:
        self.session: Session | None = None
        warnings_in_one_line()

    def do_open(self, payload: bytearray) -> tuple[dict[str, Any], bytes]:
        """Open the pickled unit, on a device."""
        unit, device = pickle.loads(payload)  # from the process that started this one
        assert isinstance(unit, Unit)
        self.session = unit.open(device)
        return {}, b""

    def do_score(self, _payload: bytearray, index: int) -> tuple[dict[str, Any], bytes]:
        """The row of one image."""
        if self.session is None:
            raise SrbenchError("no unit is open; ask for 'open' first.")
        return {"row": self.session.score(index).row}, b""
