"""Formats that tables are exported in: one open registry, used by ``srbench run``, ``srbench report`` and by hand.

Another package adds one through the entry points ``srbench.formats``, a ``--plugin`` file through :data:`FORMATS`.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from srbench.plugins import import_attribute, require_function, require_name
from srbench.printable import spreadsheet_cell, whole_pairs
from srbench.registry import Registry
from srbench.report.grid import Grid, markdown
from srbench.report.grid_html import page
from srbench.report.grid_typst import typst
from srbench.report.latex import document, latex


@dataclass(frozen=True)
class Export:
    """What a format is given: the same table as data and as it is laid out.

    Attributes:
        schema: names what the rows are, such as ``srbench.table/1``.
        rows: one mapping per result or printed number, with full precision; infinite values are ``math.inf``.
        grids: the tables as laid out for print, with marks and notes.
        flow: text (Markdown) and tables in the order of a document that is read; by default the tables alone.
        name: of the report; "" for the table of a run.
        rows_called: what JSON calls the rows.
        bibliography: BibTeX entries that a document carries; None for tables that are no document.
    """

    schema: str
    rows: tuple[Mapping[str, Any], ...]
    grids: tuple[Grid, ...]
    flow: tuple[str | Grid, ...] = ()
    name: str = ""
    columns: tuple[str, ...] = ()
    rows_called: str = "rows"
    bibliography: str | None = None


@dataclass(frozen=True)
class Format:
    """A format: ``write`` makes text of an :class:`Export`; a function, or a lazy reference "module:function"."""

    name: str
    suffix: str
    write: Callable[[Export], str] | str
    title: str = ""

    def __post_init__(self) -> None:
        require_name("format", self.name)
        require_function(f"format '{self.name}': write", self.write)

    def text(self, export: Export) -> str:
        """The export in this format.

        Raises:
            SrbenchError: the function of another's format raises, or gives no text.
        """
        with FORMATS.answering_for(self):
            written = (self.write if callable(self.write) else import_attribute(self.write))(export)
        if not isinstance(written, str):
            raise FORMATS.refused(self, written, "a text")
        return written


def to_csv(export: Export) -> str:
    """Comma-separated values: every digit, ``inf`` for infinite, nothing for what is missing."""
    stream = io.StringIO()
    columns = export.columns or tuple(export.rows[0] if export.rows else ())
    writer = csv.DictWriter(stream, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    for row in export.rows:
        writer.writerow({name: _csv_text(name, row[name]) for name in columns})
    return stream.getvalue()


def _csv_text(name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return spreadsheet_cell(("x" if name.endswith("_size") else "; ").join(map(str, value)))
    if isinstance(value, str):
        return spreadsheet_cell(value)
    if isinstance(value, float) and math.isfinite(value) and "e" in repr(value):
        return format(Decimal(repr(value)), "f")
    return value


def to_json(export: Export) -> str:
    """The rows as JSON; infinite values are null, as JSON has no other way to say so."""
    rows = [{name: _json_value(value) for name, value in row.items()} for row in export.rows]
    named = {"report": export.name} if export.name else {}
    text = json.dumps({"schema": export.schema, **named, export.rows_called: rows}, indent=1, ensure_ascii=False)
    return whole_pairs(text) + "\n"


def _json_value(value: Any) -> Any:
    return None if isinstance(value, float) and math.isinf(value) else value


def to_markdown(export: Export) -> str:
    """A document, or tables alone."""
    return "\n".join(part if isinstance(part, str) else markdown(part) for part in export.flow or export.grids)


def to_latex(export: Export) -> str:
    """Tables for \\\\input; of a report, a document that compiles as it stands, with its bibliography."""
    body = [latex(grid) for grid in export.grids]
    if export.bibliography is None:
        return "\n".join(body)
    carried = export.bibliography
    text = document(body, export.name if carried else "")
    if carried:
        text = f"\\begin{{filecontents*}}[overwrite]{{{export.name}.bib}}\n{carried}\\end{{filecontents*}}\n{text}"
    return text


def to_html(export: Export) -> str:
    """The tables as a page that stands alone."""
    return page(export.grids)


def to_typst(export: Export) -> str:
    """The tables as figures for #include."""
    return "\n".join(typst(grid) for grid in export.grids)


def _built_in() -> tuple[Format, ...]:
    return (
        Format("markdown", "md", to_markdown, "Markdown: best in bold, second underlined"),
        Format("latex", "tex", to_latex, "LaTeX with booktabs"),
        Format("html", "html", to_html, "HTML: a page with nothing but the tables"),
        Format("typst", "typ", to_typst, "Typst: figures with a table"),
        Format("csv", "csv", to_csv, "one line per result, every digit"),
        Format("json", "json", to_json, "the same for programs"),
    )


FORMATS: Registry[Format] = Registry("format", Format, built_in=_built_in, group="srbench.formats")
"""Formats by name."""
