"""The same model, scale, dataset and metric, printed differently by two tables."""

from __future__ import annotations

from srbench.leaderboard.audit.finding import Checks, Finding, Verdict, listed
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper

# Quantities that belong to the model (or its released weights), whoever prints them.
METRICS = ("psnr", "ssim", "params", "macs", "activations", "num_conv", "depth")

Group = tuple[str, int | None, str]


def check(cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> Checks:
    """One finding per model and scale and kind of quantity (quality, or one cost)."""
    result = Checks()
    retrained = {(p.key, t.id) for p in papers for t in p.tables if t.retrained}
    same: dict[tuple[str, int | None, str, str], list[PrintedCell]] = {}
    for c in cells:
        if c.cell.model and c.cell.metric in METRICS and c.value.is_number:
            same.setdefault((c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric), []).append(c)
    groups: dict[Group, list[list[PrintedCell]]] = {}
    for (model, scale, _, metric), found in same.items():
        if len({(c.paper, c.table) for c in found}) < 2:
            continue
        result.checked += len(found)
        if any(_differ(a, b) for a in found for b in found):
            part = "quality" if metric in ("psnr", "ssim") else metric
            groups.setdefault((model, scale, part), []).append(found)
    for group, differing in groups.items():
        compared = sum(1 for key, found in same.items() if _group(key) == group and len(found) > 1)
        result.findings.append(_finding(group, differing, compared, retrained))
    return result


def _group(key: tuple[str, int | None, str, str]) -> Group:
    model, scale, _, metric = key
    return model, scale, "quality" if metric in ("psnr", "ssim") else metric


def _differ(a: PrintedCell, b: PrintedCell) -> bool:
    """Whether no number rounds to both printed values; equally fine digits must agree."""
    if a.value.quantum == b.value.quantum:
        return a.value.number != b.value.number
    coarse = max(a.value.quantum, b.value.quantum)
    return abs(a.value.number - b.value.number) > coarse / 2 * (1 + 1e-9)


def _finding(
    group: Group, differing: list[list[PrintedCell]], compared: int, retrained: set[tuple[str, str]]
) -> Finding:
    model, scale, part = group
    where = f"{model} x{scale}" if scale else model
    worst = max(_steps(found) for found in differing)
    verdict: Verdict = "contradiction" if worst > 1.5 else "suspicious"
    explanation = "off by one step of the last digit" if worst <= 1.5 else ""
    if part == "params" and worst <= 1.5:
        explanation = "counted or rounded differently (see the costs)"
    main = [[c for c in found if (c.paper, c.table) not in retrained] for found in differing]
    if part == "quality" and not any(_differ(a, b) for found in main for a in found for b in found):
        others = sorted(
            {f"{c.paper} {c.table}" for found in differing for c in found} & {" ".join(t) for t in retrained}
        )
        verdict, explanation = "explained", f"{listed(others)} prints other trainings than the main tables"
    what = "one quantity" if compared == 1 else f"{len(differing)} of {compared} quality cells"
    text = f"{where}: {what} printed differently: {listed([_piece(found) for found in differing])}."
    return Finding("disagreement", verdict, text, tuple(c for f in differing for c in f), explanation)


def _steps(found: list[PrintedCell]) -> float:
    return max(
        abs(a.value.number - b.value.number) / max(a.value.quantum, b.value.quantum) for a in found for b in found
    )


def _piece(found: list[PrintedCell]) -> str:
    by_value: dict[str, list[str]] = {}
    for c in found:
        by_value.setdefault(c.cell.value.replace(",", ""), []).append(f"{c.paper} {c.table}")
    first = found[0].cell
    values = " against ".join(f"{value} ({', '.join(dict.fromkeys(places))})" for value, places in by_value.items())
    return f"{first.dataset} {first.metric} {values}".strip()
