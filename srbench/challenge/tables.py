"""Values of entries from a table of the organisers': a CSV with one row per entry, or their results.json."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from srbench.challenge.rows import add_means
from srbench.errors import SrbenchError
from srbench.rules import Column, Rules
from srbench.rules.ranking import Row

_NAMES = ("team", "entry", "name", "model", "method", "id")
"""What the column of names is called, the likeliest first."""
_SILENT = (*_NAMES, "unsteady runtime", "eligible", "not ranked because")
"""Columns that hold no values, and are no surprise."""
_NO_VALUE = ("", "–", "—", "-")
_WORDS = {
    "val": "valid", "validation": "valid", "flops": "macs", "acts": "activations", "mem": "memory", "gpu": "",
    "ave": "", "average": "", "avg": "", "time": "runtime", "num": "", "conv": "convs",
    "parameters": "params", "param": "params",
}  # fmt: skip
_UNITS = ("ms", "s", "m", "g", "k", "mib", "mb", "db")
_OURS = ("rank", "score")
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")
"""How zips and packed tars begin."""
_ORGANISERS = {
    "psnr": "{set}_ave_psnr", "runtime": "{set}_ave_runtime", "memory": "{set}_memory", "params": "num_parameters",
    "macs": "flops", "activations": "activations", "convs": "num_conv",
}  # fmt: skip
"""Names in the results.json of the organisers' demo program, by kind of quantity; times in ms, counts in M and G."""


@dataclass(frozen=True)
class Table:
    """Rows, and the names of columns that were not understood."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = ()

    def notes(self, rules: Rules) -> tuple[str, ...]:
        """What is said about columns that were not understood."""
        if not self.ignored:
            return ()
        many = f"column{'s' * (len(self.ignored) > 1)} {', '.join(self.ignored)}"
        return (f"{many} left out: no column of {rules.id}, which has {', '.join(c.key for c in rules.columns)}",)


def read_rows(path: Path, rules: Rules) -> tuple[Row, ...]:
    """The rows of :func:`read_table`."""
    return read_table(path, rules).rows


def read_table(path: Path, rules: Rules) -> Table:
    """The rows of a table; those that call themselves baseline are reference rows.

    Columns are known by the rules' key, or by a usual name with or without a unit (``flops_g``). Printed ranks and
    scores are left alone, so that what ``rank`` wrote can be ranked again; other columns that the rules do not have are
    ``ignored``. A dash is no value.

    Raises:
        SrbenchError: the file cannot be read, has no such columns, or a cell is no number.
    """
    try:
        data = path.read_bytes()
        if data.startswith(_ARCHIVE):
            raise SrbenchError(
                f"'{path}' is an archive, no table; 'srbench challenge score' scores it, 'evaluate' measures models."
            )
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SrbenchError(f"'{path}' cannot be read as a table: {error}.") from error
    if path.suffix == ".json":
        return Table(_from_json(text, path, rules))
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise SrbenchError(f"'{path}' cannot be read as a table: {error}.") from error
    if not rows:
        raise SrbenchError(f"'{path}' has no rows; expected a header and one row per entry.")
    header = [name for name in rows[0] if name]
    if not header:
        raise SrbenchError(f"'{path}' has no header; expected names of columns in its first line.")
    columns = {name: column for name in header if (column := column_named(name, rules)) is not None}
    named = {name.strip().lower(): name for name in reversed(header)}
    label = next((named[name] for name in _NAMES if name in named), header[0])
    if not columns:
        known = ", ".join(column.key for column in rules.columns)
        raise SrbenchError(f"'{path}' has no column of {rules.id}; expected some of {known}, got {', '.join(header)}.")
    given = [str(row.get(named.get("id", "")) or "").strip() for row in rows]
    ids = given if all(given) and len(set(given)) == len(given) else [f"{i + 1:02d}" for i in range(len(rows))]
    return Table(
        tuple(_row(ids[at], row, label, columns, (f"'{path}', row {at + 1}", rules)) for at, row in enumerate(rows)),
        tuple(name for name in header if name not in (*columns, label) and not _is_silent(name)),
    )


def _is_silent(name: str) -> bool:
    words = re.sub(r"[^a-z0-9]+", " ", name.lower()).split()
    return name.strip().lower() in _SILENT or any(word in _OURS for word in words)


def column_named(name: str, rules: Rules) -> Column | None:
    """The column that a name means: its key, or a usual name of it (``flops``, ``params_m``, ``PSNR [test]``).

    >>> from srbench.rules import get_rules
    >>> column_named("FLOPs [G]", get_rules("ntire2026-esr")).key
    'macs'
    """
    words = re.sub(r"[^a-z0-9]+", " ", name.lower()).split()
    if any(word in _OURS for word in words):
        return None
    if len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    key = "-".join(mapped for word in words if (mapped := _WORDS.get(word, word)))
    return next((column for column in rules.columns if column.key == key), None)


def _row(
    row_id: str, row: Mapping[str, Any], label: str, columns: Mapping[str, Column], place: tuple[str, Rules]
) -> Row:
    where, rules = place
    values: dict[str, Decimal] = {}
    for name, column in columns.items():
        text = str(row.get(name) or "").strip().replace(",", "")
        if text not in _NO_VALUE:
            values[column.key] = _number(text, f"{where}, {name}")
    add_means(values, rules)
    title = str(row.get(label) or f"row {row_id}").strip()
    marks = (str(row.get(name) or "").strip().lower() for name in row if str(name).strip().lower() in _SILENT[-2:])
    return Row(row_id, title, values, reference="baseline" in marks)


def _number(text: str, where: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise SrbenchError(f"{where}: '{text[:40]}' is no number.") from None
    if not value.is_finite():
        raise SrbenchError(f"{where}: '{text[:40]}' is not finite.")
    if value and not -30 <= value.adjusted() <= 18:
        raise SrbenchError(f"{where}: '{text[:40]}' is no plausible value; expected 1e-30 to 1e18.")
    return value


def _from_json(text: str, path: Path, rules: Rules) -> tuple[Row, ...]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SrbenchError(f"'{path}' is no JSON: {str(error) or type(error).__name__}.") from error
    if not isinstance(data, dict) or not all(isinstance(value, dict) for value in data.values()):
        raise SrbenchError(f"'{path}' is no table of results: expected an object with one object per entry.")
    if not data:
        raise SrbenchError(f"'{path}' has no entries; expected an object with one object per entry.")
    rows = []
    for place, (name, found) in enumerate(data.items()):
        values = {
            column.key: _number(str(found[field]), f"'{path}', {name}, {field}")
            for column in rules.columns
            if (field := organisers_name(column)) and isinstance(found.get(field), (int, float))
        }
        add_means(values, rules)
        number = re.match(r"\s*(\d+)", name)
        rows.append(Row(number.group(1) if number else f"{place:02d}", name.strip(), values))
    if not any(row.values for row in rows):
        known = ", ".join(dict.fromkeys(field for column in rules.columns if (field := organisers_name(column))))
        raise SrbenchError(f"'{path}' has no value of {rules.id}; expected some of {known} for each entry.")
    return tuple(rows)


def organisers_name(column: Column) -> str:
    """What the organisers' results.json calls a column; '' where it has no such value."""
    pattern = _ORGANISERS.get(column.quantity.partition(":")[0], "")
    if "{set}" in pattern and not column.dataset:
        return ""
    return pattern.format(set=column.dataset)


def with_baseline(rows: Sequence[Row], name: str | None, rules: Rules) -> tuple[tuple[Row, ...], Row | None]:
    """The rows with the baseline as a reference, and the baseline: by name or id, else by the rules' name for it."""
    wanted = [name] if name else [rules.baseline.row, rules.baseline.name, "00"]
    found = next((row for one in wanted if one for row in rows if one in (row.id, row.title)), None)
    if found is None and name:
        raise SrbenchError(f"no row '{name}' to be the baseline; there are {', '.join(row.title for row in rows)}.")
    if found is None:
        return tuple(rows), None
    marked = Row(found.id, found.title, found.values, True, found.reasons)
    return tuple(marked if row is found else row for row in rows), marked
