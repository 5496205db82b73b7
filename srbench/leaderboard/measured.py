"""Our own results, those of ``leaderboards/measured``, as one DataFrame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.leaderboard.schema import QUANTITY_OF
from srbench.leaderboard.significance import PairedDifference, paired_bootstrap
from srbench.paths import leaderboards_dir
from srbench.quantities import DEFAULT_QUALITY, find_quantity, get_quantity
from srbench.results import store, trust
from srbench.results.collection import Results
from srbench.results.image_rows import ImageRows
from srbench.results.record import CostRecord, QualityRecord, Record
from srbench.results.words import sentences

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "model", "title", "scale", "weights", "origin", "dataset", "images", "limit", "lr", "protocol", "metric", "number",
    "unit", "missing", "convention", "input_size", "device", "machine", "substitutions", "command", "created", "file",
)  # fmt: skip


def folder_or_default(folder: Path | None) -> Path:
    """``folder``, or the shipped ``leaderboards/measured``."""
    return folder or leaderboards_dir() / "measured"


def records(folder: Path | None = None, read: trust.Believed | None = None) -> list[tuple[str, Record]]:
    """Every result of ``folder`` that can be believed, with its file there, sorted by name, quality first.

    ``read`` is what :func:`srbench.results.trust.read` gives of the folder, where that is known.
    Costs that several files hold, as those of the first schema do, are there once: the newest, under the name that
    ``srbench results migrate`` gives them.

    Raises:
        SrbenchError: a JSON file there is no result; nothing is skipped in silence.
    """
    place = folder_or_default(folder)
    read = read or trust.read(place)
    found = read.files
    for path, reason in read.skipped:
        raise SrbenchError(f"'{path}' {reason}; remove it or measure it again with srbench run.")
    quality = [(path.name, record) for path, record in found if isinstance(record, QualityRecord)]
    own = {id(record): path.relative_to(place).as_posix() for path, record in found if path.parent != place}
    costs = Results.of(record for _, record in found).costs
    return [*quality, *((own.get(id(cost), f"{store.name_of(cost)}.json"), cost) for cost in costs)]


def load(folder: Path | None = None) -> pd.DataFrame:
    """One row per result x quantity of the results in ``folder`` (default: the shipped ones).

    Columns: model, title, scale, weights, origin, dataset, images, limit, lr, protocol (with its
    version, all of these empty for costs), metric (the name of the quantity; that of a count without its convention,
    and num_conv as tables print it), number (in unit; NaN where missing says why), unit, missing, convention and
    input_size ("HxW") of costs, device, machine, substitutions, command, created, file (relative to the folder).

    Raises:
        SrbenchError: a JSON file there is no result.
    """
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame(rows(records(folder)), columns=list(COLUMNS))
    frame["scale"] = frame["scale"].astype("Int64")
    frame["number"] = frame["number"].astype("float64")
    return frame


def rows(found: Iterable[tuple[str, Record]]) -> list[dict[str, Any]]:
    """The rows of :func:`load`, where ``found`` is what :func:`records` gives; a number that is missing is None."""
    return [row for file, record in found for row in _rows(file, record)]


def _rows(file: str, record: Record) -> Iterator[dict[str, Any]]:
    base: dict[str, Any] = {
        **dict.fromkeys(COLUMNS, ""),
        "model": record.model.name,
        "title": record.model.title,
        "scale": record.scale,
        "limit": None,
        "machine": record.machine,
        "substitutions": "; ".join(sentences(record)),
        "command": record.command,
        "created": record.created,
        "file": file,
    }
    yield from _quality_rows(base, record) if isinstance(record, QualityRecord) else _cost_rows(base, record)


def _quality_rows(base: dict[str, Any], record: QualityRecord) -> Iterator[dict[str, Any]]:
    if record.apart:  # another thing than the network as it is: it answers no printed cell of it
        base |= {"model": f"{record.model.name}{record.apart}", "title": f"{record.model.title}{record.apart}"}
    base |= {
        "weights": record.weights.name,
        "origin": record.weights.origin,
        "dataset": record.dataset.name,
        "images": record.dataset.images,
        "limit": record.dataset.limit,
        "lr": record.dataset.lr,
        "protocol": record.protocol_id,
    }
    infinite = f"{record.identical_images} images equal HR"
    for name, number in (*record.values.items(), *dict.fromkeys(record.missing).items()):
        quantity = find_quantity(name)
        if quantity is not None:  # else it is that of a plugin that is not here
            missing = record.missing.get(name, infinite if number is None else "")
            yield {**base, "metric": name, "number": number, "unit": quantity.unit, "missing": missing}


_PRINTED_NAMES = {quantity: name for name, quantity in QUANTITY_OF.items()}


def _cost_rows(base: dict[str, Any], record: CostRecord) -> Iterator[dict[str, Any]]:
    size = "{}x{}".format(*record.input_size)
    for name, number in record.values.items():
        quantity = find_quantity(name)
        if quantity is None:  # that of a plugin that is not here
            continue
        plain = name.partition(":")[0]
        how = quantity.convention or (record.memory.method if name == "memory" and record.memory else "")
        yield {
            **base,
            "metric": _PRINTED_NAMES.get(plain, plain),
            "number": number / quantity.stored_per_unit,
            "unit": quantity.unit,
            "convention": how,
            "input_size": "" if name == "params" else size,
            "device": record.device if quantity.needs == "timing" else "",
        }


def compare(
    a: QualityRecord, b: QualityRecord, quantity: str = DEFAULT_QUALITY[0], *, resamples: int = 10_000
) -> PairedDifference:
    """Paired bootstrap of how much better ``a`` is than ``b`` in a quantity, mean over the same images.

    That is ``a - b``, or ``b - a`` where lower is better.

    Raises:
        SrbenchError: other images, another protocol, or no finite value per image.
    """
    rows_a, rows_b = ImageRows.of(a.images), ImageRows.of(b.images)
    names_a, names_b = rows_a.names, rows_b.names
    if names_a != names_b or a.dataset.sha256 != b.dataset.sha256:
        raise SrbenchError(
            f"{a.model.name} and {b.model.name} were not measured on the same images "
            f"({a.dataset.name}, {len(names_a)}, and {b.dataset.name}, {len(names_b)}); compare results of one dataset."
        )
    if a.protocol_id != b.protocol_id:
        raise SrbenchError(f"protocols differ ({a.protocol_id} and {b.protocol_id}); compare results of one protocol.")
    first, second = (rows.columns().get(quantity, ()) for rows in (rows_a, rows_b))
    if not names_a or not len(first) == len(second) == len(names_a) or not all(map(math.isfinite, (*first, *second))):
        title = get_quantity(quantity).title
        raise SrbenchError(f"paired scores must be finite; leave out images whose SR equals HR (infinite {title}).")
    sign = -1.0 if get_quantity(quantity).direction == "lower" else 1.0
    return paired_bootstrap([sign * x for x in first], [sign * y for y in second], resamples=resamples)
