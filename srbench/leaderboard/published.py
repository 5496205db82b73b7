"""The published tables: read, check, and join into one DataFrame.

The data lie under ``leaderboards/published/<paper>`` and ``leaderboards/challenges/<challenge>``: a
``paper.toml`` (:class:`~srbench.leaderboard.schema.Paper`) and one CSV of cells per table.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from srbench.errors import SrbenchError, unknown_name
from srbench.leaderboard.schema import CSV_COLUMNS, Paper, PublishedCell, Table
from srbench.leaderboard.values import Value, parse_value
from srbench.models.registry import MODELS
from srbench.paths import leaderboards_dir
from srbench.quantities import DEFAULT_QUALITY, get_quantity

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    import pandas as pd

FOLDERS = ("published", "challenges")
_CITATION = re.compile(r"\s*\[\d+\]\s*$")


@dataclass(frozen=True)
class Problem:
    """Something the validator objects to: ``where`` is FILE or FILE:LINE."""

    where: str
    text: str


@dataclass(frozen=True)
class PrintedCell:
    """A cell with its place: paper, table, and the printed digits read as a number."""

    paper: str
    table: str
    cell: PublishedCell
    value: Value

    @property
    def method(self) -> str:
        """The row's label without its citation number."""
        return method_of(self.cell.row)

    @property
    def place(self) -> str:
        """Where the cell stands, e.g. ``imdn2019 t5, IMDN (Ours), x4, set5 PSNR``."""
        scale = f"x{self.cell.scale}" if self.cell.scale else ""
        what = f"{self.cell.dataset} {self.cell.metric}".strip()
        return ", ".join(filter(None, (f"{self.paper} {self.table}", self.cell.row, scale, what)))


def method_of(row: str) -> str:
    """Strip the citation number off a row's label.

    >>> method_of("SRCNN [4]")
    'SRCNN'
    """
    return _CITATION.sub("", row)


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file.

    Raises:
        SrbenchError: the file is missing or is not TOML.
    """
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SrbenchError(f"'{path}' does not exist; every folder of tables needs a paper.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SrbenchError(f"'{path}' is not TOML: {error}") from error
    return data


def paper_folders(root: Path | None = None) -> dict[str, Path]:
    """Folders of papers and challenges by key, papers first, each sorted by year as the key ends in it."""
    base = root or leaderboards_dir()
    found: dict[str, Path] = {}
    for name in FOLDERS:
        parents = (base / name).glob("*/paper.toml")
        found.update({file.parent.name: file.parent for file in sorted(parents, key=lambda f: (f.parent.name[-4:], f))})
    return found


def _read_paper(folder: Path) -> Paper:
    return _described(folder, _state(folder / "paper.toml"))


def _state(file: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from another; None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=64)
def _described(folder: Path, _file: tuple[int, int, int] | None) -> Paper:
    data = read_toml(folder / "paper.toml")
    try:
        return Paper.model_validate(data)
    except ValidationError as error:
        raise SrbenchError(f"'{folder / 'paper.toml'}' breaks the schema: {_first_error(error)}") from error


def _first_error(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def paper(key: str, root: Path | None = None) -> Paper:
    """The description of a paper or challenge by its key ("imdn2019", "ntire2022"), in upper or lower case.

    Raises:
        SrbenchError: there is no such paper, or its paper.toml breaks the schema.
    """
    folders = paper_folders(root)
    if key.lower() not in folders:
        raise unknown_name("paper", key, folders)
    return _read_paper(folders[key.lower()])


def papers(root: Path | None = None) -> tuple[Paper, ...]:
    """All papers and challenges."""
    return tuple(_read_paper(folder) for folder in paper_folders(root).values())


def read_cells(file: Path) -> tuple[list[PublishedCell], list[Problem]]:
    """Read a table's CSV; what breaks the schema is reported by line and left out."""
    cells: list[PublishedCell] = []
    problems: list[Problem] = []
    try:
        with file.open(newline="", encoding="utf-8") as handle:
            reader = csv.DictReader(handle)
            if tuple(reader.fieldnames or ()) != CSV_COLUMNS:
                return [], [Problem(str(file), f"header is {reader.fieldnames}, expected {','.join(CSV_COLUMNS)}")]
            for record in reader:
                try:
                    cells.append(PublishedCell.model_validate({**record, "scale": record["scale"] or None}))
                except ValidationError as error:
                    problems.append(Problem(f"{file}:{reader.line_num}", _first_error(error)))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(str(file), f"cannot be read as CSV: {error}"))
    return cells, problems


def _table_cells(folder: Path, table_id: str) -> tuple[PrintedCell, ...]:
    states = _state(folder / "paper.toml"), _state(folder / f"{table_id}.csv")
    return _cells_of(folder, table_id, states)


@lru_cache(maxsize=64)
def _cells_of(folder: Path, table_id: str, _files: tuple[object, ...]) -> tuple[PrintedCell, ...]:
    described = _read_paper(folder)
    table = described.table(table_id)
    file = folder / f"{table_id}.csv"
    if not file.is_file():
        raise SrbenchError(f"'{file}' does not exist, but paper.toml describes {table.number}; add the cells.")
    cells, problems = read_cells(file)
    if problems:
        raise SrbenchError(f"{problems[0].where}: {problems[0].text}; see srbench leaderboard check.")
    return tuple(PrintedCell(described.key, table.id, c, parse_value(c.value, unit_of(table, c))) for c in cells)


def with_unit(cell: PrintedCell) -> str:
    """A printed count as its paper means it: ``11`` of a column in G is ``11G``; anything else as printed."""
    unit = unit_of(paper(cell.paper).table(cell.table), cell.cell)
    return f"{cell.cell.value}{unit}" if unit in ("K", "M", "G") and cell.cell.value[-1:].isdigit() else cell.cell.value


def unit_of(table: Table, cell: PublishedCell) -> str:
    """Unit of the column a cell stands in; empty for counts and scores. Quality has one unit everywhere."""
    if cell.metric in DEFAULT_QUALITY:
        return get_quantity(cell.metric).unit
    for column in table.columns:
        if cell.metric in column.metrics and column.dataset == cell.dataset:
            return column.unit_of(cell.metric)
    return ""


def cells(
    keys: Iterable[str] | None = None, table: str | None = None, root: Path | None = None
) -> tuple[PrintedCell, ...]:
    """Cells of the papers ``keys`` (default: all), in the order of printing.

    Raises:
        SrbenchError: an unknown paper or table, or data that break the schema.
    """
    folders = paper_folders(root)
    found: list[PrintedCell] = []
    for key in folders if keys is None else keys:
        described = paper(key, root)
        ids = [t.id for t in described.tables]
        if table is not None and table.lower() not in ids:
            raise unknown_name(f"table of {described.key}", table, ids)
        for table_id in ids if table is None else [table.lower()]:
            found.extend(_table_cells(folders[key.lower()], table_id))
    return tuple(found)


def load(keys: Iterable[str] | None = None, root: Path | None = None) -> pd.DataFrame:
    """All published cells as a DataFrame, one row per cell.

    Columns: paper, table, row (as printed), row_index, method (row without citation), model, scale
    (Int64), dataset, metric, value (as printed), number (float in counts, dB, ms or MiB; NaN where
    the cell holds none), quantum (worth of one step of the last digit), unit, marks, note.

    Raises:
        SrbenchError: an unknown paper, or data that break the schema.
    """
    import pandas as pd

    rows = [
        {
            "paper": c.paper,
            "table": c.table,
            "row": c.cell.row,
            "row_index": c.cell.row_index,
            "method": c.method,
            "model": c.cell.model,
            "scale": c.cell.scale,
            "dataset": c.cell.dataset,
            "metric": c.cell.metric,
            "value": c.cell.value,
            "number": c.value.number,
            "quantum": c.value.quantum,
            "unit": c.value.unit,
            "marks": c.cell.mark,
            "note": c.cell.note,
        }
        for c in cells(keys, root=root)
    ]
    frame: pd.DataFrame = pd.DataFrame(rows)
    frame["scale"] = frame["scale"].astype("Int64")
    return frame


def check(root: Path | None = None) -> list[Problem]:
    """Validate all published data; an empty list means that everything holds.

    Checked: a paper.toml in every folder; schema of every file; registered models; a CSV per described table and no
    other; row numbers without gaps and with one label; each cell once; every cell's column described and every
    described column filled; number of rows; marks that the table says exist.
    """
    problems = [*_folders_without_paper(root or leaderboards_dir())]
    for key, folder in paper_folders(root).items():
        try:
            described = _read_paper(folder)
        except SrbenchError as error:
            problems.append(Problem(str(folder / "paper.toml"), str(error)))
            continue
        if described.key != key:
            problems.append(Problem(str(folder / "paper.toml"), f"key is '{described.key}', the folder is '{key}'"))
        known = {f"{t.id}.csv" for t in described.tables}
        for file in sorted(folder.glob("*.csv")):
            if file.name not in known:
                problems.append(Problem(str(file), "no table of paper.toml has this id"))
        problems.extend(_check_protocols(folder / "paper.toml", described))
        for table in described.tables:
            problems.extend(_check_table(folder / f"{table.id}.csv", table))
    return problems


def _folders_without_paper(base: Path) -> Iterator[Problem]:
    """Folders of tables that nothing describes; challenges may hold their rules alone."""
    for name in FOLDERS:
        for folder in sorted(path for path in (base / name).glob("*") if path.is_dir()):
            described = (folder / "paper.toml").is_file() or (name == "challenges" and not [*folder.glob("*.csv")])
            if not described:
                yield Problem(str(folder), "has no paper.toml, so none of its tables is read; describe it or remove it")


def _check_protocols(file: Path, described: Paper) -> Iterator[Problem]:
    from srbench.metrics.protocols import get_protocol

    for table in described.tables:
        if table.protocol:
            try:
                get_protocol(table.protocol)
            except SrbenchError as error:
                yield Problem(str(file), f"{table.number}: {error}")


def _check_table(file: Path, table: Table) -> Iterator[Problem]:
    if not file.is_file():
        yield Problem(str(file), f"missing, but paper.toml describes {table.number}")
        return
    found, problems = read_cells(file)
    yield from problems
    labels: dict[int, tuple[str, int | None]] = {}
    seen: set[tuple[object, ...]] = set()
    columns = {(metric, c.dataset) for c in table.columns for metric in c.metrics}
    filled: set[tuple[str, str]] = set()
    for line, cell in enumerate(found, start=2):
        where = f"{file}:{line}"
        if cell.model and cell.model not in MODELS:
            yield Problem(where, f"{unknown_name('model', cell.model, MODELS.names())}")
        label = (cell.row, None if table.orientation == "columns" else cell.scale)
        if labels.setdefault(cell.row_index, label) != label:
            yield Problem(
                where, f"row {cell.row_index} is called '{cell.row}' here and '{labels[cell.row_index][0]}' above"
            )
        identity = (cell.row_index, cell.scale, cell.dataset, cell.metric)
        if identity in seen:
            yield Problem(where, f"the cell {cell.row}, {cell.dataset} {cell.metric} stands here a second time")
        seen.add(identity)
        column = (cell.metric.removesuffix("_trend"), cell.dataset)
        filled.add(column)
        if column not in columns:
            yield Problem(where, f"no column of paper.toml holds {cell.metric} of '{cell.dataset}'")
        if cell.mark != "none" and cell.mark not in table.marks:
            yield Problem(where, f"mark '{cell.mark}' has no meaning in paper.toml")
    if sorted(labels) != list(range(table.rows)):
        yield Problem(str(file), f"holds {len(labels)} rows, paper.toml says {table.rows}")
    yield from _check_order(file, table, found)
    for metric, dataset in sorted(columns - filled):
        yield Problem(str(file), f"the column {metric} {dataset} has no cell")


def _check_order(file: Path, table: Table, found: list[PublishedCell]) -> Iterator[Problem]:
    """Cells of a row stand in the order of the printed columns."""
    order = [(metric, c.dataset) for c in table.columns for metric in c.metrics]
    last: dict[tuple[int, int | None], int] = {}
    for line, cell in enumerate(found, start=2):
        column = (cell.metric.removesuffix("_trend"), cell.dataset)
        row = (cell.row_index, cell.scale)
        if column in order:
            place = order.index(column)
            if place < last.get(row, -1):
                yield Problem(
                    f"{file}:{line}", f"{cell.metric} of '{cell.dataset}' is printed before the cell above it"
                )
            last[row] = place
