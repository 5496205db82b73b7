"""An export format: every row of the table with tabs between its columns."""

from srbench.report.formats import Format


def tabs(export):
    lines = [export.rows[0], *(row.values() for row in export.rows)] if export.rows else []
    return "".join("\t".join(map(str, line)) + "\n" for line in lines)


FORMAT = Format("example-tabs", "tsv", tabs, "tabs between columns")
