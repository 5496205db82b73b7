"""Results out of several folders and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.leaderboard.measured import folder_or_default
from srbench.results import store, trust
from srbench.results.collection import Results
from srbench.results.record import Record
from srbench.results.words import doubt_sentences

DEFAULT = "srbench-results"
SHIPPED = "measured"
"""In the place of a folder: the results that come with srbench."""


def gather(places: Sequence[str | Path]) -> tuple[Results, list[store.Skipped]]:
    """All records of result folders and files, and the files of the folders that are none, with the reason.

    ``places`` are folders that ``srbench run --results`` wrote, single files of them, or "measured" for the results
    that come with srbench; by default ``srbench-results`` where there is one.

    What cannot be believed is among those that are none.

    Raises:
        SrbenchError: a place does not exist, holds no result that can be believed, or is a file that is none.
    """
    found: list[Record] = []
    skipped: list[store.Skipped] = []
    for place in places or ([DEFAULT] if Path(DEFAULT).is_dir() else []):
        path = folder_or_default(None) if str(place) == SHIPPED and not Path(place).exists() else Path(place)
        if path.is_dir():
            read = trust.read(path)
            skipped += [*read.skipped, *map(_unbelieved, read.apart)]
            if not read.files:
                raise SrbenchError(_nothing(path, skipped))
            found += [record for _, record in read.files]
        elif path.is_file():
            records = store.read(path)
            if isinstance(records, str):
                raise SrbenchError(f"'{path}' {records}; give a result that srbench run wrote, or a folder of them.")
            for record in records:
                if doubts := trust.doubts(record):
                    _, reason = _unbelieved(trust.Apart(path, record, doubts))
                    raise SrbenchError(f"'{path}' {reason}")
            found += records
        else:
            raise SrbenchError(
                f"there is no folder or file '{path}'; give one that srbench run --results wrote, or '{SHIPPED}'."
            )
    return Results.of(found), skipped


def _unbelieved(apart: trust.Apart) -> store.Skipped:
    return apart.path, f"cannot be believed: {doubt_sentences(apart)}"


def _nothing(path: Path, skipped: list[store.Skipped]) -> str:
    if skipped:
        file, reason = skipped[0]
        return f"the folder '{path}' holds no result that can be used: '{file.name}' {reason.rstrip('.')}."
    return f"the folder '{path}' holds no results; give one that srbench run --results wrote."
