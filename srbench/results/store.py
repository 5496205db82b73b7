"""The results folder: one JSON file per result, written atomically, read tolerantly, never deleted.

``FOLDER/*.json`` hold quality, ``FOLDER/costs/*.json`` costs (:mod:`srbench.results.record`), and
``FOLDER/machines/*.json`` the machines they were measured on. Files of the first schema, which held both, are read for
ever. Two runs may share a folder: every write is a whole file moved into place, and both would write the same content,
times apart.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import textwrap
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.results.collection import Results
from srbench.results.image_rows import ImageRow, ImageRows, plain_row
from srbench.results.record import COST_SCHEMA, FIRST_SCHEMA, QUALITY_SCHEMA, CostRecord, QualityRecord, Record
from srbench.writing import write_pieces

LONG_FILE = 1 << 20
"""Bytes from which on a result is read image by image."""
COSTS = "costs"
"""Folder of the cost records within a results folder."""

Skipped = tuple[Path, str]
"""A file that is no result, and why, in words."""


def slug(text: str) -> str:
    """Turn any text into a piece of a file name: letters, digits and ``@.+-`` stay, the rest becomes ``-``."""
    return re.sub(r"[^A-Za-z0-9@.+-]+", "-", text).strip("-.") or "unnamed"


def named_weights(model: str, weights: str) -> str:
    """Model and weights in one: ``imdn.released``, ``net.user:w.pth``, ``bicubic`` where none are needed."""
    return weights if weights.startswith(f"{model}.") else model if weights == "not needed" else f"{model}.{weights}"


def distinct(text: str) -> str:
    """:func:`slug` with eight digits of the text's hash where it had to change: two names never give one piece.

    >>> distinct("baby"), distinct("b\u00e4by")[:5], distinct("b\u00e4by") == distinct("b\u00f6by")
    ('baby', 'b-by-', False)
    """
    piece = slug(text)[:80]
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return piece if piece == text else f"{piece}-{digest[:8]}"


@dataclass(frozen=True)
class Way:
    """How a network is run; what differs from the default stands in the name of a result."""

    device: str = "cpu"
    precision: str = "fp32"
    backend: str = "eager"
    self_ensemble: bool = False
    memory_format: str = field(default="contiguous", compare=False)
    """Changes last bits only: it stands in a result (``computed``), and one answers the other."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Pieces of a file name."""
        named = [
            slug(value)
            for value, usual in (
                (self.device, "cpu"),
                (self.precision, "fp32"),
                (self.backend, "eager"),
            )
            if value != usual
        ]
        return (*named, *(("ensemble",) if self.self_ensemble else ()))


USUAL_WAY = Way()
"""On the CPU, in single precision, by torch as it is."""


def way_of(record: Record) -> Way:
    """How the network of a result was run."""
    ensemble = isinstance(record, QualityRecord) and record.self_ensemble
    return Way(record.device, record.precision, record.backend, ensemble)


def cell_name(
    model: str,
    weights: str,
    scale: int,
    dataset: str,
    protocol: str,
    unusual: Sequence[str] = (),
) -> str:
    """Name of a quality record, which is the stem of its file: ``imdn.released_x4_set5_y-matlab@1``.

    ``weights`` is the name the record carries ('imdn.released', 'user:FILE', 'not needed'). ``unusual`` is what
    differs from the default, see :func:`unusual_parts`. A name that had to be changed to fit a file
    name gets eight hex digits of its hash, so that two different names never share a file.
    """
    parts = [distinct(named_weights(model, weights)), f"x{scale}", distinct(dataset), distinct(protocol)]
    return "_".join((*parts, *unusual))


def unusual_parts(lr: str, limit: int | None, way: Way = USUAL_WAY) -> tuple[str, ...]:
    """What the name of a quality record says of LR from files, of a limit, and of the way of running.

    >>> unusual_parts("files", 3), unusual_parts("imresize", None)
    (('lr-files', 'first3'), ())
    """
    images = () if lr == "imresize" else (f"lr-{slug(lr)}",)
    first = () if limit is None else (f"first{limit}",)
    return (*images, *first, *way.parts)


def cost_name(model: str, scale: int, size: tuple[int, int], machine: str, way: Way = USUAL_WAY) -> str:
    """Name of a cost record: ``costs/imdn_x4_256x256_MACHINE``; ``size`` is the LR (height, width) asked for.

    >>> cost_name("imdn", 4, (180, 320), "some-cpu-0123abcd")
    'costs/imdn_x4_180x320_some-cpu-0123abcd'
    """
    parts = (distinct(model), f"x{scale}", "x".join(map(str, size)), slug(machine), *way.parts)
    return f"{COSTS}/{'_'.join(parts)}"


def name_of(record: Record) -> str:
    """The name of a finished result: :func:`cell_name` or :func:`cost_name`."""
    if isinstance(record, CostRecord):
        return cost_name(record.model.name, record.scale, record.size_asked, record.machine, way_of(record))
    return cell_name(
        record.model.name,
        record.weights.name,
        record.scale,
        record.dataset.name,
        record.protocol_id,
        unusual_parts(record.dataset.lr, record.dataset.limit, way_of(record)),
    )


def to_json(record: Record) -> str:
    """The file content of a result: what it is of, then values, then how it was made; numbers exact, no NaN."""
    return "".join(_pieces(record))


def _pieces(record: Record) -> Iterator[str]:
    """The text of a result, image by image."""
    rows = record.images if isinstance(record, QualityRecord) else ()
    around = record.model_copy(update={"images": ()}) if rows else record
    before, _, after = _without_rows(around).partition(f"\n{_NO_ROWS}")
    if not rows:
        yield _without_rows(record)
        return
    yield f"{before}\n{_ROWS_BEGIN}"
    for number, row in enumerate(rows):
        text = json.dumps(plain_row(row), indent=1, ensure_ascii=False, allow_nan=False)
        yield f"{',' if number else ''}\n{textwrap.indent(text, '  ')}"
    yield f"\n ]{after}"


_ROWS_BEGIN = ' "images": ['
_NO_ROWS = f"{_ROWS_BEGIN}]"


def _without_rows(record: Record) -> str:
    data: dict[str, Any] = record.model_dump(mode="json", by_alias=True)
    data["versions"] = dict(sorted(data["versions"].items()))
    if isinstance(record, CostRecord):  # counts are whole numbers
        data["values"] = {name: int(n) if n.is_integer() else n for name, n in record.values.items()}
    first, last = (name for name in _FIRST if name in data), (name for name in _LAST if name in data)
    order = dict.fromkeys((*first, *(name for name in data if name not in _LAST), *last))
    return json.dumps({name: data[name] for name in order}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


_FIRST = ("schema", "model", "weights", "scale", "dataset", "input_size", "padded_from", "protocol", "precision",
          "device", "backend", "self_ensemble")  # fmt: skip
_LAST = ("substitutions", "notes", "machine", "versions", "command", "created")


def write(folder: Path | str, record: Record, name: str | None = None) -> Path:
    """Write one result atomically and return its path.

    A file of that name which is not a result is left alone: the record goes beside it as ``NAME.2.json``.

    Raises:
        SrbenchError: the folder cannot be written to.
    """
    folder = Path(folder)
    stem = name or name_of(record)
    target = folder / f"{stem}.json"
    number = 2
    while target.exists() and isinstance(read(target), str):
        target = folder / f"{stem}.{number}.json"
        number += 1
    write_pieces(target, _pieces(record))
    return target


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


def read(path: Path) -> tuple[Record, ...] | str:
    """Read one file: its record (several, of the first schema), or the reason why it is no result."""
    try:
        data = _parsed(path)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except ValueError:  # not UTF-8, or not JSON
        return "is not valid JSON (cut short or damaged)"
    except RecursionError:
        return "is nested too deeply for a result"
    schema = str(data.get("schema", "")) if isinstance(data, dict) else ""
    if not re.match(r"srbench\.(cell|quality|cost)/", schema):
        return "is not a srbench result"
    if schema not in _READERS:
        return f"has schema {schema}, this version reads {', '.join(_READERS)}"
    try:
        return _READERS[schema](data, path.stem)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return f"does not follow the schema {schema} (at '{where}')"
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:  # numbers that no float holds
        return f"does not follow the schema {schema} ({type(error).__name__})"


def _parsed(path: Path) -> Any:
    """The JSON of a file; the images of a long one become :class:`ImageRows` as they are read.

    Raises:
        OSError: it cannot be read.
        ValueError, RecursionError: it is no JSON.
    """
    if path.stat().st_size > LONG_FILE:
        try:
            return _parsed_by_lines(path)
        except (ArithmeticError, RecursionError, ValueError):
            pass  # not as to_json writes it: what is wrong, if anything, is found by reading it as a whole
    return json.loads(path.read_text(encoding="utf-8"))


def _parsed_by_lines(path: Path) -> Any:
    around: list[str] = []
    rows: ImageRows | None = None
    place = uuid.uuid4().hex
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line != f"{_ROWS_BEGIN}\n":
                around.append(line)
                continue
            if rows is not None:
                raise ValueError("two lists of images")
            rows = ImageRows()
            around.append(f' "images": "{place}"{_take_rows(lines, rows)}')
    data = json.loads("".join(around))
    if rows is None:
        return data
    if data.get("images") != place:
        raise ValueError("its images are elsewhere")
    return {**data, "images": rows}


def _take_rows(lines: Iterator[str], rows: ImageRows) -> str:
    """Take the rows of a list, as :func:`to_json` writes them, up to its end; returns what stands behind that."""
    found: list[str] = []
    more = True
    for line in lines:
        if line.startswith(" ]") and not more and not found:
            return line[2:]
        found.append(line)
        if line.startswith("  }"):
            row = ImageRow.model_validate_json("".join(found).rstrip().removesuffix(","))
            rows.append(row.image, row.lr_size, row.values, row.identical)
            if not more:
                raise ValueError("no comma between two images")
            more, found = line == "  },\n", []
    raise ValueError("cut short")


def _first(data: dict[str, Any], stem: str) -> tuple[Record, ...]:
    """Read a file of the first schema; few folders have any, and what describes it takes long to import."""
    from srbench.results import version1

    return version1.read(data, stem)


_READERS: dict[str, Callable[[dict[str, Any], str], tuple[Record, ...]]] = {
    QUALITY_SCHEMA: lambda data, _stem: (QualityRecord.model_validate(data),),
    COST_SCHEMA: lambda data, _stem: (CostRecord.model_validate(data),),
    FIRST_SCHEMA: _first,
}


def schema_of(path: Path) -> str:
    """The schema that a file names; '' where it names none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, RecursionError, ValueError):
        return ""
    return str(data.get("schema", "")) if isinstance(data, dict) else ""


def result_files(folder: Path | str) -> list[Path]:
    """Every ``.json`` of a results folder that should be a result, by name: quality first, then costs."""
    return [*sorted(Path(folder).glob("*.json")), *sorted((Path(folder) / COSTS).glob("*.json"))]


def read_files(folder: Path | str) -> tuple[list[tuple[Path, Record]], list[Skipped]]:
    """Every record of a results folder with its file, and every ``.json`` that is none with the reason.

    A missing folder holds no results. Nothing is ever changed or deleted.
    """
    found: list[tuple[Path, Record]] = []
    skipped: list[Skipped] = []
    for path in result_files(folder):
        records = read(path)
        if isinstance(records, str):
            skipped.append((path, records))
        else:
            found += [(path, record) for record in records]
    return found, skipped


def read_all(folder: Path | str) -> tuple[Results, list[Skipped]]:
    """What tables are made of: all records of a results folder, and the files that are none.

    Where several files hold the same costs, as those of the first schema do, the newest stand.
    """
    found, skipped = read_files(folder)
    return Results.of(record for _, record in found), skipped


def read_machines(folder: Path | str) -> dict[str, dict[str, Any]]:
    """The descriptions of ``FOLDER/machines/*.json`` by machine id; unreadable ones are left out."""
    machines: dict[str, dict[str, Any]] = {}
    for path in sorted((Path(folder) / "machines").glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, RecursionError, ValueError):
            continue
        if isinstance(data, dict):
            machines[path.stem] = data
    return machines
