"""Where the rows of a run's page come from: an entry per network and weights, and every set of images once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from srbench.report.run_costs import size_text
from srbench.report.runtable import Group, Row
from srbench.results.record import CostRecord, QualityRecord, Record


@dataclass(frozen=True)
class Made:
    """What one command made on one machine: the results in words, and when."""

    command: str
    machine: str
    days: str
    results: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A network with one set of weights, and what made its results in all groups."""

    row: Row
    scales: tuple[int, ...]
    made: tuple[Made, ...]
    remarks: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Images:
    """One set of image pairs."""

    name: str
    scale: int
    images: str
    lr: str
    sha256: str


def entries(groups: Sequence[Group]) -> list[Entry]:
    """An entry per row, whatever groups it stands in."""
    rows: dict[str, list[tuple[Row, int]]] = {}
    for group in groups:
        for row in group.rows:
            rows.setdefault(row.key, []).append((row, group.scale))
    found = []
    for same in rows.values():
        records: dict[int, Record] = {}
        for row, _ in same:
            records.update((id(record), record) for record in row.records)
            records.update((id(record), record) for record in row.costs)
        remarks = tuple(dict.fromkeys(remark for row, _ in same for remark in row.remarks))
        scales = tuple(sorted({scale for _, scale in same}))
        found.append(Entry(same[0][0], scales, _made(records.values()), remarks))
    return found


def _made(records: Iterable[Record]) -> tuple[Made, ...]:
    by_command: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_command.setdefault((record.command, record.machine), []).append(record)
    return tuple(
        Made(command, machine, _days(of_one), tuple(dict.fromkeys(map(_in_words, of_one))))
        for (command, machine), of_one in by_command.items()
    )


def _days(records: Sequence[Record]) -> str:
    days = sorted({record.created[:10] for record in records})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _in_words(record: Record) -> str:
    missing = "".join(f", no {name}: {reason}" for name, reason in sorted(record.missing.items()))
    if isinstance(record, CostRecord):
        padded = f", padded from {size_text(record.padded_from)}" if record.padded_from else ""
        return f"costs ×{record.scale} at LR {size_text(record.input_size)}{padded}{missing}"
    return f"{record.dataset.name} ×{record.scale} {record.protocol_id}{record.apart}{missing}"


def images(records: Iterable[QualityRecord]) -> list[Images]:
    """The sets of images that the results were measured on, each once."""
    found: dict[Images, None] = {}
    for record in sorted(records, key=lambda r: (r.dataset.name, r.scale, r.dataset.lr, r.dataset.images)):
        data = record.dataset
        count = f"{data.images} image{'s' if data.images != 1 else ''}"
        limit = f" (limit {data.limit})" if data.limit else ""
        lr = "made by imresize" if data.lr == "imresize" else "as given in files" if data.lr == "files" else data.lr
        found[Images(data.name, record.scale, count + limit, lr, data.sha256)] = None
    return list(found)
