"""An export format: tab-separated values of every row."""

from srbench.report.formats import Format


def write(export):
    lines = [export.columns or tuple(export.rows[0]), *(tuple(row.values()) for row in export.rows)]
    return "".join("\t".join(map(str, line)) + "\n" for line in lines)


TSV = Format("example-tsv", "tsv", write, "tab-separated values")
