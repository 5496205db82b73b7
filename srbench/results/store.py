"""The results folder: one JSON file per cell, written atomically, read tolerantly, never deleted.

``FOLDER/*.json`` are cells (:class:`srbench.results.record.CellRecord`), ``FOLDER/machines/*.json`` the
machines they were measured on. Two runs may share a folder: every write is a whole file moved into place, and
both runs would write the same content, times apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.results.record import SCHEMA, CellRecord

Skipped = tuple[Path, str]
"""A file that is no cell, and why, in words."""


def slug(text: str) -> str:
    """Turn any text into a piece of a file name: letters, digits and ``@.+-`` stay, the rest becomes ``-``."""
    return re.sub(r"[^A-Za-z0-9@.+-]+", "-", text).strip("-.") or "unnamed"


def cell_name(
    model: str,
    weights: str,
    scale: int,
    dataset: str,
    protocol: str,
    *,
    lr: str = "imresize",
    limit: int | None = None,
    device: str = "cpu",
) -> str:
    """Name of a cell, which is the stem of its file: ``imdn.released_x4_set5_y-matlab@1``.

    ``weights`` is the name the record carries ('imdn.released', 'user:FILE', 'none', 'not needed'). What differs
    from the default (LR from files, a limit, a GPU) is appended. A name that had to be changed to fit a file
    name gets eight hex digits of its hash, so that two different names never share a file.
    """
    parts = [_distinct(named_weights(model, weights)), f"x{scale}", _distinct(dataset), _distinct(protocol)]
    if lr != "imresize":
        parts.append(f"lr-{slug(lr)}")
    if limit is not None:
        parts.append(f"first{limit}")
    if device != "cpu":
        parts.append(slug(device))
    return "_".join(parts)


def named_weights(model: str, weights: str) -> str:
    """Model and weights in one: ``imdn.released``, ``net.user:w.pth``, ``bicubic`` where none are needed."""
    return weights if weights.startswith(f"{model}.") else model if weights == "not needed" else f"{model}.{weights}"


def _distinct(text: str) -> str:
    piece = slug(text)[:80]
    return piece if piece == text else f"{piece}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def name_of(record: CellRecord) -> str:
    """The :func:`cell_name` of a finished cell."""
    runtime = record.cost.runtime if record.cost else None
    return cell_name(
        record.model.name,
        record.weights.name,
        record.scale,
        record.dataset.name,
        str(record.protocol.get("id", "unknown")),
        lr=record.dataset.lr,
        limit=record.dataset.limit,
        device=runtime.device.split(":")[0].split(" ")[0] if runtime else "cpu",
    )


def to_json(record: CellRecord) -> str:
    """The file content of a cell: keys in schema order, free mappings sorted, numbers exact, no NaN."""
    data: dict[str, Any] = record.model_dump(mode="json", by_alias=True)
    data["versions"] = dict(sorted(data["versions"].items()))
    return json.dumps({"schema": data.pop("schema"), **data}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write(folder: Path | str, record: CellRecord, name: str | None = None) -> Path:
    """Write one cell atomically (temporary file, fsync, move into place) and return its path.

    A file of that name which is not a cell is left alone: the cell goes beside it as ``NAME.2.json``.

    Raises:
        SrbenchError: the folder cannot be written to.
    """
    folder = Path(folder)
    stem = name or name_of(record)
    target = folder / f"{stem}.json"
    number = 2
    while target.exists() and not isinstance(read(target), CellRecord):
        target = folder / f"{stem}.{number}.json"
        number += 1
    write_text(target, to_json(record))
    return target


def write_text(target: Path, text: str) -> None:
    """Put ``text`` at ``target`` so that a reader, or a kill, never sees half of it.

    Raises:
        SrbenchError: the file cannot be written.
    """
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            newline="\n",
            dir=target.parent,
            prefix=f".{target.stem[:80]}.",
            suffix=".tmp",
            delete=False,
        ) as stream:
            temporary = Path(stream.name)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise SrbenchError(f"cannot write '{target}': {error.strerror or error}; choose another folder.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_writable(folder: Path | str) -> None:
    """Create the results folder and prove that a file can be written there, before anything is computed.

    Raises:
        SrbenchError: it cannot.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SrbenchError(
            f"the results folder '{folder}' cannot be written to: {error.strerror or error}; "
            "give another one with --results."
        ) from error


def read(path: Path) -> CellRecord | str:
    """Read one file: the cell, or the reason why it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except ValueError:  # not UTF-8, or not JSON
        return "is not valid JSON (cut short or damaged)"
    if not isinstance(data, dict) or not str(data.get("schema", "")).startswith("srbench.cell/"):
        return "is not a srbench result"
    if data["schema"] != SCHEMA:
        return f"has schema {data['schema']}, this version reads {SCHEMA}"
    try:
        return CellRecord.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return f"does not follow the schema {SCHEMA} (at '{where}')"


def read_all(folder: Path | str) -> tuple[list[CellRecord], list[Skipped]]:
    """Read every cell of a results folder, sorted by file name, and name every ``.json`` that is none.

    A missing folder holds no cells. Nothing is ever changed or deleted.
    """
    records: list[CellRecord] = []
    skipped: list[Skipped] = []
    for path in sorted(Path(folder).glob("*.json")):
        found = read(path)
        if isinstance(found, CellRecord):
            records.append(found)
        else:
            skipped.append((path, found))
    return records, skipped


def read_machines(folder: Path | str) -> dict[str, dict[str, Any]]:
    """The descriptions of ``FOLDER/machines/*.json`` by machine id; unreadable ones are left out."""
    machines: dict[str, dict[str, Any]] = {}
    for path in sorted((Path(folder) / "machines").glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(data, dict):
            machines[path.stem] = data
    return machines
