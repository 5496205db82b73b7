"""``srbench.table`` and ``srbench.plot``: tables and figures of stored results in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srbench.report.formats import FORMATS, Export
from srbench.report.grid_console import console_text
from srbench.report.grid_html import html
from srbench.report.handin.build import PlotChoice, build_plot, build_table
from srbench.report.handin.plot import Plot, PlotSpec
from srbench.report.handin.table import TableSpec, bibtex
from srbench.writing import write_text

Places = str | Path | Sequence[str | Path]


@dataclass(frozen=True, repr=False)
class PaperTable:
    """A table: printed as text, shown as HTML in notebooks, written in any registered format."""

    export: Export
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        grid = self.export.grids[0]
        return f"<PaperTable of {sum(len(block.rows) for block in grid.blocks)} rows, {len(grid.header)} columns>"

    def __str__(self) -> str:
        return console_text(self.export.grids[0])

    def _repr_html_(self) -> str:
        return html(self.export.grids[0])

    def text(self, fmt: str) -> str:
        """The table as latex, markdown, html, typst, csv, json or a plugin's format.

        Raises:
            SrbenchError: unknown format.
        """
        return FORMATS.get(fmt).text(self.export)

    def bibtex(self) -> str:
        """The entries that the table cites."""
        return bibtex(self.export)

    def save(self, file: str | Path, fmt: str = "latex") -> Path:
        """Write the table; returns the path.

        Raises:
            SrbenchError: unknown format, or the file cannot be written.
        """
        write_text(Path(file), self.text(fmt))
        return Path(file)


def _several(places: Places) -> list[str | Path]:
    return [places] if isinstance(places, (str, Path)) else list(places)


def table(
    results: Places = (),
    models: Sequence[str] = (),
    published: Sequence[str] = (),
    protocol: str | None = None,
    **spec: Any,
) -> PaperTable:
    """The table of a paper from stored results, with printed rows beside them.

    Args:
        results: folders or files of results; by default ``srbench-results``; "measured": those that come with srbench.
        models: those of the results that are shown; by default all.
        published: rows as papers print them, such as "carn" or "carn@rfdn2020".
        protocol: of the measured rows; by default that of the papers where it is there.
        spec: fields of :class:`srbench.report.handin.table.TableSpec`: layout, scales, datasets, columns, order, ours,
            titles, marks, digits, caption, label, wide, cite.

    Raises:
        SrbenchError: a name that leads to nothing, or nothing to show.
    """
    export, notes = build_table(_several(results), TableSpec(**spec), models, published, protocol)
    return PaperTable(export, notes)


def plot(
    results: Places = (),
    models: Sequence[str] = (),
    published: Sequence[str] = (),
    protocol: str | None = None,
    **spec: Any,
) -> Plot:
    """The figure of a paper from stored results; ``.figure`` is matplotlib's, ``.bytes_of("pdf")`` a file's content.

    Args:
        results: folders or files of results; by default ``srbench-results``; "measured": those that come with srbench.
        models: those of the results that are shown; by default all.
        published: hollow points as papers print them.
        protocol: of the measured points; by default that of the papers where it is there.
        spec: fields of :class:`srbench.report.handin.plot.PlotSpec`: x, y, area, scale, dataset, log_x, log_y, front,
            highlight, width and height [inches], style.

    Raises:
        SrbenchError: a name that leads to nothing, or nothing to draw.
    """
    return build_plot(_several(results), PlotSpec(**spec), PlotChoice(models, published, protocol))[0]
