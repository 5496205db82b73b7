"""The gap between two sets: an entry that is much better on the images it could see than on the hidden ones."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from srbench.rules import Rules
from srbench.rules.ranking import Row

SUSPICIOUS_Z = 3.0
_FEWEST = 4


@dataclass(frozen=True)
class Gap:
    """``first`` minus ``second`` of one entry, and how many deviations of the other entries that is from their mean."""

    row: Row
    first: str
    second: str
    value: float
    z: float | None

    @property
    def suspicious(self) -> bool:
        """Whether it is far above the others'."""
        return self.z is not None and self.z > SUSPICIOUS_Z


def gaps(rows: Sequence[Row], rules: Rules) -> tuple[Gap, ...]:
    """The gap of every row with values on both sets, largest first; nothing where the rules have one set."""
    columns = [column.key for column in rules.columns if column.direction == "higher" and column.dataset]
    if len(columns) < 2:
        return ()
    first, second = columns[0], columns[1]
    both = [row for row in rows if first in row.values and second in row.values]
    values = {row.id: float(row.values[first] - row.values[second]) for row in both}
    found = []
    for row in both:
        others = [value for key, value in values.items() if key != row.id]
        spread = statistics.stdev(others) if len(others) >= _FEWEST else 0.0
        z = (values[row.id] - statistics.fmean(others)) / spread if spread > 0 else None
        found.append(Gap(row, first, second, values[row.id], z))
    return tuple(sorted(found, key=lambda gap: -gap.value))
