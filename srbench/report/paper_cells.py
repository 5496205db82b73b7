"""The cells of a paper's page: what is printed stands in them, what a card and the other views say of it once beside.

A page holds thousands of numbers whose states and causes are few. A cell's link carries a number into the page's list
of :func:`facts`; ``cards.js`` reads the other views and the card of a number from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from srbench.leaderboard.schema import QUANTITY_OF
from srbench.leaderboard.states import STATES, State
from srbench.quantities import DEFAULT_QUALITY, find_quantity
from srbench.report import layout
from srbench.report.layout import BodyRow, PaperTable, Part
from srbench.report.runtable import slug
from srbench.report.templating import script_json

STATE_CLASS: dict[State, str] = {
    "reproduced": "ok",
    "off": "off",
    "not comparable": "pub",
    "dataset not measured": "now",
    "weights unavailable": "now",
    "cost only": "cost",
    "published only": "pub",
}
FIELDS = ("what", "state", "cause", "note", "measured", "difference", "mark", "noise", "source", "how")
"""What the page knows of a number, in the order in which its list has it; empty ones at the end are left out."""
Facts = tuple[str, ...]


def source_id(file: str) -> str:
    """The id of a result file's entry in the page."""
    return f"m-{slug(file)}"


def facts(part: Part) -> Facts:
    """The facts of one number, as :data:`FIELDS`."""
    comparison, cell = part.comparison, part.comparison.printed.cell
    scale = f"×{cell.scale}" if cell.scale else ""
    what = " ".join(filter(None, (_title(cell.metric), cell.dataset, scale)))
    note = cell.note if cell.note and cell.note not in comparison.reason else ""
    found = [what, comparison.state, comparison.reason, note]
    if comparison.measured is not None:
        source = comparison.source or {}
        ours = f"{comparison.measured:,.0f}" if comparison.measured >= 1000 else f"{comparison.measured:.6g}"
        how = ", ".join(
            filter(None, (source.get(name, "") for name in ("weights", "protocol", "convention", "input_size")))
        )
        noise = f"Within noise: {part.noise}" if part.noise else ""
        found += [
            part.texts["measured"], part.texts["difference"], part.places["measured"], noise,
            source_id(str(source["file"])) if source else "", f"{ours} ({how})" if how else ours,
        ]  # fmt: skip
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def numbered(tables: Iterable[PaperTable]) -> dict[Facts, int]:
    """The distinct facts of a page's numbers in the order of the tables, each with its place."""
    found: dict[Facts, int] = {}
    for table in tables:
        for part in layout.parts_of(table):
            found.setdefault(facts(part), len(found))
    return found


def as_json(known: Mapping[Facts, int]) -> Markup:
    """The list for the page: every text once, and per distinct number the places of its texts."""
    texts: dict[str, int] = {"": 0}
    rows = [[texts.setdefault(text, len(texts)) for text in one] for one in known]
    held = {"fields": FIELDS, "texts": list(texts), "numbers": rows}
    return script_json(held)


def cell_html(row: BodyRow, index: int, known: Mapping[Facts, int]) -> Markup:
    """One printed column's cell of a row: every number as printed, a link to where it comes from."""
    cell = row.cells[index]
    if not cell.parts:
        return Markup('<td class="dim" data-v="">–</td>')
    value = cell.parts[0].comparison.printed.value
    number = f"{value.number:.12g}" if value.is_number else ""
    inside = Markup.escape(cell.separator).join(_number(part, row, known) for part in cell.parts)
    return Markup('<td class="s-{}" data-v="{}">{}</td>').format(STATE_CLASS[_worst(cell.parts)], number, inside)


def _number(part: Part, row: BodyRow, known: Mapping[Facts, int]) -> Markup:
    place = part.places["printed"] + (f" c-{part.computed}" if part.computed else "")
    marks = Markup(' class="{}"').format(place.strip()) if place else Markup("")
    link = Markup('<a href="#{}"{} data-i="{}">{}</a>').format(
        row.anchor, marks, known[facts(part)], part.texts["printed"]
    )
    if part.mark_differs:
        link += Markup('<sup class="mk" title="{}">‡</sup>').format(part.mark_differs)
    return link


def row_state(row: BodyRow) -> str:
    """The state of a row as a badge's text; "off by d" with the largest difference of its quality cells."""
    if row.state != "off":
        return row.state
    off = [part for cell in row.cells for part in cell.parts if part.state == "off"]
    quality = [part for part in off if part.comparison.printed.cell.metric == DEFAULT_QUALITY[0]] or off
    worst = max(quality, key=lambda part: abs(part.comparison.difference or 0.0))
    return f"off by {worst.texts['difference'].lstrip('+')}"


def _worst(parts: Sequence[Part]) -> State:
    order: tuple[State, ...] = ("off", "reproduced", *(s for s in STATES if s not in ("off", "reproduced")))
    return min((part.state for part in parts), key=order.index)


def _title(metric: str) -> str:
    """What a printed column shows: the title of the quantity of that name, else its name."""
    quantity = find_quantity(QUANTITY_OF.get(metric, metric))
    return quantity.title if quantity else metric
