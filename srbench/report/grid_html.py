"""HTML of a grid: one ``<table>`` that stands alone or in a page, styled by itself and without scripts."""

from __future__ import annotations

from html import escape as escape_html

from srbench.printable import visible
from srbench.report.grid import Cell, Grid

_TAGS = {"best": "b", "second": "u"}
_SIDES = {"l": "left", "c": "center", "r": "right"}
_STYLE = """<style>
.srbench-table { border-collapse: collapse; font-variant-numeric: tabular-nums; border-top: 2px solid; border-bottom: 2px solid; }
.srbench-table th, .srbench-table td { padding: .2em .6em; }
.srbench-table caption { caption-side: top; text-align: left; padding-bottom: .4em; }
.srbench-table tbody { border-top: 1px solid; }
.srbench-table .l { text-align: left; } .srbench-table .c { text-align: center; } .srbench-table .r { text-align: right; }
</style>"""  # noqa: E501


def escape(text: str) -> str:
    """Text for HTML: markup and characters that act are shown, not done."""
    return escape_html(visible(text))


def html(grid: Grid) -> str:
    """The grid as a ``<table>`` with a caption; best in ``<b>``, second in ``<u>``; notes as a list behind it."""
    parts = ['<table class="srbench-table">', f"<caption>{escape(grid.caption)}</caption>", "<thead>", *_head(grid)]
    parts.append("</thead>")
    for block in grid.blocks:
        parts.append("<tbody>")
        if block.title:
            parts.append(f'<tr><th class="l" colspan="{len(grid.header)}">{escape(block.title)}</th></tr>')
        for row in block.rows:
            cells = [f'<td class="{side}">{_cell(cell)}</td>' for side, cell in zip(grid.align, row, strict=True)]
            parts.append(f"<tr>{''.join(cells)}</tr>")
        parts.append("</tbody>")
    parts.append("</table>")
    if grid.notes:
        parts.append(f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in grid.notes)}</ul>")
    return "\n".join(parts) + "\n"


def _head(grid: Grid) -> list[str]:
    lines = []
    if grid.over:
        cells = [f'<th class="c" colspan="{span}">{escape(text)}</th>' for text, span in grid.over]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    if any(grid.header):
        cells = [f'<th class="{side}">{escape(name)}</th>' for side, name in zip(grid.align, grid.header, strict=True)]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return lines


def _cell(cell: Cell) -> str:
    parts = []
    for span in cell:
        tag, text = _TAGS.get(span.mark, ""), escape(span.text)
        parts.append(f"<{tag}>{text}</{tag}>" if tag else text)
    return "".join(parts)


def page(grids: tuple[Grid, ...]) -> str:
    """The tables as a document that opens by itself."""
    body = "\n".join(html(grid) for grid in grids)
    title = escape(grids[0].caption) if grids else "srbench"
    head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n{_STYLE}\n'
    return f"{head}{body}</html>\n"
