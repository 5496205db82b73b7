"""A printed table as data, and its Markdown; LaTeX lives in :mod:`srbench.report.latex`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from srbench.printable import visible


@dataclass(frozen=True)
class Span:
    """A piece of a cell's text with its mark (best: bold, second: underlined)."""

    text: str
    mark: Literal["", "best", "second"] = ""


Cell = tuple[Span, ...]


def plain(text: str) -> Cell:
    """A cell without marks."""
    return (Span(text),)


@dataclass(frozen=True)
class Block:
    """Rows under one heading (a scale); a heading of "" prints none. ``cites`` has a bib key or "" per row."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """A table: header, one alignment letter (l, c, r) per column, blocks of rows, notes below.

    ``cite_column`` is the column that names the method, where LaTeX puts the citation. ``over`` are headings above the
    header with the number of columns each spans; where they are given they span all. ``fit`` is for LaTeX: no wider
    than a column or the page of a paper.
    """

    caption: str
    header: tuple[str, ...]
    align: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    label: str = ""
    cite_column: int = 0
    over: tuple[tuple[str, int], ...] = ()
    fit: Literal["", "column", "page"] = ""

    @property
    def heads(self) -> tuple[str, ...]:
        """One heading per column, for formats where none spans several: ``Set5 PSNR/SSIM``."""
        above = [text for text, span in self.over for _ in range(span)] or [""] * len(self.header)
        return tuple(f"{top} {name}".strip() for top, name in zip(above, self.header, strict=True))


def cell_text(cell: Cell) -> str:
    """The cell's text without marks."""
    return "".join(span.text for span in cell)


def escape_markdown(text: str) -> str:
    r"""Escape what Markdown or HTML in it would take as markup inside a table; all on one line.

    >>> escape_markdown("<b>|\n&lt;")
    '\\<b>\\| \\&lt;'
    """
    text = visible(text)
    for char in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(char, "\\" + char)
    return _ENTITY.sub(r"\\&", text)


_ENTITY = re.compile(r"&(?=#?\w+;)")


def _heading(text: str) -> str:
    """Text of a heading: no markup of HTML, and one line."""
    return _ENTITY.sub(r"\\&", visible(text).replace("<", "\\<"))


def _markdown_cell(cell: Cell) -> str:
    parts = []
    for span in cell:
        text = escape_markdown(span.text)
        parts.append(f"**{text}**" if span.mark == "best" else f"<u>{text}</u>" if span.mark == "second" else text)
    return "".join(parts)


def markdown(grid: Grid) -> str:
    """The grid as GitHub Markdown: one table per block, best bold, second underlined, notes as a list."""
    rule = {"l": ":--", "c": ":-:", "r": "--:"}
    lines = [f"### {_heading(grid.caption)}", ""] if grid.caption else []
    for block in grid.blocks:
        if block.title:
            lines += [f"**{escape_markdown(block.title)}**", ""]
        lines.append("| " + " | ".join(escape_markdown(name) for name in grid.heads) + " |")
        lines.append("|" + "|".join(rule[letter] for letter in grid.align) + "|")
        lines += ["| " + " | ".join(_markdown_cell(cell) for cell in row) + " |" for row in block.rows]
        lines.append("")
    lines += [f"- {escape_markdown(note)}" for note in grid.notes]
    return "\n".join(lines).rstrip("\n") + "\n"
