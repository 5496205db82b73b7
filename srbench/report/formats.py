"""Text formats of the table of results, by name; packages add theirs by entry points ``srbench.formats``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.plugins import import_attribute
from srbench.registry import Registry

if TYPE_CHECKING:
    from srbench.results.collection import Results


@dataclass(frozen=True)
class TableFormat:
    """A text format: ``render`` gets :class:`~srbench.results.collection.Results` and gives the whole text.

    It is a function or a lazy reference "module:function"; :func:`srbench.report.tables.rows` has the values by column.
    """

    name: str
    title: str
    render: Callable[[Results], str] | str

    def text(self, results: Results) -> str:
        """The table of ``results``.

        Raises:
            SrbenchError: the function cannot be imported, or gives no text.
        """
        made = (self.render if callable(self.render) else import_attribute(self.render))(results)
        if not isinstance(made, str):
            raise SrbenchError(f"format '{self.name}' gave a {type(made).__name__}, expected text.")
        return made


def _built_in() -> tuple[TableFormat, ...]:
    return (
        TableFormat("table", "a table for the console", "srbench.report.tables:as_table"),
        TableFormat("markdown", "Markdown", "srbench.report.tables:as_markdown"),
        TableFormat("latex", "LaTeX with booktabs", "srbench.report.tables:as_latex"),
        TableFormat("csv", "comma-separated values, a line per row and dataset", "srbench.report.tables:as_csv"),
        TableFormat("json", "JSON, exact numbers", "srbench.report.tables:as_json"),
    )


FORMATS: Registry[TableFormat] = Registry("format", TableFormat, built_in=_built_in, group="srbench.formats")
"""Formats by name."""
