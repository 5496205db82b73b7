"""Results out of several folders and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.leaderboard.measured import folder_or_default
from srbench.results import store
from srbench.results.collection import Results
from srbench.results.record import Record

DEFAULT = "srbench-results"
SHIPPED = "measured"
"""In the place of a folder: the results that come with srbench."""


def gather(places: Sequence[str | Path]) -> tuple[Results, list[store.Skipped]]:
    """All records of result folders and files, and the files of the folders that are none, with the reason.

    ``places`` are folders that ``srbench run --results`` wrote, single files of them, or "measured" for the results
    that come with srbench; by default ``srbench-results`` where there is one.

    Raises:
        SrbenchError: a place does not exist, holds no result, or is a file that is none.
    """
    found: list[Record] = []
    skipped: list[store.Skipped] = []
    for place in places or ([DEFAULT] if Path(DEFAULT).is_dir() else []):
        path = folder_or_default(None) if str(place) == SHIPPED and not Path(place).exists() else Path(place)
        if path.is_dir():
            records, others = store.read_files(path)
            if not records:
                raise SrbenchError(f"the folder '{path}' holds no results; give one that srbench run --results wrote.")
            found += [record for _, record in records]
            skipped += others
        elif path.is_file():
            read = store.read(path)
            if isinstance(read, str):
                raise SrbenchError(f"'{path}' {read}; give a result that srbench run wrote, or a folder of them.")
            found += read
        else:
            raise SrbenchError(
                f"there is no folder or file '{path}'; give one that srbench run --results wrote, or '{SHIPPED}'."
            )
    return Results.of(found), skipped
