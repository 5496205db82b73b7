"""The page of all registered models: parameters and MACs computed beside published ones, equal or with their cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from srbench.leaderboard import published
from srbench.leaderboard.causes import Cause, networks, of_table, wanted_of
from srbench.leaderboard.published import PrintedCell

QUANTITIES = ("params", "macs", "macs_per_pixel")
AT = (256, 256)
_HEADS = {
    "params": "| model | scale | computed | published | verdict |\n|---|---|--:|---|---|",
    "macs": "| model | scale | LR 256x256, hooks [G] | LR 256x256, macs [G] | HR 1280x720, macs [G] | published "
    "| verdict |"
    "\n|---|---|--:|--:|--:|---|---|",
    "macs_per_pixel": "| model | scale | computed | published | verdict |\n|---|---|--:|---|---|",
}
_TITLES = {"params": "Parameters", "macs": "Multiply-accumulates", "macs_per_pixel": "MACs per HR pixel"}
_INTRO = """# Parameters and MACs of every registered model

Written by `SRBENCH_UPDATE=1 pytest tests/leaderboard/test_zoo_table.py`, and compared by the same test without the
variable. Computed: parameters of the network, and MACs counted on it by `srbench.cost` under the conventions
`ntire-hooks` (the challenges' module hooks) and `macs` (every MAC); MACs per HR pixel at output positions. Published:
the value as printed, and where. A verdict is *equal* (to the digits printed, under the table's own rule and size), the
number of a cause below, *cause unknown*, or *not judged* (a reading, or a table without convention or size). The
causes are those of `srbench audit` and of the states of cells. What needs no network (bicubic) has no row.
"""


@dataclass(frozen=True)
class Verdict:
    """One printed value of a model, where it stands, and its cause; None where it is equal."""

    cell: PrintedCell
    judged: bool
    cause: Cause | None

    @property
    def place(self) -> str:
        """Paper and table."""
        return f"{self.cell.paper} {self.cell.table}"


def verdicts() -> dict[tuple[str, str, int], list[Verdict]]:
    """Every printed cost of a registered network, by (quantity, model, scale)."""
    found: dict[tuple[str, str, int], list[Verdict]] = {}
    for paper in published.papers():
        for table in paper.tables:
            causes = of_table(paper.key, table.id)
            for cell in published.cells([paper.key], table.id):
                printed = cell.cell
                wanted = cell.value.is_number and networks.has(printed.model, printed.scale)
                if not wanted or printed.metric not in QUANTITIES or printed.scale is None:
                    continue
                judged = printed.row not in table.readings and wanted_of(cell, table.cost) is not None
                key = (printed.metric, printed.model, printed.scale)
                found.setdefault(key, []).append(Verdict(cell, judged, causes.get(cell)))
    return found


def render() -> str:
    """The page as Markdown."""
    from srbench.models.registry import cards

    printed = verdicts()
    ours = [card for card in cards() if card.network and card.network.startswith("srbench.")]
    causes: dict[str, int] = {}
    parts = [_INTRO]
    for quantity in QUANTITIES:
        rows = []
        for card in ours:
            for scale in card.scales:
                here = printed.get((quantity, card.name, scale), [])
                if here or quantity != "macs_per_pixel":
                    rows.append(_row(quantity, card.name, scale, here, causes))
        parts.append(f"## {_TITLES[quantity]}\n\n{_HEADS[quantity]}\n" + "\n".join(rows) + "\n")
    parts.append("## Causes\n\n" + "\n".join(_reasons(causes)) + "\n")
    return "\n".join(parts)


def _row(quantity: str, name: str, scale: int, here: list[Verdict], causes: dict[str, int]) -> str:
    places: dict[str, list[str]] = {}
    for v in here:
        if v.place not in places.setdefault(v.cell.cell.value, []):
            places[v.cell.cell.value].append(v.place)
    values = "; ".join(f"{value} ({', '.join(where)})" for value, where in places.items())
    words = ", ".join(dict.fromkeys(_word(v, causes) for v in here)) or "nothing published"
    return f"| {name} | x{scale} | {' | '.join(_computed(quantity, name, scale))} | {values} | {words} |"


def _computed(quantity: str, name: str, scale: int) -> list[str]:
    if quantity == "params":
        return [f"{networks.params(name, scale):,}"]
    at = networks.counts(name, scale, AT)
    if quantity == "macs_per_pixel":
        per_pixel = at[networks.OUTPUT_POSITIONS].macs / (AT[0] * AT[1] * scale**2)
        return [f"{per_pixel / 1000:,.1f}K"]
    at_720p = networks.counts(name, scale, networks.sizes(scale)["HR 1280x720"])["macs"].macs
    return [f"{at['ntire-hooks'].macs / 1e9:,.4f}", f"{at['macs'].macs / 1e9:,.4f}", f"{at_720p / 1e9:,.1f}"]


def _word(verdict: Verdict, causes: dict[str, int]) -> str:
    if not verdict.judged:
        return "not judged"
    if verdict.cause is None:
        return "equal"
    if not verdict.cause.known:
        return verdict.cause.text
    return f"cause {causes.setdefault(verdict.cause.text, len(causes) + 1)}"


def _reasons(causes: dict[str, int]) -> Iterator[str]:
    for text, number in causes.items():
        yield f"{number}. {text}"
