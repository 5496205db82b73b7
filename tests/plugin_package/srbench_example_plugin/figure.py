"""A page with a figure of two quantities, one of them this package's own."""

from srbench.report import figure_data, figures
from srbench.report.page import Page


def _render(data):
    drawn = figure_data.figure_of(data.results, ("example-steps", "example-deep"), "example-stripes", 4)
    return f"<!doctype html><title>Steps</title>{figures.svg(drawn)}", "1 figure"


PAGE = Page("example-figure", "Deep against steps", _render, inputs=("data",))
