"""A results submission as an entry: its images scored by the platforms' own scorer, its readme taken as declared."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from srbench.challenge.entries import DatasetResult, EntryResult, Flag, ImageResult, Status
from srbench.challenge.planning import measured_by_scorer, plan_of
from srbench.challenge.score.archive import open_contents
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.scoring import Scored, Work, score_many
from srbench.challenge.score.verdict import sentences
from srbench.datasets import layouts
from srbench.errors import SrbenchError
from srbench.rules import Rules


def hr_folders(given: Mapping[str, str], rules: Rules) -> dict[str, Path]:
    """Folder of the HR images of every set that was given as a folder, by the rules' ids."""
    found = {}
    for key, place in given.items():
        if Path(place).is_dir():
            found[key] = layouts.detect(place, rules.scale).hr_folder
    return found


def results_entries(paths: Sequence[Path], rules: Rules, references: Mapping[str, Path]) -> Iterator[EntryResult]:
    """Score archives or folders of images, each against the set whose names it has; invalid ones are entries too.

    Those of one set are scored together, so that each of its references is decoded once.

    Raises:
        SrbenchError: there is no folder of HR images to score against.
    """
    if not paths:
        return
    if not references:
        raise SrbenchError(f"'{paths[0]}' holds results; to score them give the HR images as --data ID=FOLDER.")
    plan, wanted = plan_of(rules), measured_by_scorer(rules)
    keys = [_set_of(path, rules, references) for path in paths]
    scored: dict[int, Scored] = {}
    for key in dict.fromkeys(keys):
        places = [place for place, own in enumerate(keys) if own == key]
        found = score_many([paths[place] for place in places], references[key], plan, work=Work(wanted))
        scored.update(zip(places, found, strict=True))
    for place, (path, key) in enumerate(zip(paths, keys, strict=True)):
        yield _entry(path, key, scored[place], wanted)


def _entry(path: Path, key: str, scored: Scored, wanted: tuple[str, ...]) -> EntryResult:
    name = path.name.removesuffix(".zip").removesuffix(".tar")
    verdict = scored.verdict
    if verdict.outcome != "valid":
        reasons = sentences(verdict.problems)
        status: Status = "stopped" if verdict.outcome == "stopped" else "invalid"
        return EntryResult(id=name, title=name, status=status, reasons=reasons)
    return EntryResult(
        id=name, title=name, status="measured", datasets=(_measured(key, scored),),
        labels={**dict.fromkeys(wanted, "parent-verified"), "declared runtime": "self-declared"},
        flags=_flags(scored), sources={"submission": _digest(path)},
    )  # fmt: skip


def _set_of(path: Path, rules: Rules, references: Mapping[str, Path]) -> str:
    """The set that most of the images' names belong to."""
    plan = plan_of(rules)
    with open_contents(path, plan.limits) as contents:
        stems = set(sort_files(contents.sizes, plan.scale).images)
    shared = {}
    for key, folder in references.items():
        with open_contents(folder, plan.limits) as own:
            shared[key] = len(stems & set(sort_files(own.sizes, plan.scale).images))
    return max(shared, key=lambda key: shared[key])


def _measured(key: str, scored: Scored) -> DatasetResult:
    images = tuple(
        ImageResult(image=name, values=_stored(one.values), identical=one.identical)
        for name, one in scored.images.items()
    )
    means = {name: scored.mean(name) for name in scored.measured}
    return DatasetResult(dataset=key, values=_stored(means), images=images)


def _stored(values: Mapping[str, float]) -> dict[str, float | None]:
    """Infinite values are None."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _flags(scored: Scored) -> tuple[Flag, ...]:
    declared = scored.declared
    flags = [Flag(kind="note", text=note.text) for note in scored.verdict.notes]
    if declared.runtime is not None:
        flags.append(Flag(kind="self-declared", text=f"runtime {declared.runtime:g} s per image, never ranked"))
    return tuple(flags)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
