"""A figure of any two quantities, on a page of its own."""

from srbench.report.page import Page
from srbench.report.papers import draw_figure
from srbench.report.specs import FigureSpec


def _render(data):
    axes = {"x": "example-steps", "y": "example-deep"}
    drawn = draw_figure(FigureSpec(id="steps", title="Steps", dataset="example-stripes", scale=4, **axes), data.results)
    return f"<!doctype html><title>Steps</title>{drawn.svg if drawn else 'No results.'}", "steps and features"


PAGE = Page("example-figure", "Steps and features", _render, inputs=("data",))
