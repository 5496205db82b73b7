"""Columns of a run's table for quantities of networks that were asked for, besides parameters and MACs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srbench.quantities import Quantity
from srbench.report.unsteady import marked
from srbench.results.collection import CHALLENGE_SIZE, cost_at, hr720_size
from srbench.results.record import ENSEMBLE_VIEWS

if TYPE_CHECKING:
    from srbench.report.runtable import Group, Row

Size = tuple[int, int]


def size_label(size: Size, scale: int) -> str:
    """An LR (height, width) as ``HR 1280x720`` or ``LR WIDTHxHEIGHT``."""
    return "HR 1280x720" if size == hr720_size(scale) else f"LR {size[1]}x{size[0]}"


@dataclass(frozen=True)
class CostColumn:
    """A quantity of networks that was asked for, with a column of its own: at one input size, or (None) at none."""

    quantity: Quantity
    size: Size | None
    scale: int

    @property
    def heading(self) -> str:
        """Its title, with the unit that is not part of how its values are written."""
        return self.quantity.heading

    @property
    def where(self) -> str:
        """At which input it was measured, e.g. ``HR 1280x720``; "" where no row has it."""
        return "" if self.size is None else size_label(self.size, self.scale)

    @property
    def axis(self) -> str:
        """What a chart calls it; the unit is with it."""
        return self.heading

    def warnings(self, row: Row) -> tuple[str, ...]:
        """Why the runtime of a row is unsteady; () where it is not, and of other quantities."""
        if self.quantity.needs != "timing" or self.value(row) is None:
            return ()
        found = cost_at(row.costs, self.quantity.name, self.size)
        return () if found is None or found.runtime is None else found.runtime.warnings

    def text(self, row: Row) -> str:
        """The figure of a row as tables print it; an unsteady runtime with its mark."""
        return marked(self.quantity.text(self.value(row)), self.warnings(row))

    def value(self, row: Row) -> float | None:
        """The figure of a row; None where it was not measured at this size. MACs are of all its passes.

        A runtime is of one pass, so a row whose images take several has none.
        """
        if self._of_one_pass(row):
            return None
        found = row.cost(self.quantity.name, self.size) if self.size is not None else None
        passes = row.macs.passes if row.macs and self.quantity.name.partition(":")[0] == "macs" else 1
        return None if found is None else found * passes

    def reason(self, row: Row) -> str:
        """Why a row has no figure; "" where nothing says so."""
        if self.value(row) is not None:
            return ""
        if self._of_one_pass(row):
            return f"measured of one pass, and an image takes {ENSEMBLE_VIEWS}"
        return next((cost.missing[self.quantity.name] for cost in row.costs if self.quantity.name in cost.missing), "")

    def _of_one_pass(self, row: Row) -> bool:
        return self.quantity.needs == "timing" and row.apart.startswith("+")


def cost_column(quantity: Quantity, group: Group) -> CostColumn:
    """The column of a quantity of networks: at the size that MACs are shown at where any row has it there."""
    sizes = [group.counting.size] if group.counting else []
    sizes += [hr720_size(group.scale), CHALLENGE_SIZE, *(cost.size_asked for row in group.rows for cost in row.costs)]
    known = (size for size in sizes if any(row.cost(quantity.name, size) is not None for row in group.rows))
    return CostColumn(quantity, next(known, None), group.scale)
