"""Whether a stored result can be believed: everything that it names must agree with what is known of it.

Whoever makes a table of stored results reads them with :func:`read`. What disagrees is not among its results; it stands
apart with its doubts, which :func:`srbench.results.words.doubt_sentence` puts into words. Where nothing is known, as of
a user's own network or folder of images, nothing can disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from srbench.datasets.known_pixels import registered_sha256
from srbench.datasets.registry import get_dataset, is_registered
from srbench.errors import SrbenchError
from srbench.metrics.protocols import PROTOCOLS, Protocol
from srbench.models.card import ModelCard
from srbench.models.known_sources import known_sources
from srbench.models.registry import MODELS
from srbench.models.source import source_hash
from srbench.models.weights import needs_weights
from srbench.quantities import Quantity, find_quantity
from srbench.results import store
from srbench.results.collection import Results
from srbench.results.contradictions import contradictions
from srbench.results.image_rows import ImageRows
from srbench.results.record import MADE_ELSEWHERE, CostRecord, QualityRecord, Record
from srbench.results.reduction import values_over

Kind = Literal["value", "range", "row", "count", "limit", "pixels", "name", "weights", "card", "source", "protocol",
               "samples", "duplicate"]  # fmt: skip


@dataclass(frozen=True)
class Doubt:
    """One disagreement: what it is about, what was expected there, and what the record says."""

    kind: Kind
    about: str
    wanted: str
    got: str


@dataclass(frozen=True)
class Apart:
    """A stored result that no table shows, and why."""

    path: Path
    record: Record
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class Believed:
    """What a folder holds: results with their files, files that are no results, and results that are doubted."""

    files: tuple[tuple[Path, Record], ...] = ()
    skipped: tuple[store.Skipped, ...] = ()
    apart: tuple[Apart, ...] = ()

    @property
    def results(self) -> Results:
        """What tables are made of."""
        return Results.of(record for _, record in self.files)


@dataclass
class Known:
    """What has been looked up already while a folder is read."""

    sources: dict[str, str | None] = field(default_factory=dict)

    def source(self, card: ModelCard) -> str | None:
        """Today's source hash of a registered network; None where its file cannot be found."""
        if card.name not in self.sources:
            try:
                self.sources[card.name] = source_hash(card)
            except SrbenchError:
                self.sources[card.name] = None
        return self.sources[card.name]


def read(folder: Path | str) -> Believed:
    """Every result of a folder, each looked at on its own and beside the others. Nothing is changed or deleted."""
    found, skipped = store.read_files(folder)
    known = Known()
    doubted = {index: doubts(record, known) for index, (_, record) in enumerate(found)}
    sound = [index for index, why in doubted.items() if not why]
    for index, others in contradictions([found[index][1] for index in sound]).items():
        names = ", ".join(sorted(found[sound[other]][0].name for other in others))
        doubted[sound[index]] = (Doubt("duplicate", "its values", f"those of {names}", "others"),)
    return Believed(
        tuple(found[index] for index, why in doubted.items() if not why),
        tuple(skipped),
        tuple(Apart(*found[index], why) for index, why in doubted.items() if why),
    )


def doubts(record: Record, known: Known | None = None) -> tuple[Doubt, ...]:
    """Everything in which a record disagrees with itself or with what is known; empty where it can be believed."""
    found = [*_model(record, known or Known())]
    if isinstance(record, QualityRecord):
        found += [*_weights(record), *_data(record), *_protocol(record), *_rows(record), *_values(record)]
    else:
        found += _costs(record)
    return tuple(found)


def _card(record: Record) -> ModelCard | None:
    return MODELS.get(record.model.name) if record.model.name in MODELS else None


def _model(record: Record, known: Known) -> Iterator[Doubt]:
    """A registered name must mean the registered network."""
    card = _card(record)
    if card is None:
        return
    claimed, ours = record.model, card
    for about, wanted, got in (
        ("the title of its model", ours.title, claimed.title),
        ("the paper of its model", ours.paper, claimed.paper),
        ("the year of its model", str(ours.year), str(claimed.year)),
    ):
        if wanted != got:
            yield Doubt("card", about, wanted, got)
    earlier = known_sources().get(card.name, frozenset())
    if claimed.source_sha256 not in earlier and claimed.source_sha256 != (today := known.source(card)):
        yield Doubt("source", f"the source of '{card.name}'", today or "a file that is there", claimed.source_sha256)


def _weights(record: QualityRecord) -> Iterator[Doubt]:
    card, weights = _card(record), record.weights
    if weights.origin == "user":
        if card is None and weights.name == MADE_ELSEWHERE:  # folders of SR images, which have no weights
            return
        if not weights.name.startswith("user:") or not weights.sha256:
            yield Doubt("weights", "the name of its weights", "user:FILE, with a hash", weights.name)
    elif card is None:
        return
    elif weights.origin in ("released", "bundled"):
        pins = {w.tag: w.sha256 for w in card.weights if w.origin == weights.origin and w.scale == record.scale}
        tag = weights.name.removeprefix(f"{card.name}.")
        if tag not in pins:
            listed = ", ".join(f"{card.name}.{each}" for each in pins) or f"none {weights.origin} at x{record.scale}"
            yield Doubt("weights", "the name of its weights", listed, weights.name)
        elif weights.sha256 != pins[tag]:
            yield Doubt("weights", f"the hash of the {weights.origin} weights", pins[tag], weights.sha256 or "none")
    elif needs_weights(card):
        yield Doubt("weights", "its weights", "weights, which this network needs", weights.name)


def _data(record: QualityRecord) -> Iterator[Doubt]:
    data, rows = record.dataset, len(record.images)
    if data.images != rows:
        yield Doubt("count", "the number of its images", str(data.images), f"{rows} with values")
    names = ImageRows.of(record.images).names
    if len(set(names)) < len(names):
        yield Doubt("row", "its images", "each once", f"{len(names) - len(set(names))} twice")
    if data.limit is not None and rows > data.limit:
        yield Doubt("limit", "its limit", f"at most {data.limit} images", f"{rows}")
    if not is_registered(data.name):
        return
    try:
        whole = get_dataset(data.name).images
    except SrbenchError as error:  # it is registered, and says itself what is wrong
        yield Doubt("name", "its dataset", str(error), data.name)
        return
    expected = whole if whole is None or data.limit is None else min(data.limit, whole)
    if expected is not None and rows != expected:
        first = "" if data.limit is None else f" (the first {data.limit})"
        yield Doubt("count", f"the number of images of '{data.name}'{first}", str(expected), str(rows))
        return
    pixels = registered_sha256(data.name, record.scale, data.lr, rows)
    if pixels is not None and data.sha256 != pixels:
        yield Doubt("pixels", f"the pixels of '{data.name}' at x{record.scale}", pixels, data.sha256)


def _protocol(record: QualityRecord) -> Iterator[Doubt]:
    ident = record.protocol_id
    if ident in PROTOCOLS and record.protocol == _as_stored(PROTOCOLS.get(ident)):
        return
    try:
        claimed = Protocol.model_validate(record.protocol)
    except ValidationError:
        yield Doubt("protocol", "its protocol", "a name, a version and parameters", ident)
        return
    if claimed.id != ident:
        yield Doubt("protocol", "the id of its protocol", claimed.id, ident)
    elif ident in PROTOCOLS:
        if PROTOCOLS.get(ident) != claimed:
            yield Doubt("protocol", f"the parameters of '{ident}'", *_difference(PROTOCOLS.get(ident), claimed))
    elif any(protocol.name == claimed.name for protocol in PROTOCOLS):
        versions = ", ".join(protocol.id for protocol in PROTOCOLS if protocol.name == claimed.name)
        yield Doubt("protocol", "its protocol", versions, ident)


@lru_cache(maxsize=64)
def _as_stored(protocol: Protocol) -> dict[str, Any]:
    return protocol.model_dump(mode="json")


def _difference(ours: Protocol, claimed: Protocol) -> tuple[str, str]:
    """The parameters in which two protocols differ, of both."""
    mine, others = ours.model_dump(mode="json"), claimed.model_dump(mode="json")
    names = [name for name in mine if mine[name] != others[name]]
    wanted, got = ("; ".join(f"{name} {values[name]}" for name in names) for values in (mine, others))
    return wanted, got


def _rows(record: QualityRecord) -> Iterator[Doubt]:
    """Every value of an image must be possible; infinite only where SR equals HR."""
    if _all_possible(ImageRows.of(record.images)):
        return
    known = {name: find_quantity(name) for row in record.images for name in row.values}
    for row in record.images:
        for name, stored in row.values.items():
            quantity = known[name]
            if stored is None and not row.identical:
                yield Doubt("row", f"{name} of '{row.image}'", "a number, since SR differs from HR", "infinite")
            elif stored is not None and quantity is not None and not _plausible(quantity, stored):
                yield from _within(quantity, stored, f"{name} of '{row.image}'")
        if min(row.lr_size) < 1:
            yield Doubt("row", f"the LR size of '{row.image}'", "at least 1x1", "{}x{}".format(*row.lr_size))


def _all_possible(rows: ImageRows) -> bool:
    """Whether nothing is to be said of any row; infinite values are for :func:`_rows` to look at, one by one."""
    for name, values in rows.columns().items():
        quantity, least, most = find_quantity(name), min(values), max(values)
        if not (math.isfinite(least) and math.isfinite(most)):
            return False
        if quantity is not None and not (_plausible(quantity, least) and _plausible(quantity, most)):
            return False
    return rows.smallest_edge >= 1


def _plausible(quantity: Quantity, value: float) -> bool:
    low, high = quantity.plausible
    return math.isfinite(value) and low <= value <= high


def _within(quantity: Quantity, value: float, about: str) -> Iterator[Doubt]:
    if not _plausible(quantity, value):
        low, high = quantity.plausible
        wanted = f"at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
        yield Doubt("range", about, wanted, f"{value!r}")


def _values(record: QualityRecord) -> Iterator[Doubt]:
    """What stands for all images must follow from the images, to the last bit."""
    known = {name for name in ImageRows.of(record.images).columns() if find_quantity(name) is not None}
    computed = values_over(record.images, known)
    for name, value in computed.items():
        if name not in record.values:
            yield Doubt("value", f"{name} over all images", _number(value), "nothing")
        elif record.values[name] != value:
            yield Doubt("value", f"{name} over all images", _number(value), _number(record.values[name]))
    for name, stored in record.values.items():
        quantity = find_quantity(name)
        if quantity is None or name in computed:
            continue
        if quantity.needs != "set":
            yield Doubt("value", f"{name} over all images", "a value of every image", _number(stored))
        elif stored is not None:
            yield from _within(quantity, stored, f"{name} over all images")
    if not record.values and not record.missing:
        yield Doubt("value", "its values", "at least one, or why there is none", "none")


def _number(value: float | None) -> str:
    return "infinite" if value is None else repr(value)


def _costs(record: CostRecord) -> Iterator[Doubt]:
    card = _card(record)
    exact = card.params.get(record.scale) if card is not None else None
    params = record.values.get("params")
    if exact is not None and params is not None and params != exact:
        yield Doubt("value", f"the parameters of '{record.model.name}' x{record.scale}", str(exact), f"{params:.0f}")
    for name, value in record.values.items():
        quantity = find_quantity(name)
        if quantity is not None:
            yield from _within(quantity, value, name)
    if record.runtime is not None and "runtime" in record.values:
        yield from _agree("runtime", record.runtime.median_ms, record.values["runtime"])
        yield from _samples(record.runtime.samples_ms, record.runtime.median_ms)
    if record.memory is not None and "memory" in record.values:
        yield from _agree("memory", float(record.memory.total_bytes), record.values["memory"])
    if min(record.input_size) < 1:
        yield Doubt("range", "its input size", "at least 1x1", "{}x{}".format(*record.input_size))


def _agree(name: str, wanted: float, got: float) -> Iterator[Doubt]:
    if wanted != got:
        yield Doubt("samples", name, f"{wanted!r}, as what it was computed from says", f"{got!r}")


def _samples(samples: Sequence[float], median: float) -> Iterator[Doubt]:
    """The median of a runtime lies among its samples."""
    if samples and not min(samples) <= median <= max(samples):
        yield Doubt("samples", "the median of its runtime", f"from {min(samples)!r} to {max(samples)!r}", f"{median!r}")
