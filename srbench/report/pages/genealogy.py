"""Which block each model took from which paper: a drawing and a table, read off the model cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from srbench.models.genealogy import Edge, genealogy
from srbench.models.registry import cards
from srbench.report.page import Page
from srbench.report.runtable import slug
from srbench.report.templating import page as render_page

_STEP, _TOP = 23, 34


@dataclass(frozen=True)
class Frame:
    """Where blocks and models stand; a narrow one has no room for years and sources, which the table has."""

    left: float
    right: float
    width: float
    size: float
    narrow: bool = False


WIDE = Frame(300, 700, 960, 14)
NARROW = Frame(132, 208, 346, 11.5, narrow=True)


def html(nav: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """The page, and its counts in words for the index."""
    edges = genealogy()
    titles = {card.name: (card.title, card.year) for card in cards()}
    models = sorted({edge.model for edge in edges}, key=lambda name: (titles[name][1], name))
    blocks = _blocks(edges, models)
    uses = {(edge.block, edge.source, edge.model): edge.own for edge in edges}
    rows = [
        (name, *titles[name], [(block, source, uses.get((block, source, name))) for block, source in blocks])
        for name in models
    ]
    words = f"{len(blocks)} blocks in {len(models)} models"
    text = render_page(
        "genealogy.html.j2", title="Genealogy of blocks", nav=nav, drawing=drawing(edges, models, blocks, titles),
        narrow=drawing(edges, models, blocks, titles, NARROW),
        blocks=blocks, rows=rows, words=words,
    )  # fmt: skip
    return text, words


def _blocks(edges: Sequence[Edge], models: Sequence[str]) -> list[tuple[str, str]]:
    """Blocks with their papers, each near the middle of the models that use it, so that few lines cross."""
    places: dict[tuple[str, str], list[int]] = {}
    for edge in edges:
        places.setdefault((edge.block, edge.source), []).append(models.index(edge.model))
    return sorted(places, key=lambda key: (sum(places[key]) / len(places[key]), key[1][-4:], key))


def drawing(
    edges: Sequence[Edge],
    models: Sequence[str],
    blocks: Sequence[tuple[str, str]],
    titles: dict[str, tuple[str, int]],
    frame: Frame = WIDE,
) -> str:
    """Blocks on the left, models on the right, a line for every use; thick where it is the model's own."""
    tallest = max(len(blocks), len(models))
    height = _TOP + tallest * _STEP + 10
    of_block = {key: _TOP + (index + 0.5) * _STEP for index, key in enumerate(blocks)}
    stretch = tallest / max(len(models), 1)
    of_model = {name: _TOP + (index + 0.5) * _STEP * stretch for index, name in enumerate(models)}
    middle = (frame.left + frame.right) / 2
    named = "block" if frame.narrow else "block (paper that introduced it)"
    parts = [
        f'<svg class="family" viewBox="0 0 {frame.width:g} {height}" role="group" '
        f'aria-label="Blocks and the models that use them" font-size="{frame.size}">',
        f'<text class="name" x="{frame.left - 9:g}" y="16" text-anchor="end">{named}</text>',
        f'<text class="name" x="{frame.right + 9:g}" y="16">model</text>',
    ]
    for edge in edges:
        y0, y1 = of_block[edge.block, edge.source], of_model[edge.model]
        ends = f"{_key(edge.block, edge.source)} {slug(edge.model)}"
        parts.append(
            f'<path class="use{" own" if edge.own else ""}" data-with="{ends}" '
            f'd="M{frame.left:g} {y0:g}C{middle:g} {y0:g} {middle:g} {y1:.1f} {frame.right:g} {y1:.1f}"/>'
        )
    for (block, source), y in of_block.items():
        parts.append(
            f'<g class="node" tabindex="0" data-key="{_key(block, source)}">'
            f'<circle cx="{frame.left:g}" cy="{y:g}" r="4"/>'
            f'<text x="{frame.left - 9:g}" y="{y + 4.5:g}" text-anchor="end">{escape(block)}'
            f"{_small(source, frame)}</text></g>"
        )
    for name, y in of_model.items():
        title, year = titles[name]
        parts.append(
            f'<g class="node" tabindex="0" data-key="{slug(name)}"><circle cx="{frame.right:g}" cy="{y:.1f}" r="4"/>'
            f'<text x="{frame.right + 9:g}" y="{y + 4.5:.1f}">{escape(_short(title, frame))}'
            f"{_small(str(year), frame)}</text></g>"
        )
    return "\n".join([*parts, "</svg>"])


def _small(text: str, frame: Frame) -> str:
    return "" if frame.narrow else f' <tspan class="from">{escape(text)}</tspan>'


def _short(title: str, frame: Frame) -> str:
    """A title that fits beside a narrow drawing; the table has it whole."""
    return f"{title[:17].rstrip()}…" if frame.narrow and len(title) > 18 else title


def _key(block: str, source: str) -> str:
    return f"block-{slug(block)}-{slug(source)}"


PAGE = Page("genealogy", "Genealogy", html, intro="Which block came from which paper, and what became of it.")
