"""Printed parameters and computation against what the registered networks give, grouped by cause."""

from __future__ import annotations

from dataclasses import dataclass

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, Severity, Verdict, listed, slug
from srbench.leaderboard.audit.slips import is_transposed, slip
from srbench.leaderboard.causes import METRICS, Cause, cost_causes, networks, wanted_of
from srbench.leaderboard.causes.cause import How
from srbench.leaderboard.causes.networks import Wanted
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.ranking import competition_ranks
from srbench.leaderboard.schema import METRICS as DIRECTIONS

NOUNS = {
    "params": "parameters",
    "macs": "MACs",
    "activations": "activations",
    "num_conv": "convolutions",
    "macs_per_pixel": "MACs per HR pixel",
}
# Causes that one finding gathers over all tables.
DIGITS: tuple[How, ...] = ("cut off", "rounded up", "rounded twice")
OF_ANOTHER: tuple[How, ...] = ("network", "blocks", "scale")


@dataclass(frozen=True)
class Spoiled:
    """A printed cost that its network does not give, and why."""

    cell: PrintedCell
    cause: Cause
    wanted: Wanted
    own: float


def run(material: Material) -> Checks:
    """One finding per cause; what is only cut or rounded otherwise is one finding for all tables."""
    result = Checks()
    shelves: dict[tuple[str, ...], list[Spoiled]] = {}
    missing: dict[str, None] = {}
    for (paper, name), table in material.tables.items():
        if material.mine not in ("", paper):
            continue  # the costs of published rows are not what an author asks about
        cells = tuple(c for c in material.of_table(paper, name) if c.cell.row not in table.readings)
        for c in cells:
            if wanted_of(c, table.cost) is not None:
                result.checked += 1
            elif c.cell.metric in METRICS and c.cell.model and c.value.is_number and c.cell.scale is not None:
                missing[f"{c.cell.model} x{c.cell.scale} {c.cell.metric}"] = None
        for cell, cause in cost_causes(cells, table.cost).items():
            wanted = wanted_of(cell, table.cost)
            assert wanted is not None  # it has a cause
            one = Spoiled(cell, cause, wanted, networks.value(wanted, cell.cell.model))
            shelves.setdefault(_shelf(one, material), []).append(one)
    result.findings.extend(_finding(material, found) for found in shelves.values())
    if missing:
        result.unchecked.append(f"costs without a registered network or convention: {listed(list(missing), 12)}")
    return result


def _shelf(one: Spoiled, material: Material) -> tuple[str, ...]:
    cell, cause = one.cell, one.cause
    if cell.paper == material.mine:
        return "own", cell.cell.row, str(cell.cell.scale), cell.cell.metric
    if cause.how in DIGITS:
        return ("digits",)
    if cause.how == "network":
        return "network", cell.cell.model, cause.model
    if cause.how == "unknown":
        return "unknown", cell.paper, cell.table, cell.cell.metric
    by_row = cause.how in ("blocks", "scale", "layers", "positions")
    return cause.how, cell.paper, cell.table, cell.cell.row if by_row else "", cell.cell.metric


def _printed(c: PrintedCell) -> str:
    """The digits as printed, with the unit of their column where they carry none."""
    digits = float(c.cell.value.rstrip("KMG").replace(",", ""))
    unit = {1e3: "K", 1e6: "M", 1e9: "G"}.get(float(f"{c.value.number / digits:.3g}"), "")
    return c.cell.value if c.cell.value.endswith(("K", "M", "G")) else f"{c.cell.value} {unit}".strip()


def _how(wanted: Wanted) -> str:
    counted = wanted.metric in ("macs", "activations")
    return f" ('{wanted.convention}', LR {wanted.size[0]}x{wanted.size[1]})" if counted else ""


def _case(one: Spoiled) -> str:
    ratio = one.wanted.number / one.own
    off = f"{100 * (ratio - 1):+.2f} %" if 0.5 < ratio < 2 else f"a factor of {ratio:.3g}"
    return (
        f"{one.cell.paper} {one.cell.table}, {one.cell.method} x{one.wanted.scale}: {_printed(one.cell)} "
        f"{NOUNS[one.wanted.metric]}; {one.cell.cell.model} has {networks.spell(one.wanted.metric, one.own)}"
        f"{_how(one.wanted)}, {off} in print; {one.cause.text}"
    )


def _ranks_that_change(material: Material, found: list[Spoiled]) -> list[str]:
    """Places in their columns that the rows would have with their own network's cost, where these differ."""
    changes = []
    for one in found:
        column = [
            c for c in material.of_table(one.cell.paper, one.cell.table)
            if (c.cell.metric, c.cell.scale) == (one.cell.cell.metric, one.cell.cell.scale) and c.value.is_number
        ]  # fmt: skip
        if len(column) < 3 or DIRECTIONS[one.cell.cell.metric] is None:
            continue
        place = column.index(one.cell)
        numbers = [c.value.number for c in column]
        before = competition_ranks(numbers)[place]
        numbers[place] = one.own
        after = competition_ranks(numbers)[place]
        if before != after:
            changes.append(f"x{one.wanted.scale}: {one.cell.method} is {after} of {len(column)}, not {before}")
    return changes


def _severity(found: list[Spoiled], changes: list[str], material: Material) -> Severity:
    how = found[0].cause.how
    if how in DIGITS:
        return "rounding"
    if changes:
        return "ranking"
    own = found[0].cell.paper == material.mine
    return "value" if how in OF_ANOTHER or how == "unknown" or own else "convention"


def _finding(material: Material, found: list[Spoiled]) -> Finding:
    first = found[0]
    changes = _ranks_that_change(material, found)
    severity = _severity(found, changes, material)
    cells = tuple(one.cell for one in found)
    verdict: Verdict = "suspicious" if first.cause.how == "unknown" else "explained"
    if first.cause.how in OF_ANOTHER and first.wanted.metric != "params":
        verdict = "contradiction"
    cause = first.cause.text
    if first.cell.paper == material.mine:
        verdict, cause = "contradiction", _own_cause(first)
    falls = f"Costs of the column change places: {listed(list(dict.fromkeys(changes)), 4)}." if changes else ""
    places = listed(list(dict.fromkeys(material.where(c) for c in cells)))
    return Finding(
        _ident(found, material), "cost", severity, verdict, _headline(found, places, first.cell.paper == material.mine),
        f"{places} {'prints' if len({(c.paper, c.table) for c in cells}) == 1 else 'print'} "
        f"{listed([f'{one.cell.method} x{one.wanted.scale} {_printed(one.cell)}' for one in found], 8)}.",
        _computed(found), cause, falls, cells=cells, cases=tuple(_case(one) for one in found), weight=len(found),
        figures={"cells": len(found), "printed": first.wanted.number, "counted": first.own},
    )  # fmt: skip


def _own_cause(one: Spoiled) -> str:
    repaired = slip(one.cell, lambda number: abs(number - one.own) <= one.wanted.quantum / 2)
    if repaired:
        how = "two digits are transposed" if is_transposed(one.cell.cell.value, repaired) else "one digit is wrong"
        return f"{how}: {repaired} would fit"
    return one.cause.text


def _computed(found: list[Spoiled]) -> str:
    first = found[0]
    if first.cause.how in DIGITS:
        return f"The networks' counts give {len(found)} of them only when cut off, rounded up or rounded twice."
    spelled = [
        f"{one.cell.cell.model} x{one.wanted.scale} {networks.spell(one.wanted.metric, one.own)}" for one in found
    ]
    return f"Counted on the registered networks{_how(first.wanted)}: {listed(list(dict.fromkeys(spelled)), 8)}."


def _headline(found: list[Spoiled], places: str, own: bool) -> str:
    first = found[0]
    noun, how, method = NOUNS[first.wanted.metric], first.cause.how, first.cell.method
    if own:
        got = networks.spell(first.wanted.metric, first.own)
        return f"{places}: {method} x{first.wanted.scale} has {_printed(first.cell)} {noun}, its network {got}"
    several = listed(list(dict.fromkeys(one.cell.method for one in found)), 4)
    if how in DIGITS:
        return f"{len(found)} printed costs are cut off or rounded up instead of rounded"
    if how in ("network", "blocks"):
        values = listed(list(dict.fromkeys(one.cell.cell.value for one in found)), 3)
        nouns = listed(list(dict.fromkeys(NOUNS[one.wanted.metric] for one in found)))
        return f"{places}: {method}'s {values} are the {nouns} {first.cause.id}"
    words = {
        "quoted": f"{len(found)} {noun} were quoted at 1280x720 and divided, the authors' own were counted at 256x256",
        "weights": f"{several} are printed without their biases, the rows beside them with",
        "layers": f"{method}'s {noun} leave out layers",
        "positions": f"{method}'s {noun} count every weight at every LR position",
        "unknown": f"{len(found)} {noun} of {several} fit no network or convention: cause unknown",
    }.get(how, f"{len(found)} {noun} of {several} are counted otherwise: {first.cause.id}")
    return f"{places}: {words}"


def _ident(found: list[Spoiled], material: Material) -> str:
    first = found[0]
    if first.cause.how in DIGITS and first.cell.paper != material.mine:
        return "costs-rounding"
    same_table = len({(one.cell.paper, one.cell.table) for one in found}) == 1
    place = (first.cell.paper, first.cell.table) if same_table else ()
    row = first.cell.method if first.cause.how not in ("quoted", "weights", "unknown", "convention", "size") else ""
    scale = f"x{first.wanted.scale}" if first.cell.paper == material.mine else ""
    return slug(*place, row, scale, first.wanted.metric, first.cause.how)


CHECK = Check("costs", "cost", "Parameters and computation against the registered networks", run)
