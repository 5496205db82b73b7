"""Figures of reports as files, drawn once: the same points in the same style are taken from the user's cache folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from srbench import kept
from srbench.report import figures
from srbench.report.figures import Dot

Axes = tuple[str, str]
"""Names of the x and the y axis."""


def svg_and_pdf(dots: Sequence[Dot], axes: Axes, suffix: bool) -> tuple[str, bytes]:
    """The scatter of :func:`srbench.report.figures.scatter` as SVG text and as PDF."""
    key = _key("svg, pdf", dots, axes, suffix)
    found = kept.find(key)
    if found is None:
        drawn = figures.scatter(dots, *axes, suffix=suffix)
        found = {"svg": figures.svg(drawn).encode("utf-8"), "pdf": figures.pdf(drawn)}
        kept.keep(key, found)
    return found["svg"].decode("utf-8"), found["pdf"]


def preview(dots: Sequence[Dot], axes: Axes) -> bytes:
    """The scatter as a PNG, for what shows a picture of a page."""
    key = _key("png", dots, axes, True)
    found = kept.find(key)
    if found is None:
        found = {"png": figures.png(figures.scatter(dots, *axes), 200)}
        kept.keep(key, found)
    return found["png"]


def _key(form: str, dots: Sequence[Dot], axes: Axes, suffix: bool) -> str:
    """The hash of all that a figure shows; its style is a part of srbench's source."""
    return kept.key("figure", form, json.dumps([[asdict(dot) for dot in dots], axes, suffix]))
