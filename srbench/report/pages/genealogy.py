"""Which block each model took from which paper: a drawing and a table, read off the model cards."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from srbench.models.genealogy import Edge, genealogy
from srbench.models.registry import cards
from srbench.report.page import Page
from srbench.report.runtable import slug
from srbench.report.templating import page as render_page

_LEFT, _RIGHT, _WIDTH, _STEP, _TOP = 300, 700, 960, 23, 34


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
) -> str:
    """Blocks on the left, models on the right, a line for every use; thick where it is the model's own."""
    tallest = max(len(blocks), len(models))
    height = _TOP + tallest * _STEP + 10
    of_block = {key: _TOP + (index + 0.5) * _STEP for index, key in enumerate(blocks)}
    stretch = tallest / max(len(models), 1)
    of_model = {name: _TOP + (index + 0.5) * _STEP * stretch for index, name in enumerate(models)}
    middle = (_LEFT + _RIGHT) / 2
    parts = [
        f'<svg class="family" viewBox="0 0 {_WIDTH} {height}" role="group" '
        f'aria-label="Blocks and the models that use them" font-size="14">',
        f'<text class="name" x="{_LEFT - 14}" y="16" text-anchor="end">block (paper that introduced it)</text>',
        f'<text class="name" x="{_RIGHT + 14}" y="16">model</text>',
    ]
    for edge in edges:
        y0, y1 = of_block[edge.block, edge.source], of_model[edge.model]
        ends = f"{_key(edge.block, edge.source)} {slug(edge.model)}"
        parts.append(
            f'<path class="use{" own" if edge.own else ""}" data-with="{ends}" '
            f'd="M{_LEFT} {y0:g}C{middle:g} {y0:g} {middle:g} {y1:.1f} {_RIGHT} {y1:.1f}"/>'
        )
    for (block, source), y in of_block.items():
        parts.append(
            f'<g class="node" tabindex="0" data-key="{_key(block, source)}"><circle cx="{_LEFT}" cy="{y:g}" r="4"/>'
            f'<text x="{_LEFT - 14}" y="{y + 4.5:g}" text-anchor="end">{escape(block)} '
            f'<tspan class="from">{escape(source)}</tspan></text></g>'
        )
    for name, y in of_model.items():
        title, year = titles[name]
        parts.append(
            f'<g class="node" tabindex="0" data-key="{slug(name)}"><circle cx="{_RIGHT}" cy="{y:.1f}" r="4"/>'
            f'<text x="{_RIGHT + 14}" y="{y + 4.5:.1f}">{escape(title)} <tspan class="from">{year}</tspan></text></g>'
        )
    return "\n".join([*parts, "</svg>"])


def _key(block: str, source: str) -> str:
    return f"block-{slug(block)}-{slug(source)}"


PAGE = Page("genealogy", "Genealogy", html, intro="Which block came from which paper, and what became of it.")
