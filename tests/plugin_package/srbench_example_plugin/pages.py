"""A page of the site: how many results there are of each model."""

from collections import Counter

from srbench.report.page import Page


def _render(data):
    counts = Counter(record.model.name for record in data.records.values())
    rows = "".join(f"<tr><td>{name}</td><td>{count}</td></tr>" for name, count in sorted(counts.items()))
    return f"<!doctype html><title>Results</title><table>{rows}</table>", f"{len(counts)} models"


PAGE = Page("example-counts", "Results per model", _render, inputs=("data",))
