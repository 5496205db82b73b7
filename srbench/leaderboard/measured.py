"""Our own results: CellRecord files of ``leaderboards/measured`` as one DataFrame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.leaderboard.significance import PairedDifference, paired_bootstrap
from srbench.paths import leaderboards_dir
from srbench.results import store
from srbench.results.record import CellRecord

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "model", "title", "scale", "weights", "origin", "dataset", "images", "limit", "lr", "protocol", "metric", "number",
    "unit", "missing", "convention", "input_size", "device", "machine", "substitutions", "command", "created", "file",
)  # fmt: skip

_MIB = 2.0**20


def folder_or_default(folder: Path | None) -> Path:
    """``folder``, or the shipped ``leaderboards/measured``."""
    return folder or leaderboards_dir() / "measured"


def records(folder: Path | None = None) -> list[tuple[Path, CellRecord]]:
    """Every result file of ``folder`` with its path, sorted by name.

    Raises:
        SrbenchError: a JSON file there is no result; nothing is skipped in silence.
    """
    found: list[tuple[Path, CellRecord]] = []
    for path in sorted(folder_or_default(folder).glob("*.json")):
        record = store.read(path)
        if isinstance(record, str):
            raise SrbenchError(f"'{path}' {record}; remove it or measure it again with srbench run.")
        found.append((path, record))
    return found


def load(folder: Path | None = None) -> pd.DataFrame:
    """One row per cell x metric of the results in ``folder`` (default: the shipped ones).

    Columns: model, title, scale, weights, origin, dataset, images, limit, lr, protocol (with its
    version, empty for costs), metric (psnr, ssim, params, macs, activations, num_conv, runtime,
    memory), number (dB, counts, ms, MiB; NaN where missing says why), unit, missing, convention and
    input_size ("HxW") of costs, device, machine, substitutions, command, created, file (name).

    Raises:
        SrbenchError: a JSON file there is no result.
    """
    import pandas as pd

    rows = [row for path, record in records(folder) for row in _rows(path, record)]
    frame: pd.DataFrame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["scale"] = frame["scale"].astype("Int64")
    frame["number"] = frame["number"].astype("float64")
    return frame


def _rows(path: Path, record: CellRecord) -> Iterator[dict[str, Any]]:
    base: dict[str, Any] = {
        "model": record.model.name,
        "title": record.model.title,
        "scale": record.scale,
        "weights": record.weights.name,
        "origin": record.weights.origin,
        "dataset": record.dataset.name,
        "images": record.dataset.images,
        "limit": record.dataset.limit,
        "lr": record.dataset.lr,
        "protocol": "",
        "unit": "",
        "missing": "",
        "convention": "",
        "input_size": "",
        "device": "",
        "machine": record.machine,
        "substitutions": "; ".join(record.substitutions),
        "command": record.command,
        "created": record.created,
        "file": path.name,
    }
    protocol = str(record.protocol.get("id", ""))
    quality = record.quality
    missing = record.quality_missing or ("" if quality else "no quality in the result")
    psnr = quality.psnr if quality else None
    infinite = f"{quality.identical_images} images equal HR" if quality and psnr is None else missing
    yield {**base, "protocol": protocol, "metric": "psnr", "number": psnr, "unit": "dB", "missing": infinite}
    ssim = quality.ssim if quality else None
    yield {**base, "protocol": protocol, "metric": "ssim", "number": ssim, "missing": missing}
    yield from _cost_rows(base, record)


def _cost_rows(base: dict[str, Any], record: CellRecord) -> Iterator[dict[str, Any]]:
    cost = record.cost
    if cost is None:
        return
    yield {**base, "metric": "params", "number": float(cost.params)}
    for counts in cost.counts:
        how = {"convention": counts.convention, "input_size": "{}x{}".format(*counts.input_size)}
        for metric, number in (
            ("macs", counts.macs),
            ("activations", counts.activations),
            ("num_conv", counts.num_conv),
        ):
            yield {**base, **how, "metric": metric, "number": float(number)}
    if cost.runtime is not None:
        size = "{}x{}".format(*cost.runtime.input_size)
        how = {"input_size": size, "device": cost.runtime.device, "unit": "ms"}
        yield {**base, **how, "metric": "runtime", "number": cost.runtime.median_ms}
    if cost.memory is not None:
        size = "{}x{}".format(*cost.memory.input_size)
        how = {"input_size": size, "convention": cost.memory.method, "unit": "MiB"}
        yield {**base, **how, "metric": "memory", "number": cost.memory.total_bytes / _MIB}


def compare(a: CellRecord, b: CellRecord, *, resamples: int = 10_000, level: float = 0.95) -> PairedDifference:
    """Paired bootstrap of the mean PSNR difference ``a - b`` of two results on the same images.

    Raises:
        SrbenchError: other images, another protocol, or no finite PSNR per image.
    """
    names_a, names_b = [i.image for i in a.images], [i.image for i in b.images]
    if names_a != names_b or a.dataset.sha256 != b.dataset.sha256:
        raise SrbenchError(
            f"{a.model.name} and {b.model.name} were not measured on the same images "
            f"({a.dataset.name}, {len(names_a)}, and {b.dataset.name}, {len(names_b)}); compare results of one dataset."
        )
    if a.protocol.get("id") != b.protocol.get("id"):
        raise SrbenchError(
            f"protocols differ ({a.protocol.get('id')} and {b.protocol.get('id')}); compare results of one protocol."
        )
    pairs = [(x.psnr, y.psnr) for x, y in zip(a.images, b.images, strict=True)]
    finite = [(x, y) for x, y in pairs if x is not None and y is not None]
    if len(finite) != len(pairs) or not finite:
        raise SrbenchError("paired scores must be finite; leave out images whose SR equals HR (infinite PSNR).")
    return paired_bootstrap([x for x, _ in finite], [y for _, y in finite], resamples=resamples, level=level)
