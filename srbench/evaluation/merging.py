"""Results out of the journals of parts of a run, wherever these were computed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from srbench.errors import SrbenchError
from srbench.evaluation.copying import Copied, copy_finished
from srbench.evaluation.engine.setting import part_of
from srbench.evaluation.gathered import Rows
from srbench.evaluation.records import filled, outlines_of
from srbench.evaluation.score import is_sound
from srbench.metrics.protocols import Protocol
from srbench.models.notes import Diagnosis
from srbench.results import journal, store, trust
from srbench.results.record import Computed, QualityRecord

_NAME = re.compile(r"[A-Za-z0-9@+-][A-Za-z0-9@.+_-]*")
_NOTES: TypeAdapter[tuple[Diagnosis, ...]] = TypeAdapter(tuple[Diagnosis, ...])


SHOWN = 20


@dataclass
class Merged:
    """What came of the journals: files that were written, and passes of which images are missing."""

    written: list[Path] = field(default_factory=list)
    missing: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By pass: how many images are there, and how many there are to be."""
    lacking: dict[str, list[str]] = field(default_factory=dict)
    """By pass: parts of the run, such as 3/16, of which images are missing; the first :data:`SHOWN`."""
    unlike: dict[str, list[Unlike]] = field(default_factory=dict)
    """By pass, where its parts were computed in ways that do not go together: what each folder holds."""
    without_costs: dict[tuple[str, int], str] = field(default_factory=dict)
    """By model and scale, where the costs are in no folder: the command that measures them, as far as it is known."""
    copied: Copied = field(default_factory=Copied)
    """What came of the results that were finished already."""


@dataclass(frozen=True)
class Unlike:
    """Images that a folder holds of a pass, and how they were computed."""

    folder: Path
    images: int
    how: str


def merge(folders: Sequence[Path], into: Path) -> Merged:
    """Write the results of all passes of which the folders' journals hold every image, into one results folder.

    Finished results and machines of the other folders are copied too, unless they are there. Journals of passes that
    are complete are removed from ``into``; the other folders stay as they are.

    Raises:
        SrbenchError: a folder is missing or cannot be written, or a journal is of another version of srbench.
    """
    for folder in folders:
        if not folder.is_dir():
            raise SrbenchError(f"there is no results folder '{folder}'; give the folders that parts of a run wrote.")
    store.check_writable(into)
    others = [folder for folder in folders if folder.resolve() != into.resolve()]
    done = Merged(copied=copy_finished(others, into))
    for name in sorted({name for folder in (*others, into) for name in journal.passes(folder)}):
        unlike = _unlike([*others, into], name)
        journal.gather(into, others, name)
        _merge_pass(into, name, done)
        if name in done.missing and unlike:
            done.unlike[name] = unlike
    _find_costs(into, done)
    return done


def _merge_pass(into: Path, name: str, done: Merged) -> None:
    folder = journal.folder_of(into, name)
    for header in journal.headers(folder):
        outlines = _outlines(folder, header)
        ids = [known.protocol_id for known in outlines]
        images = outlines[0].dataset.images
        rows, commands = Rows([Protocol.model_validate(_own(known)) for known in outlines]), {}
        parts: set[int] = set()
        for row in journal.rows(folder, header):
            if row["index"] < images and is_sound(row, ids):
                rows.add(row)
                parts |= _parts(row)
                if row["index"] == 0:
                    commands = row.get("commands", {})
        if len(rows) < images:
            if len(rows) >= done.missing.get(name, (0, images))[0]:
                done.missing[name] = len(rows), images
                done.lacking[name] = _lacking(rows, images, parts)
            continue
        scores = rows.reduced({})
        notes = _notes(journal.remarks(folder, header))
        for known in outlines:
            command = commands.get(known.protocol_id, "")
            record = filled(known, scores, machine=scores.machine, command=command, notes=notes)
            done.written.append(store.write(into, record, header["names"][known.protocol_id]))
            done.without_costs[record.model.name, record.scale] = command
        done.missing.pop(name, None)
        done.lacking.pop(name, None)
        journal.remove(folder)
        return


def _parts(row: journal.Row) -> set[int]:
    """Into how many parts the run was cut that a row is of; empty where that is not said."""
    part = row.get("part")
    known = isinstance(part, list) and len(part) == 2 and isinstance(part[1], int) and part[1] > 0
    return {part[1]} if known and isinstance(part, list) else set()


def _lacking(rows: Rows, images: int, parts: set[int]) -> list[str]:
    """The parts of which images are missing, if all were cut alike."""
    if len(parts) != 1:
        return []
    (count,) = parts
    found: set[int] = set()
    for index in range(images):
        if index not in rows:
            found.add(part_of(index, count))
        if len(found) >= min(count, SHOWN):
            break
    return [f"{part}/{count}" for part in sorted(found)]


def _unlike(folders: Sequence[Path], name: str) -> list[Unlike]:
    """What each folder holds of a pass, where that was not computed alike; else nothing."""
    headers: list[dict[str, Any]] = []
    found: list[Unlike] = []
    for results in folders:
        folder = journal.folder_of(results, name)
        for header in journal.headers(folder):
            headers += [header] if header not in headers else []
            found.append(Unlike(results, sum(1 for _ in journal.rows(folder, header)), _how(folder, header)))
    return found if len(headers) > 1 else []


def _how(folder: Path, header: dict[str, Any]) -> str:
    """How the images of a header were computed, in words."""
    computed = _outlines(folder, header)[0].computed or Computed()
    tiles = computed.tiles
    cut = "whole images" if tiles is None else f"tiles of {tiles.tile} with {tiles.overlap} around them"
    threads = "" if computed.threads is None else f", threads {computed.threads}"
    return f"{cut}, {computed.memory_format}{threads}"


def _find_costs(into: Path, done: Merged) -> None:
    """Take out of ``done.without_costs`` what the folder has costs of."""
    if done.without_costs:
        for cost in trust.read(into).results.costs:
            done.without_costs.pop((cost.model.name, cost.scale), None)


def _own(known: QualityRecord) -> dict[str, Any]:
    """The parameters of a protocol, without what is worked out of them."""
    return {name: value for name, value in known.protocol.items() if name in Protocol.model_fields}


def _notes(remarks: Sequence[journal.Row]) -> tuple[Diagnosis, ...]:
    """What was noted on the pass as a whole; a remark that is damaged is none."""
    for remark in remarks:
        with contextlib.suppress(ValidationError):
            return _NOTES.validate_python(remark.get("notes"))
    return ()


def _outlines(folder: Path, header: dict[str, Any]) -> list[QualityRecord]:
    """The outlines of a header, with names that are those of files in the folder and protocols that can be read."""
    try:
        found = outlines_of(header)
        for known in found:
            Protocol.model_validate(_own(known))
            name = header["names"][known.protocol_id]
            if not found[0].dataset.images > 0 or not _NAME.fullmatch(name):
                raise ValueError(f"'{name}' is no name of a result")
        if not found:
            raise ValueError("it holds no outline")
        return found
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise SrbenchError(
            f"the journal '{folder}' is damaged or of another version of srbench; finish it with that, or remove it."
        ) from error
