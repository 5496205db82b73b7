"""An export format: every row of the table with tabs between its columns."""

from srbench.report.formats import TableFormat


def tabs(results):
    from srbench.report.tables import rows

    found = rows(results)
    lines = [found[0], *(row.values() for row in found)] if found else []
    return "".join("\t".join(map(str, line)) + "\n" for line in lines)


FORMAT = TableFormat("example-tabs", "tabs between columns", tabs)
