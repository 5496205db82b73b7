"""Finished results of other folders, copied into one: what was taken, what stood already, what is no result."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from srbench.results import store


@dataclass
class Copied:
    """What came of the finished results of several folders."""

    taken: dict[Path, int] = field(default_factory=dict)
    """By folder: how many results were copied."""
    alike: int = 0
    """Results that were there already, to the byte."""
    others: dict[tuple[Path, Path], list[str]] = field(default_factory=dict)
    """By (folder, folder whose result stands): names of files that are there already and hold something else."""
    skipped: list[store.Skipped] = field(default_factory=list)
    """Files that are no results, and why; they were not copied."""


def copy_finished(folders: Sequence[Path], into: Path) -> Copied:
    """Copy the results and machines of ``folders`` into a results folder; of two for one cell the first stands.

    Raises:
        OSError: a file cannot be read or written.
    """
    done = Copied()
    origin: dict[Path, Path] = {}
    for folder in folders:
        for path in store.result_files(folder):
            target = into / path.relative_to(folder)
            why = store.read(path)
            if isinstance(why, str):
                done.skipped.append((path, why))
            elif not target.exists():
                _copy(path, target)
                origin[target] = folder
                done.taken[folder] = done.taken.get(folder, 0) + 1
            elif target.read_bytes() == path.read_bytes():
                done.alike += 1
            else:
                done.others.setdefault((folder, origin.get(target, into)), []).append(target.name)
        for path in sorted((folder / "machines").glob("*.json")):
            if not (into / path.relative_to(folder)).exists():
                _copy(path, into / path.relative_to(folder))
    return done


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
