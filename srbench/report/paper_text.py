"""A paper's tables as Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srbench.leaderboard import bibliography
from srbench.leaderboard.states import STATES
from srbench.quantities import DEFAULT_QUALITY
from srbench.quantities.number_text import MISSING
from srbench.report.formats import Export
from srbench.report.grid import Block, Cell, Grid, Span, plain
from srbench.report.layout import VIEW_TITLES, BodyCell, BodyRow, PaperTable, View, parts_of

MARKS = (
    "As printed: the authors' own marks, where the text at hand has them; notes below a table name those that its "
    "column contradicts. Measured: best in bold, second best underlined, computed from the column."
)


def grid(table: PaperTable, view: View) -> Grid:
    """One view of the table as a grid in the paper's layout."""
    header = list(table.leads)
    for cell in table.header:
        header += [f"{cell.text} {sub}".strip() for sub in cell.subs]
    if view != "printed":
        header.append("State")
    blocks = []
    for block in table.blocks:
        rows = [_grid_row(row, view) for row in block.rows if view == "printed" or _has_measured(row)]
        if rows:
            cites = tuple(row.cite for row in block.rows if view == "printed" or _has_measured(row))
            blocks.append(Block(block.title, tuple(rows), cites))
    align = "l" * len(table.leads) + "r" * (len(header) - len(table.leads))
    caption = f"{table.paper.short}, {table.table.number}: {table.table.caption} {VIEW_TITLES[view]}."
    method = next((place for place, lead in enumerate(table.leads) if lead != "Scale"), 0)
    return Grid(caption, tuple(header), align, tuple(blocks), notes(table, view), f"tab:{table.ident}-{view}", method)


def _has_measured(row: BodyRow) -> bool:
    return any(part.comparison.measured is not None for cell in row.cells for part in cell.parts)


def _grid_row(row: BodyRow, view: View) -> tuple[Cell, ...]:
    cells = [plain(lead) for lead in row.leads]
    cells += [grid_cell(cell, view) for cell in row.cells]
    if view != "printed":
        cells.append(plain(row.state))
    return tuple(cells)


def grid_cell(cell: BodyCell, view: View) -> Cell:
    """The parts of a cell around its separator; one dash where no part has a value."""
    if not cell.parts or all(part.texts[view] == MISSING for part in cell.parts):
        return plain(MISSING)
    spans: list[Span] = []
    for index, part in enumerate(cell.parts):
        if index:
            spans.append(Span(cell.separator))
        spans.append(Span(part.texts[view], part.places[view]))
        if view == "measured" and part.noise:
            spans.append(Span("≈"))
    return tuple(spans)


def notes(table: PaperTable, view: View) -> tuple[str, ...]:
    """What must be read with the table."""
    found = []
    if view == "printed":
        found += [text for text in (table.table.note, table.table.marks_note) if text]
        found += mark_notes(table)
        counts = ", ".join(f"{table.counts[state]} {state}" for state in STATES if table.counts.get(state))
        found.append(f"Cells: {counts}.")
    if view == "measured":
        found += weights_notes(table)
        found += sorted({f"≈ within noise: {part.noise}" for part in parts_of(table) if part.noise})
    if view == "difference":
        found += off_notes(table)
    return tuple(found)


def place_words(table: PaperTable, part_cell: Any) -> str:
    """Where a cell stands: row, scale, dataset and metric."""
    cell = part_cell.comparison.printed.cell
    scale = f", ×{cell.scale}" if cell.scale else ""
    return f"{cell.row}{scale}, {cell.dataset} {cell.metric}".replace(",  ", ", ")


def mark_notes(table: PaperTable) -> list[str]:
    """Marks as printed that differ from the computed ones."""
    return [f"Mark: {place_words(table, part)}: {part.mark_differs}." for part in parts_of(table) if part.mark_differs]


def weights_notes(table: PaperTable) -> list[str]:
    """Which weights the measured quality of each row is of; rows with the same weights together."""
    used: dict[str, dict[str, None]] = {}
    for part in parts_of(table):
        source = part.comparison.source
        if source and part.comparison.printed.cell.metric in DEFAULT_QUALITY:
            used.setdefault(str(source["weights"]), {})[part.comparison.printed.method] = None
    return [f"Weights {weights}: {', '.join(rows)}." for weights, rows in used.items()]


def off_notes(table: PaperTable) -> list[str]:
    """Reasons of the cells that are off, cells of one row and reason together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for part in parts_of(table):
        cell = part.comparison.printed.cell
        if part.state == "off" and part.comparison.reason:
            scale = f" ×{cell.scale}" if cell.scale else ""
            what = f"{cell.dataset} {cell.metric}".strip()
            reasons.setdefault((f"{cell.row}{scale}", part.comparison.reason), []).append(what)
    return [f"{row} ({', '.join(what)}): {reason}." for (row, reason), what in reasons.items()]


def export(name: str, title: str, intro: str, tables: Sequence[PaperTable], view: View = "printed") -> Export:
    """The tables of a report, ready for any format.

    A document holds all three views, measured and difference only where something was measured, and only those rows;
    tables for LaTeX show ``view``.
    """
    flow: list[str | Grid] = [f"# {title}", ""]
    if intro:
        flow += [intro, ""]
    flow += [MARKS, ""]
    for table in tables:
        flow += [f"## {table.table.number}", ""]
        views: tuple[View, ...] = ("printed", "measured", "difference") if table.has_measured else ("printed",)
        flow += [grid(table, each) for each in views]
    shown = tuple(grid(table, view) for table in tables if view == "printed" or table.has_measured)
    keys = cited(tables)
    carried = bibliography.bibtex(keys) if keys else ""
    return Export(
        "srbench.report/1", tuple(rows(tables)), shown, tuple(flow), name, rows_called="cells", bibliography=carried
    )


def cited(tables: Sequence[PaperTable]) -> list[str]:
    """BibTeX keys of all rows that cite someone."""
    return sorted({row.cite for table in tables for row in table.rows if row.cite})


def rows(tables: Sequence[PaperTable]) -> list[dict[str, Any]]:
    """One plain dict per printed number, with state, measured value and provenance."""
    found = []
    for table in tables:
        for part in parts_of(table):
            comparison = part.comparison
            cell, source = comparison.printed.cell, comparison.source or {}
            found.append(
                {
                    "paper": table.paper.key,
                    "table": table.table.id,
                    "row": cell.row,
                    "model": cell.model,
                    "scale": cell.scale,
                    "dataset": cell.dataset,
                    "metric": cell.metric,
                    "printed": cell.value,
                    "mark": cell.mark,
                    "place": part.computed,
                    "state": comparison.state,
                    "reason": comparison.reason,
                    "measured": _short(comparison.measured),
                    "difference": _short(comparison.difference),
                    "weights": source.get("weights", ""),
                    "file": source.get("file", ""),
                    "note": cell.note,
                }
            )
    return found


def _short(value: float | None) -> float | int | None:
    """To six decimals; whole numbers without any."""
    if value is None:
        return None
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded
