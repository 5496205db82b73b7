"""Rewrite results of an old schema as what is written today, without a change of any number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.results import store, version1
from srbench.results.collection import newest_costs
from srbench.results.record import CostRecord, QualityRecord
from srbench.writing import write_text


@dataclass(frozen=True)
class Migration:
    """Files of the old schema, what was written in their place, which of them are gone, and what is no result."""

    old: tuple[Path, ...]
    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    skipped: tuple[store.Skipped, ...]


def migrate(folder: Path | str, *, dry_run: bool = False) -> Migration:
    """Rewrite every result of the first schema in ``folder``.

    Quality is written under the name of its old file. Costs of all files are gathered: one file per model, scale, input
    size, machine and way of running, the newest where several say something. Old files go only when everything is
    written, so that a kill in between loses nothing.

    Raises:
        SrbenchError: the folder cannot be written, or two costs of different sources would share a file.
    """
    folder = Path(folder)
    found, skipped = store.read_files(folder)
    old = tuple(dict.fromkeys(path for path, _ in found if store.schema_of(path) == version1.SCHEMA))
    quality = {path: record for path, record in found if path in set(old) and isinstance(record, QualityRecord)}
    costs = _by_file(folder, [record for _, record in found if isinstance(record, CostRecord)])
    before = {path for path, _ in found} - set(old)
    new = {path: record for path, record in costs.items() if path not in before}
    removed = tuple(path for path in old if path not in quality)
    if not dry_run and old:
        store.check_writable(folder)
        for path, cost in new.items():
            write_text(path, store.to_json(cost))
        for path, record in quality.items():
            write_text(path, store.to_json(record))
        for path in removed:
            path.unlink()
    return Migration(old, (*quality, *new) if old else (), removed, tuple(skipped))


def _by_file(folder: Path, costs: list[CostRecord]) -> dict[Path, CostRecord]:
    """Each cost record with the file it belongs into; of two sources of one model the newer one's stands."""
    named: dict[Path, CostRecord] = {}
    for cost in sorted(newest_costs(costs), key=lambda c: c.created):
        path = folder / f"{store.name_of(cost)}.json"
        other = named.get(path)
        if other is not None and other.model.source_sha256 != cost.model.source_sha256:
            raise SrbenchError(
                f"results of two different networks called '{cost.model.name}' lie in '{folder}'; move those of one of "
                "them elsewhere, then migrate both folders."
            )
        named[path] = cost
    return dict(sorted(named.items()))
