"""Typst of a grid: a figure with a table between rules; best in bold, second underlined, methods cite their papers."""

from __future__ import annotations

import re

from srbench.printable import visible
from srbench.report.grid import Cell, Grid

_NUMBER = re.compile(r"\s*\[\d+\]$")
_SIDES = {"l": "left", "c": "center", "r": "right"}


def escape(text: str) -> str:
    r"""Escape what Typst would take as markup.

    >>> escape("my_net #1 [x] 50% *")
    'my\\_net \\#1 \\[x\\] 50% \\*'
    """
    return re.sub(r"([\\#\[\]*_`$<>@~])", r"\\\1", visible(text)).replace("//", "/\\/")


def typst(grid: Grid) -> str:
    """The grid as ``#figure(table(...))`` with a label; the bibliography is the document's own."""
    sides = ", ".join(_SIDES[letter] for letter in grid.align)
    lines = [
        "#figure(",
        f"  caption: figure.caption(position: top)[{escape(grid.caption)}],",
        "  kind: table,",
        "  [",
        "#set text(size: 0.8em)",
        "#table(",
        f"  columns: {len(grid.header)},",
        f"  align: ({sides},),",
        "  stroke: none,",
        "  inset: (x: 4pt, y: 2.5pt),",
        "  table.hline(),",
        *_head(grid),
    ]
    for block in grid.blocks:
        lines.append("  table.hline(stroke: 0.5pt),")
        if block.title:
            lines.append(f"  table.cell(colspan: {len(grid.header)}, align: left)[_{escape(block.title)}_],")
        for index, row in enumerate(block.rows):
            cells = [_cell(cell) for cell in row]
            if index < len(block.cites) and block.cites[index]:
                name = _NUMBER.sub("", cells[grid.cite_column])
                cells[grid.cite_column] = f"{name} @{block.cites[index]}"
            lines.append("  " + " ".join(f"[{cell}]," for cell in cells))
    lines += ["  table.hline(),", ")", *(escape(note) + " \\" for note in grid.notes), "  ],"]
    return "\n".join(lines) + f"\n){f' <{grid.label}>' if grid.label else ''}\n"


def _head(grid: Grid) -> list[str]:
    lines = []
    if grid.over:
        cells = " ".join(f"table.cell(colspan: {n}, align: center)[{escape(text)}]," for text, n in grid.over)
        lines.append(f"  {cells}")
    if any(grid.header):
        lines.append("  " + " ".join(f"[{escape(name)}]," for name in grid.header))
    return lines


def _cell(cell: Cell) -> str:
    parts = []
    for span in cell:
        text = escape(span.text)
        parts.append(f"#strong[{text}]" if span.mark == "best" else f"#underline[{text}]" if span.mark else text)
    return "".join(parts)
