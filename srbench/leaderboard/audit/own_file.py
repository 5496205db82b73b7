"""An author's own table out of a CSV or TeX file: rows of methods, columns that their headers explain."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from srbench.datasets.facts import dataset_facts
from srbench.errors import SrbenchError
from srbench.leaderboard.schema import DATASETS, METRICS, Mark
from srbench.quantities import DEFAULT_QUALITY

MOST_CHARACTERS = 1_000_000

_TEX_NOISE = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^}]*\}|cmidrule(?:\([^)]*\))?\{[^}]*\}|centering)"
)
_CITE = re.compile(r"~?\\cite\w*\{[^}]*\}|\\(?:footnotesize|small|tiny|scriptsize)\b")
_SPAN = re.compile(r"\\multi(?:column\{(?P<columns>\d{1,2})\}|row\{[^}]*\})\{[^}]*\}\{(?P<text>[^}]*)\}")
_BOLD = re.compile(r"\\(?:textbf|mathbf|bf)\s*\{(?P<tex>[^{}]*)\}|\*\*(?P<md>.+?)\*\*|<b>(?P<html>.+?)</b>")
_UNDER = re.compile(r"\\(?:underline|uline)\s*\{(?P<tex>[^{}]*)\}|__(?P<md>.+?)__|<u>(?P<html>.+?)</u>")
_UNIT = re.compile(r"[\[(]\s*(?P<unit>K|M|G|ms|s|MB|MiB|dB)\s*[\])]", re.IGNORECASE)
_NAMES: dict[str, str] = {
    "param": "params", "flop": "macs", "mac": "macs", "multi-add": "macs", "mult-add": "macs", "madd": "macs",
    "runtime": "runtime", "time": "runtime", "latency": "runtime", "mem": "memory", "act": "activations",
    **{name: name for name in DEFAULT_QUALITY}, "lpips": "lpips", "#conv": "num_conv",
}  # fmt: skip
_OTHER_SETS = {alias: name for name, facts in dataset_facts().items() for alias in facts.aliases}


@dataclass(frozen=True)
class OwnColumn:
    """A column of values: the quantities printed around a slash, their dataset, and the unit in the header."""

    index: int
    header: str
    metrics: tuple[str, ...]
    dataset: str
    unit: str


@dataclass(frozen=True)
class OwnCell:
    """One number as written, with its mark."""

    row: int
    label: str
    scale: int | None
    column: OwnColumn
    metric: str
    text: str
    mark: Mark


def read(file: Path, scale: int | None = None) -> tuple[list[OwnColumn], list[OwnCell]]:
    """Columns and cells of a table file.

    The first row of cells is the header (in TeX the last row before the first one with numbers, the row above it
    joined where it spans columns). A column headed Scale, or rows that hold only "x4", give the scale.

    Raises:
        SrbenchError: the file is missing, or holds no table with a column of methods and a column of numbers.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SrbenchError(f"'{file}' cannot be read: {error}.") from error
    if len(text) > MOST_CHARACTERS:
        raise SrbenchError(f"'{file}' has {len(text):,} characters, a table at most {MOST_CHARACTERS:,}; cut it out.")
    rows = _tex_rows(text) if file.suffix == ".tex" else _csv_rows(text)
    try:
        rows = _tex_rows(text) if file.suffix == ".tex" else _csv_rows(text)
    except csv.Error as error:
        raise SrbenchError(f"'{file}' cannot be read: {error}.") from error
    heads = [i for i, row in enumerate(rows) if sum(_is_number(c) for c in row[1:]) >= 2]
    if not heads or heads[0] == 0:
        raise SrbenchError(
            f"'{file}' holds no table that can be read: expected a header row and below it one row per method, the "
            "method first."
        )
    header = _joined_header(rows[: heads[0]])
    for number, row in enumerate(rows[heads[0] :], 1):
        if any(cell.strip() for cell in row[len(header) :]):
            raise SrbenchError(
                f"'{file}': row {number} below the header has {len(row)} cells, the header {len(header)}; "
                "give every number a column."
            )
    columns = [c for i, h in enumerate(header) if (c := _column(i, h)) is not None]
    if not columns:
        raise SrbenchError(
            f"'{file}': no column is understood; name them after what they hold, e.g. Method, Scale, Params [K], "
            "FLOPs [G], Time [ms], Set5 PSNR/SSIM."
        )
    label_at = next((i for i, h in enumerate(header) if re.match(r"\s*(method|model|name|network)", h, re.I)), 0)
    scale_at = next((i for i, h in enumerate(header) if re.match(r"\s*scale", h, re.I)), None)
    return columns, list(_cells(rows[heads[0] :], columns, label_at, scale_at, scale))


def _csv_rows(text: str) -> list[list[str]]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(c.strip() for c in row)]
    except csv.Error as error:
        raise SrbenchError(f"the table cannot be read as CSV: {error}.") from error


def _tex_rows(text: str) -> list[list[str]]:
    text = re.sub(r"(?<!\\)%.*", "", text)
    body = re.search(r"\\begin\{tabular[x*]?\}.*?\n(.*?)\\end\{tabular", text, re.DOTALL)
    rows = []
    for line in (body[1] if body else text).split(r"\\"):
        line = _TEX_NOISE.sub(" ", line)
        cells: list[str] = []
        for cell in re.split(r"(?<!\\)&", line):
            span = _SPAN.search(cell)
            plain = _CITE.sub("", _SPAN.sub(lambda m: m["text"], cell)).replace(r"\#", "#").replace(r"\times", "x")
            cells.append(plain.replace("$", "").strip())
            cells.extend([plain.strip()] * (int(span["columns"]) - 1) if span and span["columns"] else [])
        if any(cells):
            rows.append(cells)
    return rows


def _joined_header(rows: list[list[str]]) -> list[str]:
    width = max(len(r) for r in rows)
    return [
        " ".join(dict.fromkeys(r[i].strip() for r in rows[-2:] if i < len(r) and r[i].strip())) for i in range(width)
    ]


def _column(index: int, header: str) -> OwnColumn | None:
    words = header.lower()
    names = _OTHER_SETS | {n: n for n in DATASETS if n} | {t.lower(): n for n, t in DATASETS.items() if t}
    flat = words.replace(" ", "").replace("-", "")
    dataset = next((n for word, n in names.items() if word.replace(" ", "").replace("-", "") in flat), "")
    found = [(words.find(word), metric) for word, metric in _NAMES.items() if word in words]
    metrics = tuple(dict.fromkeys(metric for _, metric in sorted(found)))
    if "runtime" in metrics:
        metrics = ("runtime",)
    if not metrics and dataset:
        metrics = DEFAULT_QUALITY
    if not metrics or any(m not in METRICS for m in metrics):
        return None
    unit = _UNIT.search(header)
    spelled = {"mb": "MiB", "mib": "MiB", "k": "K", "m": "M", "g": "G", "db": "dB"}
    return OwnColumn(
        index, header, metrics, dataset, spelled.get(unit["unit"].lower(), unit["unit"].lower()) if unit else ""
    )


def _is_number(cell: str) -> bool:
    return re.match(r"\d[\d,.]*\s*[KMG]?\s*(?:/|$)", _plain(cell)[0]) is not None


def _cells(
    rows: list[list[str]], columns: list[OwnColumn], label_at: int, scale_at: int | None, scale: int | None
) -> list[OwnCell]:
    found: list[OwnCell] = []
    current = scale
    for index, row in enumerate(rows):
        heading = [c for c in row if c.strip()]
        only_scale = (
            re.fullmatch(r"(?:scale\s*)?[x×]\s*([1-9])", heading[0].strip(), re.I) if len(heading) == 1 else None
        )
        if only_scale:
            current = int(only_scale[1])
            continue
        if scale_at is not None and scale_at < len(row) and (digit := re.search(r"[1-9]", row[scale_at])):
            current = int(digit[0])
        label = (_plain(row[label_at])[0] if label_at < len(row) else "") or f"row {index + 1}"
        for column in columns:
            if column.index < len(row) and column.index not in (label_at, scale_at):
                found.extend(_split(index, label, current, column, row[column.index]))
    return found


def _split(row: int, label: str, scale: int | None, column: OwnColumn, cell: str) -> list[OwnCell]:
    whole, mark = _plain(cell)
    parts = [p for p in re.split(r"\s*/\s*", cell) if p.strip()] if len(column.metrics) > 1 else [cell]
    found = []
    for metric, part in zip(column.metrics, parts, strict=False):
        text, own = _plain(part.strip())
        if text in ("", "-", "--", "–"):
            continue
        both = mark if "/" in whole and own == "none" and _marks_all(cell) else own
        found.append(OwnCell(row, label, scale, column, metric, text, both))
    return found


def _marks_all(cell: str) -> bool:
    """Whether one mark spans both numbers of a cell."""
    return any("/" in (m["tex"] or m["md"] or m["html"] or "") for m in (*_BOLD.finditer(cell), *_UNDER.finditer(cell)))


def _plain(cell: str) -> tuple[str, Mark]:
    """The digits of a cell without its mark, and the mark."""
    mark: Mark = "bold" if _BOLD.search(cell) else "underline" if _UNDER.search(cell) else "none"
    for pattern in (_BOLD, _UNDER):
        cell = pattern.sub(lambda m: m["tex"] or m["md"] or m["html"] or "", cell)
    if mark == "none" and re.search(r"\*\*|__|\\textbf|\\underline|<b>|<u>", cell):
        mark = "underline" if re.search(r"__|\\underline|<u>", cell) else "bold"
    return re.sub(r"\*\*|__|\\textbf|\\underline|</?[bu]>|[{}]", "", cell).strip(), mark
