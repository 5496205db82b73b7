"""LaTeX of a grid: booktabs, bold and underline, citations, and the .bib that goes with it."""

from __future__ import annotations

import re

from srbench.printable import visible
from srbench.report.grid import Cell, Grid

_NUMBER = re.compile(r"\s*\[\d+\]$")  # the paper's own citation number: ours takes its place
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    "×": r"$\times$",
    "±": r"$\pm$",
    "−": "$-$",
    "≈": r"$\approx$",
    "✓": r"\checkmark{}",
    "✗": r"$\times$",
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "…": r"\ldots{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "∧": r"$\wedge$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
}


_MARK = "Mark: "  # notes on single marks stay in the source as comments


def escape(text: str) -> str:
    """Escape text for LaTeX; characters a plain LaTeX cannot print become close ones.

    >>> escape("50% of my_net & co")
    '50\\\\% of my\\\\_net \\\\& co'
    """
    return "".join(_ESCAPES.get(char, char) for char in visible(text))


def _cell(cell: Cell) -> str:
    parts = []
    for span in cell:
        text = escape(span.text)
        parts.append({"best": rf"\textbf{{{text}}}", "second": rf"\underline{{{text}}}"}.get(span.mark, text))
    return "".join(parts)


def latex(grid: Grid) -> str:
    """The grid as a ``table`` environment (packages: booktabs, amssymb); the method's cell cites its paper.

    One that is to fit takes ``graphicx`` too: it is made smaller where it is too wide, and never larger.
    """
    width = len(grid.header)
    environment = "table*" if grid.fit == "page" else "table"
    lines = [
        rf"\begin{{{environment}}}[{'t' if grid.fit else 'p'}]",
        r"\centering",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{escape(grid.caption)}}}",
    ]
    if grid.label:
        lines.append(rf"\label{{{grid.label}}}")
    lines += [r"\vspace{4pt}", _FITTED] if grid.fit else []
    lines += [rf"\begin{{tabular}}{{{grid.align}}}", r"\toprule", *_head(grid)]
    for block in grid.blocks:
        lines.append(r"\midrule")
        if block.title:
            lines += [rf"\multicolumn{{{width}}}{{l}}{{\emph{{{escape(block.title)}}}}} \\", r"\midrule"]
        for index, row in enumerate(block.rows):
            cells = [_cell(cell) for cell in row]
            if index < len(block.cites) and block.cites[index]:
                name = _NUMBER.sub("", cells[grid.cite_column])
                cells[grid.cite_column] = rf"{name}~\cite{{{block.cites[index]}}}"
            lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}" + ("}" if grid.fit else "")]
    lines += [f"% {escape(note)}" for note in grid.notes if note.startswith(_MARK)]
    printed = [escape(note) for note in grid.notes if not note.startswith(_MARK)]
    if printed:
        notes = r"\\".join(printed)
        lines += ["", r"\smallskip", rf"\parbox{{\linewidth}}{{\footnotesize {notes}}}"]
    lines.append(rf"\end{{{environment}}}")
    return "\n".join(lines) + "\n"


_FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"


def _head(grid: Grid) -> list[str]:
    """The heading: one line, or two with rules under what spans several columns."""
    last = " & ".join(escape(name) for name in grid.header) + r" \\"
    if not grid.over:
        return [last]
    above, rules, column = [], [], 1
    for text, span in grid.over:
        named = any(grid.header[column - 1 : column - 1 + span])
        above.append(rf"\multicolumn{{{span}}}{{c}}{{{escape(text)}}}" if span > 1 or named else escape(text))
        if span > 1:
            rules.append(rf"\cmidrule(lr){{{column}-{column + span - 1}}}")
        column += span
    lines = [" & ".join(above) + r" \\", *([" ".join(rules)] if rules else [])]
    return [*lines, last] if any(grid.header) else lines


def document(tables: list[str], bibliography: str = "") -> str:
    """A whole document around tables, to compile as it is; ``bibliography`` is the .bib file's stem."""
    head = [
        r"\documentclass{article}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage[landscape,margin=1.2cm]{geometry}",
        r"\usepackage{booktabs,amssymb,url}",
    ]
    tail = [r"\bibliographystyle{plain}", rf"\bibliography{{{bibliography}}}"] if bibliography else []
    return "\n".join([*head, r"\begin{document}", *tables, *tail, r"\end{document}"]) + "\n"
