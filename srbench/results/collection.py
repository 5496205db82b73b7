"""Records together: quality beside the costs of its models. Tables, pages and figures are made of this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from srbench.results.record import CostRecord, QualityRecord, Record


def hr720_size(scale: int) -> tuple[int, int]:
    """LR (height, width) behind an HR image of 1280x720: 640x360, 427x240, 320x180 for x2, x3, x4.

    >>> [hr720_size(s) for s in (2, 3, 4)]
    [(360, 640), (240, 427), (180, 320)]
    """
    return round(720 / scale), round(1280 / scale)


CHALLENGE_SIZE = (256, 256)
"""LR (height, width) that the challenges count at."""


Network = tuple[str, str, int]


def network_of(record: QualityRecord | CostRecord) -> Network:
    """What costs belong to: the model's name, the hash of its source, and the scale."""
    return record.model.name, record.model.source_sha256, record.scale


@dataclass(frozen=True)
class Results:
    """Quality records, and the newest cost record of each model, scale, input size, machine and way of running."""

    quality: tuple[QualityRecord, ...] = ()
    costs: tuple[CostRecord, ...] = ()

    @classmethod
    def of(cls, records: Iterable[Record]) -> Results:
        """Sort records into the two kinds; costs that repeat one another are merged."""
        quality: list[QualityRecord] = []
        costs: list[CostRecord] = []
        for record in records:
            if isinstance(record, QualityRecord):
                quality.append(record)
            else:
                costs.append(record)
        return cls(tuple(quality), newest_costs(costs))

    def __bool__(self) -> bool:
        return bool(self.quality or self.costs)

    def where(self, wanted: Callable[[QualityRecord], bool], costs: Callable[[CostRecord], bool]) -> Results:
        """The records that the two conditions hold for."""
        return Results(tuple(filter(wanted, self.quality)), tuple(filter(costs, self.costs)))

    def costs_of(self, record: QualityRecord | CostRecord) -> tuple[CostRecord, ...]:
        """Costs of the very network of ``record`` at its scale: those of its machine and way of running first."""
        found = self._by_network.get(network_of(record), ())
        here = (record.machine, record.device, record.precision, record.backend)
        return tuple(sorted(found, key=lambda c: (_made(c) != here, c.device != record.device)))

    def without_quality(self) -> tuple[CostRecord, ...]:
        """Costs of networks at scales of which no quality is here."""
        known = {(record.model.name, record.scale) for record in self.quality}
        return tuple(cost for cost in self.costs if (cost.model.name, cost.scale) not in known)

    @cached_property
    def _by_network(self) -> dict[Network, list[CostRecord]]:
        found: dict[Network, list[CostRecord]] = {}
        for cost in self.costs:
            found.setdefault(network_of(cost), []).append(cost)
        return found

    @property
    def records(self) -> tuple[Record, ...]:
        """Everything, quality first."""
        return (*self.quality, *self.costs)


def _made(cost: CostRecord) -> tuple[str, str, str, str]:
    return cost.machine, cost.device, cost.precision, cost.backend


def newest_costs(costs: Sequence[CostRecord]) -> tuple[CostRecord, ...]:
    """One record per network, size, machine and way of running: the newest timed one, else the newest.

    It is completed by what others know besides.
    """
    found: dict[tuple[object, ...], CostRecord] = {}
    for cost in sorted(costs, key=lambda c: (c.runtime is not None, c.created, c.command), reverse=True):
        key = (network_of(cost), cost.size_asked, *_made(cost))
        known = found.get(key)
        found[key] = cost if known is None else _completed(known, cost)
    return tuple(sorted(found.values(), key=lambda c: (c.model.name, c.scale, c.size_asked, c.machine, c.device)))


def _completed(cost: CostRecord, other: CostRecord) -> CostRecord:
    if not set(other.values) - set(cost.values):
        return cost
    return cost.model_copy(
        update={
            "values": {**other.values, **cost.values},
            "missing": {name: why for name, why in cost.missing.items() if name not in other.values},
            "memory": cost.memory or other.memory,
            "uncounted": {**other.uncounted, **cost.uncounted},
        }
    )


def with_runtime_of(cost: CostRecord, other: CostRecord) -> CostRecord:
    """``cost`` with the runtime that ``other`` of the same network, size and machine holds, if any."""
    if "runtime" not in other.values:
        return cost
    values = {**cost.values, "runtime": other.values["runtime"]}
    return cost.model_copy(update={"values": values, "runtime": other.runtime})


def cost_at(costs: Sequence[CostRecord], name: str, size: tuple[int, int] | None = None) -> CostRecord | None:
    """The first record that has a value of quantity ``name``, at the size asked for if one is given."""
    for cost in costs:
        if name in cost.values and size in (None, cost.size_asked):
            return cost
    return None


def shown_counts(costs: Sequence[CostRecord], scale: int, name: str = "macs") -> CostRecord | None:
    """Where a count is taken from that is shown alone: HR 1280x720, as the papers' Multi-Adds, else LR 256x256."""
    return cost_at(costs, name, hr720_size(scale)) or cost_at(costs, name, CHALLENGE_SIZE) or cost_at(costs, name)
