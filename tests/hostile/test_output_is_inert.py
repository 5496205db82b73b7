"""One hostile title through everything that is written for people and programs: nothing in it acts."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "report"))
from samples import MACHINES, costs, record, results

from srbench.printable import spreadsheet_cell, visible
from srbench.report import figures, run_page, tables
from srbench.report.figure_data import Dot
from srbench.report.formats import FORMATS
from srbench.report.scatter import Point, scatter_svg
from srbench.results.collection import Results

RLO = "\u202e"
TITLES = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1:A9)",
    "-2+3",
    "\t=1+1",
    "<script>alert(1)</script>",
    "&lt;script&gt;",
    "a | b",
    "two\nlines",
    "two\r\nlines",
    "[red]markup[/red]",
    "[/]",
    "[link](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    "`code` *bold* _it_",
    f"IMDN{RLO}gpj.exe",
    "\u2066isolate",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "a\x00b",
    "zero\u200bwidth",
    r"\input{/etc/passwd} $x_1$ 50% & #",
    "$\\frac{$",
    "\"quoted\" 'twice'",
    "' onmouseover=alert(1) x='",
    "half \ud800 pair",
    "]]></svg><script>",
    "%s %(x)s {0} {{ 7*7 }} {% x %}",
)
ACTS = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def hostile(title: str) -> Results:
    found = results([record(), record("rfdn", 32.24, 0.8952), *costs("aidn", 4)])

    def renamed(one):
        return one.model_copy(update={"model": one.model.model_copy(update={"title": title})})

    return Results(tuple(map(renamed, found.quality)), tuple(map(renamed, found.costs)))


@pytest.mark.parametrize("title", TITLES, ids=ascii)
@pytest.mark.parametrize("name", FORMATS.names())
def test_every_format_shows_it_and_does_nothing(name: str, title: str) -> None:
    text = tables.render(hostile(title), name)
    if name == "json":
        assert json.loads(text)["rows"][0]["title"] == title
        assert text.encode("utf-8")
        return
    assert not ACTS.search(text)
    if name == "csv":
        read = list(csv.DictReader(io.StringIO(text)))
        assert len(read) == 3
        assert {row["title"] for row in read} == {spreadsheet_cell(title)}
        assert not any(cell and re.match(r"\s*[=+@]", cell) for row in read for cell in row.values())
    if name == "markdown":
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
        assert not re.search(r"(?<!\\)<(?!u>|/u>)", text)
        assert not re.search(r"(?<!\\)&(?=#?\w+;)", text)
    if name == "latex":
        rows = [line for line in text.splitlines() if line.endswith(r" \\")]
        assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1
        assert not re.search(r"\\input|\\frac", text)


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_the_console_shows_it(title: str) -> None:
    text = tables.render(hostile(title), "table")
    assert not ACTS.search(text)
    assert text.encode("utf-8")
    if "red" in title and "\x1b" not in title:
        assert "[red]" in text


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_the_page_shows_it(title: str) -> None:
    def parsed(results: Results) -> tuple[str, _Page]:
        text = run_page.html(results, MACHINES, apart=[(title, title)])
        page = _Page()
        page.feed(text)
        return text, page

    (text, page), (_, usual) = parsed(hostile(title)), parsed(hostile("IMDN"))
    assert page.scripts == usual.scripts
    assert page.handlers == usual.handlers
    assert not ACTS.search(text.replace("\r\n", "\n").replace("\r", "\n"))
    assert text.encode("utf-8")


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_drawings_show_it(title: str) -> None:
    import xml.etree.ElementTree as ElementTree

    points = [Point("k", "t", title, float(x), 30.0 + x, "released", title) for x in (1, 2)]
    drawn = scatter_svg(points, "x", "y", title)
    ElementTree.fromstring(drawn)
    assert not ACTS.search(drawn.replace("\r", ""))


def test_figures_take_no_title_for_mathematics() -> None:
    for title in ("$\\frac{$", f"IMDN{RLO}gpj.exe", "half \ud800 pair", "a\x00b"):
        dots = [Dot(x=float(x), y=30.0 + x, label=title, kind="measured") for x in (1, 2)]
        assert "<svg" in figures.svg(figures.scatter(dots, "x", "y"))


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_visible_text_is_stable(title: str) -> None:
    assert not ACTS.search(visible(title))
    assert visible(visible(title)) == visible(title)
