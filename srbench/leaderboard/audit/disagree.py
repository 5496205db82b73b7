"""The same model, scale, dataset and metric, printed differently by two tables: grouped by the table that differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, Severity, Verdict, listed, slug
from srbench.leaderboard.audit.slips import slip
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import METRICS as ALL_METRICS
from srbench.quantities import DEFAULT_QUALITY, PSNR, SSIM

# Quantities that belong to the model (or its released weights), whoever prints them.
METRICS = (*DEFAULT_QUALITY, "params", "macs", "activations", "num_conv", "depth")
QUALITY = DEFAULT_QUALITY
# From this many cells of one table and scale on, the numbers come from another source, not from single slips.
LINEAGE = 5
# A slip of the pen in a number of another lineage is one digit off and then this near, in steps of the last digit.
NEAR_STEPS = 11

Key = tuple[str, int | None, str, str]


@dataclass(frozen=True)
class Disagreement:
    """One quantity with more than one printed value: the cells of the minority, and those they contradict."""

    key: Key
    odd: tuple[PrintedCell, ...]
    others: tuple[PrintedCell, ...]


def run(material: Material) -> Checks:
    """One finding per table and scale whose cells stand against the other tables; costs apart from quality."""
    retrained = {(p.key, t.id) for p in material.papers for t in p.tables if t.retrained}
    found, checked = _disagreements(material, retrained)
    result = Checks(checked=checked)
    shelves: dict[tuple[str, str, str, int | None], list[Disagreement]] = {}
    for one in found:
        part = "quality" if one.key[3] in QUALITY else one.key[3]
        first = one.odd[0]
        shelves.setdefault((first.paper, first.table, part, one.key[1]), []).append(one)
    for (paper, table, part, scale), items in shelves.items():
        own = paper == material.mine
        if part == "quality" and len(items) >= LINEAGE and not own:
            slips = [i for i in items if _slipped(i) and _far(i)]
            result.findings.extend(_single(material, i) for i in slips)
            result.findings.append(_lineage(material, paper, table, scale, [i for i in items if i not in slips]))
        elif part == "quality" or own:
            result.findings.extend(_single(material, i) for i in items)
        else:
            result.findings.extend(_cost(material, i) for i in items)
    result.findings.extend(_retrained(material, retrained))
    return result


def disagreements(material: Material) -> list[Disagreement]:
    """Every quantity of one model that two papers print differently, other trainings left out."""
    retrained = {(p.key, t.id) for p in material.papers for t in p.tables if t.retrained}
    return [d for d in _disagreements(material, retrained)[0] if len({c.paper for c in (*d.odd, *d.others)}) > 1]


def _disagreements(material: Material, retrained: set[tuple[str, str]]) -> tuple[list[Disagreement], int]:
    same: dict[Key, list[PrintedCell]] = {}
    for c in material.cells:
        counts = c.cell.metric in METRICS and c.cell.model and c.value.is_number
        if counts and not (c.cell.metric in QUALITY and (c.paper, c.table) in retrained):
            same.setdefault((c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric), []).append(c)
    found, checked = [], 0
    for key, cells in same.items():
        if len({(c.paper, c.table) for c in cells}) < 2:
            continue
        checked += len(cells)
        if any(_differ(a, b) for a in cells for b in cells):
            found.append(_split(key, cells, material.mine))
    return found, checked


def _split(key: Key, cells: list[PrintedCell], mine: str) -> Disagreement:
    """The minority against the rest; of two equal parties the later paper is the odd one, one's own table always."""
    own = tuple(c for c in cells if c.paper == mine)
    if own:
        return Disagreement(key, own, tuple(c for c in cells if c.paper != mine))
    votes = Counter(c.value.number for c in cells)
    most = max(votes.values())
    winner = next(c for c in cells if votes[c.value.number] == most)
    others = tuple(c for c in cells if not _differ(c, winner))
    return Disagreement(key, tuple(c for c in cells if c not in others), others)


def _differ(a: PrintedCell, b: PrintedCell) -> bool:
    """Whether no number rounds to both printed values; equally fine digits must agree."""
    if a.value.quantum == b.value.quantum:
        return a.value.number != b.value.number
    coarse = max(a.value.quantum, b.value.quantum)
    return abs(a.value.number - b.value.number) > coarse / 2 * (1 + 1e-9)


def _steps(one: Disagreement) -> float:
    return max(
        abs(a.value.number - b.value.number) / max(a.value.quantum, b.value.quantum)
        for a in one.odd for b in one.others
    )  # fmt: skip


def _slipped(one: Disagreement) -> str:
    """The digits that one slip of the pen turned into the odd ones: exactly the others', or near them from far off."""
    odd, target = one.odd[0], one.others[0].value
    exact = slip(odd, lambda number: abs(number - target.number) <= odd.value.quantum / 2)
    if exact or not (_far(one) and one.key[3] in QUALITY):
        return exact
    return slip(odd, lambda number: abs(number - target.number) <= NEAR_STEPS * odd.value.quantum)


def _far(one: Disagreement) -> bool:
    """Too far for another measurement of the same network: half a decibel, or 2 % of a cost."""
    difference = abs(one.odd[0].value.number - one.others[0].value.number)
    metric = one.key[3]
    return difference > {PSNR: 0.5, SSIM: 0.02}.get(metric, 0.02 * one.others[0].value.number)


def _piece(material: Material, one: Disagreement) -> str:
    odd, other = one.odd[0], one.others[0]
    what = f"{odd.method} x{odd.cell.scale} {odd.cell.dataset} {odd.cell.metric}".replace("  ", " ")
    places = listed(list(dict.fromkeys(material.where(c) for c in one.others)))
    return f"{what} {odd.cell.value}, {other.cell.value} in {places}"


def _single(material: Material, one: Disagreement) -> Finding:
    odd, other = one.odd[0], one.others[0]
    what = f"{odd.method} x{odd.cell.scale} {odd.cell.dataset} {odd.cell.metric}".replace("  ", " ")
    places = listed(list(dict.fromkeys(material.where(c) for c in one.others)))
    repaired = _slipped(one) if _steps(one) > 1.5 else ""
    cause = "taken over with another digit, or from another source"
    if repaired:
        how = "two digits are transposed" if sorted(repaired) == sorted(odd.cell.value) else "one digit is wrong"
        cause = f"{how}: {repaired} would fit"
    own = odd.paper == material.mine
    severity: Severity = "value" if _far(one) or own else "rounding" if _steps(one) <= 1.5 else "convention"
    verdict: Verdict = "contradiction" if _steps(one) > 1.5 or own else "suspicious"
    return Finding(
        slug(odd.paper, odd.table, odd.method, f"x{odd.cell.scale}", odd.cell.dataset, odd.cell.metric),
        "disagreement", severity, verdict,
        f"{material.where(odd)}: {what} is {odd.cell.value}, {other.cell.value} elsewhere",
        f"{material.where(odd)} prints {odd.cell.value} for {what}.",
        f"{places} {'prints' if len(one.others) == 1 else 'print'} {other.cell.value}.", cause,
        cells=one.odd, beside=one.others, cases=(_piece(material, one),), weight=_steps(one) + 1000 * own,
        symptom=not repaired or own, figures={"printed": odd.value.number, "elsewhere": other.value.number},
    )  # fmt: skip


def _lineage(material: Material, paper: str, table: str, scale: int | None, items: list[Disagreement]) -> Finding:
    cells = tuple(c for i in items for c in i.odd)
    others = tuple(c for i in items for c in i.others)
    methods = list(dict.fromkeys(c.method for c in cells))
    against = listed(list(dict.fromkeys(material.where(c) for c in others)))
    compared = [
        c for c in material.of_table(paper, table)
        if c.cell.metric in QUALITY and c.cell.scale == scale and c.method in methods
    ]  # fmt: skip
    here = f"{material.name_of(paper)} {table.upper()}"
    return Finding(
        slug(paper, table, f"x{scale}", "lineage"), "disagreement", "convention", "contradiction",
        f"{here}: {len(items)} quality cells of its x{scale} block come from another lineage of tables",
        f"{here} prints other PSNR and SSIM for {listed(methods)} at x{scale}: {len(items)} of {len(compared)} cells.",
        f"{against} agree with each other in all of them; at the other scales {here} agrees with them too.",
        f"the x{scale} block was taken from another line of papers, the others from the line of {against}; both go "
        "back to other measurements of the same methods, and no table can be called wrong by this alone",
        f"Gains over these rows at x{scale} depend on the source: up to "
        f"{max(abs(i.odd[0].value.number - i.others[0].value.number) for i in items if i.key[3] == PSNR):.2f} dB.",
        cells=cells, beside=others, cases=tuple(_piece(material, i) for i in items),
        figures={"cells": len(items)}, weight=len(items),
    )  # fmt: skip


def _cost(material: Material, one: Disagreement) -> Finding:
    odd, other = one.odd[0], one.others[0]
    noun = {"params": "parameters", "macs": "computation"}.get(one.key[3], one.key[3])
    small = _steps(one) <= 1.5
    return Finding(
        slug(odd.paper, odd.table, odd.method, f"x{odd.cell.scale}", one.key[3], "disagrees"),
        "disagreement", "rounding" if small else "value", "suspicious" if small else "contradiction",
        f"{material.where(odd)}: {odd.method} has {odd.cell.value} {noun}, {other.cell.value} elsewhere",
        f"{material.where(odd)} prints {odd.cell.value} {noun} for {odd.method}.",
        f"{listed(list(dict.fromkeys(material.where(c) for c in one.others)))} print {other.cell.value}.",
        "counted or rounded differently" if small else "", cells=one.odd, beside=one.others,
        cases=(_piece(material, one),), weight=_steps(one), symptom=True,
    )  # fmt: skip


def _retrained(material: Material, retrained: set[tuple[str, str]]) -> list[Finding]:
    findings = []
    for paper, table in sorted(retrained):
        cells = [c for c in material.of_table(paper, table) if c.cell.metric in QUALITY and c.cell.model]
        main = {
            (c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric): c
            for c in material.cells if (c.paper, c.table) not in retrained
        }  # fmt: skip
        pairs = [(c, main.get((c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric))) for c in cells]
        differ = [(c, m) for c, m in pairs if m is not None and _differ(c, m)]
        if not differ:
            continue
        loss = [(c, m) for c, m in differ if bool(ALL_METRICS[c.cell.metric]) and c.value.number < m.value.number]
        here = f"{material.name_of(paper)} {table.upper()}"
        methods = listed(list(dict.fromkeys(c.method for c, _ in differ)))
        findings.append(Finding(
            slug(paper, table, "retrained"), "disagreement", "convention", "explained",
            f"{here}: {methods} are other trainings than those of the main tables",
            f"{here} prints {len(differ)} of {len(cells)} quality cells unlike the main tables, {len(loss)} of them "
            "lower.",
            "Its caption says that both networks were trained again.",
            "another training; these cells are not comparable with released weights",
            cells=tuple(c for c, _ in differ), beside=tuple(m for _, m in differ), weight=len(differ),
            cases=tuple(f"{c.place}: {c.cell.value}, {m.cell.value} in {material.where(m)}" for c, m in differ),
        ))  # fmt: skip
    return findings


CHECK = Check("disagree", "disagreement", "Tables that print one quantity differently", run)
