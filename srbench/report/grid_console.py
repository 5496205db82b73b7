"""A grid for a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from srbench.printable import visible
from srbench.quantities.number_text import MISSING
from srbench.report.grid import Grid, cell_text

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_STYLES = {"best": "bold", "second": "underline", "": ""}


def console_text(grid: Grid, colour: bool = False) -> str:
    """The grid with its notes as text; bold and underlined where ``colour`` allows codes of the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(visible(grid.caption, lines=True)), title_justify="left", title_style="italic", header_style="bold"
    )
    for name, side in zip(grid.heads, grid.align, strict=True):
        table.add_column(
            Text(visible(name).replace(" ", "\n", 1)), justify="right" if side == "r" else "left", no_wrap=True
        )
    for block in grid.blocks:
        for row in block.rows:
            table.add_row(*(_text(cell) for cell in row))
        table.add_section()
    stream = io.StringIO()
    console = Console(file=stream, width=_width(table), force_terminal=colour, highlight=False, emoji=False)
    console.print(table)
    for note in grid.notes:
        console.print(Text(visible(note), style="dim"))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _width(table: Table) -> int:
    from rich.console import Console
    from rich.table import Table

    return max(80, Console(width=10_000).measure(Table(*table.columns)).maximum)


def _text(cell: tuple[object, ...]) -> Text:
    from rich.text import Text

    text = Text()
    for span in cell:
        text.append(visible(span.text), _STYLES[span.mark])  # type: ignore[attr-defined]
    if cell_text(cell) == MISSING:  # type: ignore[arg-type]
        text.stylize("dim")
    return text
