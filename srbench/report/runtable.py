"""From records to the table of a run: a group per protocol and scale, rows of model x weights, columns of datasets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from srbench.leaderboard.ranking import best_and_second
from srbench.results.record import CellRecord, Cost, Counts, WeightsRef

Mark = Literal["", "best", "second"]
Metric = Literal["psnr", "ssim"]
# Which counting convention the one MACs column shows, if a record holds several.
CONVENTIONS = ("macs", "fvcore", "ntire-hooks", "torch")
DIGITS: dict[Metric, int] = {"psnr": 2, "ssim": 4}


@dataclass(frozen=True)
class Column:
    """One set of image pairs. ``label`` says what sets it apart (given LR files, a limit, other pixels)."""

    dataset: str
    lr: str
    limit: int | None
    images: int
    sha256: str
    label: str = ""


@dataclass(frozen=True)
class Value:
    """Quality in one column: ``psnr`` is ``math.inf`` for identical images."""

    psnr: float
    ssim: float
    record: CellRecord

    def of(self, metric: Metric) -> float:
        """PSNR in dB or SSIM."""
        return self.psnr if metric == "psnr" else self.ssim


@dataclass(frozen=True)
class Row:
    """One model with one set of weights in one group."""

    key: str
    model: str
    title: str
    paper: str
    year: int
    weights: WeightsRef
    cost: Cost | None
    macs: Counts | None
    values: tuple[Value | None, ...]
    records: tuple[CellRecord, ...]
    missing: tuple[str, ...]

    @property
    def machines(self) -> tuple[str, ...]:
        """Ids of the machines its cells were measured on."""
        return tuple(dict.fromkeys(record.machine for record in self.records))

    @property
    def substitutions(self) -> tuple[str, ...]:
        """What was used instead of what was asked for."""
        return tuple(dict.fromkeys(text for record in self.records for text in record.substitutions))


@dataclass(frozen=True)
class Group:
    """Rows that may be compared: one protocol, one scale."""

    protocol: str
    parameters: dict[str, object]
    scale: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    marks: dict[tuple[int, int, Metric], Mark] = field(default_factory=dict)

    @property
    def ident(self) -> str:
        """An id for anchors, e.g. ``y-matlab-1-x4``."""
        return slug(f"{self.protocol}-x{self.scale}")

    @property
    def has_second(self) -> bool:
        """Whether any column marks a second best."""
        return "second" in self.marks.values()

    def mark(self, row: int, column: int, metric: Metric) -> Mark:
        """Whether the value is the best or the second best of its column."""
        return self.marks.get((row, column, metric), "")


def slug(text: str) -> str:
    """Letters, digits and dashes only, for ids in HTML.

    >>> slug("user:my net.pth@1")
    'user-my-net-pth-1'
    """
    return "-".join("".join(char if char.isalnum() else " " for char in text).split()).lower()


def column_marks(values: Sequence[float | None], digits: int) -> list[Mark]:
    """Mark the best and the second best of a column as printed with ``digits`` decimals; equal prints share a mark.

    Higher is better; after a tie for the best the next value is second best. Of two values only the best is marked,
    of one none.

    >>> column_marks([32.214, 32.206, None, 32.16], 2)
    ['best', 'best', '', 'second']
    """
    shown = [None if value is None else (value if math.isinf(value) else round(value, digits)) for value in values]
    known = sum(value is not None for value in shown)
    if known < 2:
        return [""] * len(shown)
    places = best_and_second(shown, higher_is_better=True)
    return [place if place == "best" or (place and known > 2) else "" for place in places]


def groups(records: Sequence[CellRecord]) -> tuple[Group, ...]:
    """Arrange records by protocol and scale; the order of the input does not matter."""
    ordered = sorted(records, key=_record_order)
    keys = sorted({(str(record.protocol.get("id", "?")), record.scale) for record in ordered}, key=_group_order)
    return tuple(_group(key, [r for r in ordered if (str(r.protocol.get("id", "?")), r.scale) == key]) for key in keys)


def _group_order(key: tuple[str, int]) -> tuple[bool, str, int]:
    return (not key[0].startswith("y-matlab"), key[0], key[1])


def _record_order(record: CellRecord) -> tuple[object, ...]:
    return (
        record.model.year,
        record.cost.params if record.cost else 0,
        record.model.name,
        record.weights.name,
        record.weights.sha256 or "",
        record.model.source_sha256,
        record.dataset.name,
        record.created,
        record.command,
    )


_DataKey = tuple[str, str, int | None, int, str]


def _data_key(record: CellRecord) -> _DataKey:
    data = record.dataset
    return data.name, data.lr, data.limit, data.images, data.sha256


_DATASET_ORDER = ("embedded", "set5", "set14", "bsd100", "urban100", "manga109")


def _columns(records: Sequence[CellRecord]) -> tuple[Column, ...]:
    refs = {_data_key(record) for record in records}

    def order(ref: _DataKey) -> tuple[object, ...]:
        name = ref[0].lower()
        place = _DATASET_ORDER.index(name) if name in _DATASET_ORDER else len(_DATASET_ORDER)
        return (place, name, ref[1] != "imresize", ref[2] is not None, ref[2] or 0, ref[4])

    found = [Column(*ref) for ref in sorted(refs, key=order)]
    return tuple(Column(c.dataset, c.lr, c.limit, c.images, c.sha256, _column_label(c, found)) for c in found)


def dataset_title(name: str) -> str:
    """The name as papers print it.

    >>> dataset_title("bsd100"), dataset_title("my photos")
    ('BSD100', 'my photos')
    """
    known = {"set5": "Set5", "set14": "Set14", "bsd100": "BSD100", "urban100": "Urban100", "manga109": "Manga109"}
    return known.get(name.lower(), name)


def _column_label(column: Column, every: Sequence[Column]) -> str:
    parts = [dataset_title(column.dataset)]
    if column.limit is not None:
        parts.append(f"first {column.images}")
    if column.lr != "imresize":
        parts.append({"files": "given LR", "double": "LR rounded once"}.get(column.lr, column.lr))
    same = [c for c in every if (c.dataset, c.lr, c.limit) == (column.dataset, column.lr, column.limit)]
    if len(same) > 1:
        parts.append(f"data {column.sha256[:8]}")
    return parts[0] + (f" ({', '.join(parts[1:])})" if parts[1:] else "")


def _group(key: tuple[str, int], records: Sequence[CellRecord]) -> Group:
    columns = _columns(records)
    by_row: dict[tuple[str, str, str | None, str], list[CellRecord]] = {}
    for record in records:
        by_row.setdefault(
            (record.model.name, record.weights.name, record.weights.sha256, record.model.source_sha256), []
        ).append(record)
    rows = tuple(_row(cells, columns) for cells in by_row.values())
    marks: dict[tuple[int, int, Metric], Mark] = {}
    metrics: tuple[Metric, Metric] = ("psnr", "ssim")
    for metric in metrics:
        for place in range(len(columns)):
            values = [value.of(metric) if (value := row.values[place]) else None for row in rows]
            for index, mark in enumerate(column_marks(values, DIGITS[metric])):
                if mark:
                    marks[(index, place, metric)] = mark
    return Group(key[0], dict(records[-1].protocol), key[1], columns, rows, marks)


def _row(records: Sequence[CellRecord], columns: Sequence[Column]) -> Row:
    latest: dict[_DataKey, CellRecord] = {}
    for record in records:  # sorted by date: the newest of two records of one cell stands
        latest[_data_key(record)] = record
    values = []
    for column in columns:
        cell = latest.get((column.dataset, column.lr, column.limit, column.images, column.sha256))
        values.append(_value(cell) if cell else None)
    first = records[0]
    cost = next((record.cost for record in records if record.cost), None)
    missing = tuple(dict.fromkeys(r.quality_missing for r in records if r.quality is None and r.quality_missing))
    ident = slug(f"{first.model.name} {first.weights.name} {(first.weights.sha256 or '')[:8]}")
    return Row(
        key=f"{ident}-{first.model.source_sha256[:6]}",
        model=first.model.name,
        title=first.model.title,
        paper=first.model.paper,
        year=first.model.year,
        weights=first.weights,
        cost=cost,
        macs=pick_counts(cost, first.scale),
        values=tuple(values),
        records=tuple(latest.values()),
        missing=missing,
    )


def _value(record: CellRecord) -> Value | None:
    if record.quality is None:
        return None
    psnr = math.inf if record.quality.psnr is None else record.quality.psnr
    return Value(psnr, record.quality.ssim, record)


def pick_counts(
    cost: Cost | None, scale: int, convention: str | None = None, size: tuple[int, int] | None = None
) -> Counts | None:
    """The count to show: HR 1280x720 (the papers' Multi-Adds) if there, else LR 256x256, else any; ``macs`` first."""
    if cost is None:
        return None
    sizes = [size] if size else [(round(720 / scale), round(1280 / scale)), (256, 256)]
    for wanted_size in sizes:
        for name in [convention] if convention else CONVENTIONS:
            for counts in cost.counts:
                if counts.convention == name and counts.input_size == wanted_size:
                    return counts
    return cost.counts[0] if cost.counts and not convention and not size else None


def counts_label(counts: Counts, scale: int) -> str:
    """How the MACs of a column were counted, e.g. ``HR 1280x720, convention macs``."""
    height, width = counts.input_size
    size = "HR 1280x720" if (height, width) == (round(720 / scale), round(1280 / scale)) else f"LR {width}x{height}"
    return f"{size}, convention {counts.convention}"


def substitution_label(text: str) -> str:
    """What kind of departure a sentence tells of: "No weights" where nothing took their place."""
    if "where bicubic gives" in text:
        return "Below bicubic"
    return "No weights" if " has no weights" in text else "Used instead"


def substitution_pill(text: str) -> str:
    """A substitution in a word or two, to stand in a table's row beside the whole sentence.

    >>> substitution_pill("imdn x4 uses srbench's own bundled weights, not its authors', because ...")
    'bundled'
    """
    if substitution_label(text) == "No weights":
        return "no weights"
    if substitution_label(text) == "Below bicubic":
        return "below bicubic"
    if "stand-in" in text:
        return "stand-in"
    if "bundled weights" in text:
        return "bundled"
    return "other images" if "image" in text or "dataset" in text else "see above"


def labelled_substitutions(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The lines of :func:`substitution_lines`, each with its label; what was used instead comes first."""
    found = [(substitution_label(line), line) for line in substitution_lines(rows)]
    return sorted(found, key=lambda pair: pair[0] == "No weights")


def substitution_lines(rows: Sequence[Row]) -> list[str]:
    """What was used instead of what was asked for, each sentence once, with the methods it holds for."""
    methods: dict[str, dict[str, None]] = {}
    names: dict[str, None] = {}
    for row in rows:
        for text in row.substitutions:
            methods.setdefault(text, {})[row.title] = None
            names[row.model] = None
    everyone = {row.title for row in rows}
    lines = []
    for text, titles in methods.items():
        said = set(titles) == everyone or any(word in names or word in titles for word in text.split())
        lines.append(text if said else f"{', '.join(titles)}: {text}")
    return [f"{line[0].upper()}{line[1:].rstrip('.')}." if line.split()[0] not in names else line for line in lines]
