"""Printed parameters and computation against what the registered networks give."""

from __future__ import annotations

from srbench.leaderboard.audit import networks
from srbench.leaderboard.audit.finding import Checks, Finding, Verdict, listed
from srbench.leaderboard.audit.networks import Explanation, Wanted
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper, Table

METRICS = ("params", "macs", "activations", "num_conv", "macs_per_pixel")
NOUNS = {
    "params": "parameters",
    "macs": "MACs",
    "activations": "activations",
    "num_conv": "convolutions",
    "macs_per_pixel": "MACs per HR pixel",
}
# Two ratios printed/counted this close are taken for one cause.
SAME_RATIO = 1e-3
# A common ratio further from one than this is no matter of the input size; a cost further off asks for a neighbour.
FAR = 0.05

Case = tuple[Wanted, str, tuple[PrintedCell, ...]]


def check(cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> Checks:
    """One finding per printed cost that its network does not give; equal prints are taken together.

    Costs that nothing explains but that are off by one common ratio (another input size, say) in
    several rows of a table become one finding.
    """
    result = Checks()
    tables = {(p.key, t.id): t for p in papers for t in p.tables}
    left: list[tuple[Case, float]] = []
    for case in _cases(cells, tables, result):
        wanted, model, printed = case
        result.checked += len(printed)
        own = networks.value(wanted, model)
        if wanted.holds(own):
            continue
        found = networks.explain(wanted, model)
        if found:
            result.findings.append(_finding(case, own, found))
        else:
            left.append((case, own))
    result.findings.extend(_unexplained(left))
    return result


def _cases(cells: tuple[PrintedCell, ...], tables: dict[tuple[str, str], Table], result: Checks) -> list[Case]:
    grouped: dict[tuple[Wanted, str], list[PrintedCell]] = {}
    missing: dict[str, None] = {}
    for c in cells:
        if c.cell.metric not in METRICS or not c.cell.model or not c.value.is_number or c.cell.scale is None:
            continue
        card = networks.card_of(c.cell.model)
        if card is None or c.cell.scale not in card.scales:
            missing[f"{c.cell.model} x{c.cell.scale}"] = None
            continue
        cost = tables[c.paper, c.table].cost
        if c.cell.metric == "params":
            wanted = Wanted("params", c.cell.scale, c.value.number, c.value.quantum)
        elif cost is None or cost.input_size is None:
            missing[f"{c.place} (no convention)"] = None
            continue
        else:
            wanted = Wanted(
                c.cell.metric, c.cell.scale, c.value.number, c.value.quantum, cost.convention, cost.input_size
            )
        grouped.setdefault((wanted, c.cell.model), []).append(c)
    if missing:
        result.unchecked.append(f"costs without a registered network: {listed(list(missing), 12)}")
    return [(wanted, model, tuple(found)) for (wanted, model), found in grouped.items()]


def _shown(wanted: Wanted, number: float) -> str:
    return networks.spell(wanted.metric, number)


def _printed(c: PrintedCell) -> str:
    """The digits as printed, with the unit of their column where they carry none."""
    digits = float(c.cell.value.rstrip("KMG").replace(",", ""))
    unit = {1e3: "K", 1e6: "M", 1e9: "G"}.get(float(f"{c.value.number / digits:.3g}"), "")
    return c.cell.value if c.cell.value.endswith(("K", "M", "G")) else f"{c.cell.value} {unit}".strip()


def _places(printed: tuple[PrintedCell, ...]) -> str:
    return listed(list(dict.fromkeys(f"{c.paper} {c.table}" for c in printed)))


def _how(wanted: Wanted) -> str:
    return (
        f" ('{wanted.convention}', LR {wanted.size[0]}x{wanted.size[1]})"
        if wanted.metric in ("macs", "activations")
        else ""
    )


def _finding(case: Case, own: float, found: list[Explanation]) -> Finding:
    wanted, model, printed = case
    first = found[0]
    verdict: Verdict = "explained" if first.how in ("rounding", "convention", "size", "layer") else "contradiction"
    if first.how in ("network", "blocks") and wanted.metric == "params":
        verdict = "explained"  # a row may simply mean the other configuration; its costs must then agree
    text = (
        f"{_places(printed)}: {printed[0].method} x{wanted.scale} is printed with {_printed(printed[0])} "
        f"{NOUNS[wanted.metric]}; {model} has {_shown(wanted, own)}{_how(wanted)}."
    )
    figures: dict[str, float | int | str] = {"printed": wanted.number, "counted": own, "ratio": wanted.number / own}
    return Finding("cost", verdict, text, printed, "; ".join(e.text for e in found), figures)


def _ratios(case: Case) -> dict[str, float]:
    """Printed over counted, by what was counted: the network or a relative, under each way of counting modules."""
    wanted, model, _ = case
    found: dict[str, float] = {}
    for name in (model, *networks.relatives(model)):
        card = networks.card_of(name)
        if card is None or wanted.scale not in card.scales:
            continue
        for convention in (wanted.convention, "macs"):
            counted = networks.value(wanted, name, convention=convention)
            found.setdefault(f"{name} ({convention})", wanted.number / counted)
    return found


def _unexplained(left: list[tuple[Case, float]]) -> list[Finding]:
    """Cluster what is left by table, scale and ratio, the largest cluster first."""
    findings: list[Finding] = []
    shelves: dict[tuple[str, str, int], list[tuple[Case, float]]] = {}
    for case, own in left:
        wanted, _, printed = case
        if wanted.metric == "macs":
            shelves.setdefault((printed[0].paper, printed[0].table, wanted.scale), []).append((case, own))
        else:
            findings.append(_alone(case, own))
    for items in shelves.values():
        together, rest = _largest_cluster(items)
        if together:
            findings.append(_together(together))
        findings.extend(_alone(case, own) for case, own in rest)
    return findings


Near = tuple[Case, str, float]


def _largest_cluster(items: list[tuple[Case, float]]) -> tuple[list[Near], list[tuple[Case, float]]]:
    ratios = [_ratios(case) for case, _ in items]
    best: list[tuple[int, str, float]] = []
    for target in (r for of_case in ratios for r in of_case.values() if abs(r - 1) < FAR):
        near = []
        for index, of_case in enumerate(ratios):
            name = min(of_case, key=lambda n: abs(of_case[n] - target))
            if abs(of_case[name] / target - 1) < SAME_RATIO:
                near.append((index, name, of_case[name]))
        if len(near) > len(best):
            best = near
    if len(best) < 2:
        return [], items
    taken = {index for index, _, _ in best}
    return [(items[i][0], name, r) for i, name, r in best], [x for i, x in enumerate(items) if i not in taken]


def _alone(case: Case, own: float) -> Finding:
    wanted, model, printed = case
    ratio = wanted.number / own
    text = (
        f"{_places(printed)}: {printed[0].method} x{wanted.scale} is printed with {_printed(printed[0])} "
        f"{NOUNS[wanted.metric]}; {model} has {_shown(wanted, own)}{_how(wanted)}, {_percent(ratio)}."
    )
    explanation = "no registered network, size or convention gives it"
    if wanted.metric != "params" and abs(ratio - 1) > FAR:
        nearest, off = min(_ratios(case).items(), key=lambda item: abs(item[1] - 1))
        if not nearest.startswith(f"{model} "):
            explanation += f"; nearest is {nearest}, {_percent(off)}"
    figures: dict[str, float | int | str] = {"printed": wanted.number, "counted": own, "ratio": ratio}
    return Finding("cost", "suspicious", text, printed, explanation, figures)


def _percent(ratio: float) -> str:
    if ratio > 2 or ratio < 0.5:
        return f"a factor of {ratio:.3g}"
    return f"{100 * (ratio - 1):+.2f} % in print"


def _together(group: list[Near]) -> Finding:
    wanted, _, _ = group[0][0]
    ratios = [ratio for _, _, ratio in group]
    mean = sum(ratios) / len(ratios)
    rows = [f"{p[0].method} {p[0].cell.value} for {_shown(w, w.number / r)} of {name}" for (w, _, p), name, r in group]
    pixels = wanted.size[0] * wanted.size[1] * wanted.scale**2
    cells = tuple(c for (_, _, p), _, _ in group for c in p)
    text = (
        f"{_places(cells)}, x{wanted.scale}: {len(group)} rows are off by one common ratio, "
        f"{min(ratios):.4f} to {max(ratios):.4f}: {listed(rows, 10)}."
    )
    explanation = (
        f"as if counted at {mean * pixels:,.0f} HR pixels instead of {pixels:,}, which the paper's own rows fit"
    )
    figures: dict[str, float | int | str] = {
        "ratio": mean,
        "implied HR pixels": round(mean * pixels),
        "rows": len(group),
    }
    return Finding("cost", "suspicious", text, cells, explanation, figures)
