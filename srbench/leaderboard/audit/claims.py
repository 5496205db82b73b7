"""Claims of the texts against their own tables and against the registered networks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from srbench.errors import SrbenchError
from srbench.leaderboard import published
from srbench.leaderboard.audit import claim_data, networks
from srbench.leaderboard.audit.claim_data import Claim
from srbench.leaderboard.audit.finding import Checks, Finding, Verdict, listed
from srbench.leaderboard.audit.networks import Wanted
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import METRICS, Paper
from srbench.leaderboard.values import within_rounding

# "a fifth", "half": words of prose, allowed to be this far off
PROSE = 0.15
HIGHEST = 12


def check(_cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> Checks:
    """Every claim of every claims.toml; what holds leaves no finding."""
    result = Checks()
    for paper in papers:
        for claim in claim_data.load(paper.key):
            result.checked += 1
            finding = _judge(claim, paper.key)
            if finding is not None:
                result.findings.append(finding)
    return result


def _judge(claim: Claim, paper: str) -> Finding | None:
    if claim.kind == "better":
        return _better(claim, paper)
    if claim.kind == "blocks":
        return _blocks(claim, paper)
    if claim.kind == "trend":
        return _trend(claim, paper)
    if claim.b is not None:
        return _pair(claim, paper)
    return _single(claim, paper)


def _said(claim: Claim, paper: str) -> str:
    return f"{paper}, {claim.where}: {claim.says}"


def _where(cell: PrintedCell) -> str:
    scale = f" x{cell.cell.scale}" if cell.cell.scale else ""
    dataset = f" {cell.cell.dataset}" if cell.cell.dataset else ""
    return f"{cell.method} {cell.cell.value}{scale}{dataset} ({cell.paper} {cell.table})"


def _single(claim: Claim, paper: str) -> Finding | None:
    """The claimed number against one cell (all that the selector matches must agree)."""
    claimed = claim.value
    wrong = []
    for cell in claim.a.cells(paper):
        step = max(claimed.quantum, cell.value.quantum)
        near = abs(cell.value.number - claimed.number) <= step / 2
        if claim.kind == "at least":
            near = cell.value.number >= claimed.number
        elif claim.kind == "at most":
            near = cell.value.number <= claimed.number
        wrong.extend([] if near else [cell])
    if not wrong:
        return None
    explanation = _rank_explanation(claim, wrong[0])
    verdict: Verdict = "explained" if explanation else "contradiction"
    text = f"{_said(claim, paper)}; printed is {listed([_where(c) for c in wrong])}."
    return Finding("claim", verdict, text, tuple(wrong), explanation)


def _rank_explanation(claim: Claim, cell: PrintedCell) -> str:
    """A rank that holds when ties are counted once (1, 1, 2 instead of 1, 1, 3)."""
    if not cell.cell.metric.endswith("_rank"):
        return ""
    column = [c for c in published.cells([cell.paper], cell.table) if c.cell.metric == cell.cell.metric]
    dense = sorted({c.value.number for c in column}).index(cell.value.number) + 1
    better = sum(c.value.number < cell.value.number for c in column)
    if dense != claim.value.number:
        return ""
    return f"{better} entries are ahead and share a rank; counting ties once the rank is {dense}"


def measure(claim: Claim, a: float, b: float) -> float:
    """The claimed quantity, from two numbers."""
    if claim.kind == "difference":
        return a - b
    if claim.kind == "percent less":
        return 100 * (1 - a / b)
    if claim.kind == "percent more":
        return 100 * (a / b - 1)
    return b / a if claim.kind == "one in" else a / b


def holds(claim: Claim, got: float, slack: float = 0.0) -> bool:
    """Whether the computed quantity is what the claim says; ``slack`` is the rounding of the cells."""
    claimed = claim.value
    if claim.kind == "one in":
        return abs(claimed.number / got - 1) <= PROSE
    if claim.kind == "more than times":
        return got > claimed.number
    return within_rounding(round(got, 10), claimed.number, claimed.quantum + 2 * slack)


def _pair(claim: Claim, paper: str) -> Finding | None:
    assert claim.b is not None
    second = {c.cell.dataset: c for c in claim.b.cells(paper)}
    pairs = [(a, second[a.cell.dataset]) for a in claim.a.cells(paper) if a.cell.dataset in second]
    got = [measure(claim, a.value.number, b.value.number) for a, b in pairs]
    slack = 0.0
    if claim.kind.startswith("percent"):  # the cells are rounded too
        a, b = pairs[0]
        slack = 50 * (a.value.quantum / b.value.number + a.value.number / b.value.number**2 * b.value.quantum)
    if any(holds(claim, g, slack) for g in got):
        return None
    others = list(_substitutes(claim, *pairs[0]))
    would = [text for fits, text, _ in others if fits]
    explanation = f"would hold for {listed(would, 3)}" if would else ""
    if not would and others:
        _, text, _ = min(others, key=lambda item: abs(item[2] / claim.value.number - 1))
        explanation = f"nearest among related networks: {text}"
    shown = listed(
        [f"{_spelled(claim, g)} from {_where(a)} and {_where(b)}" for g, (a, b) in zip(got, pairs, strict=True)], 5
    )
    verdict: Verdict = "contradiction"
    figures: dict[str, float | int | str] = {"claimed": claim.value.number, "computed": got[0]}
    return Finding(
        "claim",
        verdict,
        f"{_said(claim, paper)}; the cells give {shown}.",
        tuple(c for p in pairs for c in p),
        explanation,
        figures,
    )


def _spelled(claim: Claim, got: float) -> str:
    if claim.kind.startswith("percent"):
        return f"{got:.1f} %"
    if claim.kind == "difference":
        return f"{got:.4g}"
    return f"one in {got:.2f}" if claim.kind == "one in" else f"{got:.2f} times"


def _substitutes(claim: Claim, a: PrintedCell, b: PrintedCell) -> Iterator[tuple[bool, str, float]]:
    """The claim with related networks in the place of those printed: (holds, in words, computed)."""
    metric = a.cell.metric
    if metric not in ("params", "macs") or a.cell.scale is None:
        return
    wanted = Wanted(metric, a.cell.scale, 1.0, 1.0, "ntire-hooks")
    for first in _family(a.cell.model, a.cell.scale):
        for second in _family(b.cell.model, a.cell.scale):
            got = measure(claim, networks.value(wanted, first), networks.value(wanted, second))
            if (first, second) != (a.cell.model, b.cell.model):
                yield holds(claim, got), f"{first} and {second} ({_spelled(claim, got)})", got


def _family(model: str, scale: int) -> list[str]:
    """The network itself and those of its family that have released weights or an entry of their own."""
    own = networks.card_of(model)
    if own is None:
        return []
    names = [model, *networks.relatives(model)]
    found = [c for c in map(networks.card_of, names) if c is not None and scale in c.scales]
    return [c.name for c in found if c.name == model or c.weights or not c.variant_of]


def _better(claim: Claim, paper: str) -> Finding | None:
    """Row a strictly ahead of every other row in every cell of the given metrics."""
    mine = [c for c in claim.a.cells(paper) if c.cell.metric in claim.metrics]
    if claim.datasets:
        mine = [c for c in mine if c.cell.dataset in claim.datasets]
    table = published.cells([claim.a.paper or paper], claim.a.table)
    beside = {(c.cell.row, c.cell.scale, c.cell.dataset, c.cell.metric): c for c in table}
    behind: list[tuple[PrintedCell, PrintedCell]] = []
    level: list[tuple[PrintedCell, PrintedCell]] = []
    compared = 0
    for cell in mine:
        for row in claim.than:
            other = beside.get((row, cell.cell.scale, cell.cell.dataset, cell.cell.metric))
            if other is None or not other.value.is_number:
                continue
            compared += 1
            gain = cell.value.number - other.value.number
            gain = gain if METRICS[cell.cell.metric] else -gain
            if gain <= 0:
                (behind if gain < 0 else level).append((cell, other))
    if not behind and not level:
        return None
    parts = [f"{_where(a)} against {b.method} {b.cell.value}" for a, b in (*behind, *level)]
    text = (
        f"{_said(claim, paper)}; of {compared} comparisons {len(behind)} go the other way and {len(level)} are ties: "
        f"{listed(parts, 8)}."
    )
    cells = tuple(c for pair in (*behind, *level) for c in pair)
    verdict: Verdict = "contradiction" if behind else "suspicious"
    why = "" if behind else "only ties of the printed digits"
    figures: dict[str, float | int | str] = {"compared": compared, "behind": len(behind), "ties": len(level)}
    return Finding("claim", verdict, text, cells, why, figures)


def _blocks(claim: Claim, paper: str) -> Finding | None:
    """The number of blocks that gives the printed parameters, against the text's."""
    claimed = int(claim.value.number)
    cells = [c for c in claim.a.cells(paper) if c.cell.scale and c.value.is_number]
    fitting: set[int] = set()
    counted: dict[int, str] = {}
    for cell in cells:
        scale = int(cell.cell.scale or 0)
        try:
            sizes = networks.params_by_blocks(cell.cell.model, scale, HIGHEST)
        except SrbenchError:
            return None  # the network is not registered, or has no number of blocks
        # printed digits may be rounded either way or cut off
        fits = {b for b, got in sizes.items() if abs(got - cell.value.number) < cell.value.quantum}
        counted[scale] = f"{sizes[claimed]:,} at x{scale}"
        fitting = fits if cell is cells[0] else fitting & fits
    if claimed in fitting or not cells:
        return None
    would = (
        f"{listed([str(b) for b in sorted(fitting)])} blocks give the printed ones"
        if fitting
        else "no number of blocks gives them"
    )
    text = (
        f"{_said(claim, paper)}; {claimed} blocks have {listed(list(counted.values()))} parameters, printed are "
        f"{listed([_where(c) for c in cells])}."
    )
    other = next(filter(None, (_registered_with(c, claimed) for c in cells)), "")
    explanation = would + (f"; {claimed} blocks are {other}" if other else "")
    fit = min(fitting) if fitting else math.nan
    return Finding("claim", "contradiction", text, tuple(cells), explanation, {"claimed": claimed, "fitting": fit})


def _registered_with(cell: PrintedCell, blocks: int) -> str:
    """A relative with its own weights that has as many parameters as the network with ``blocks`` blocks."""
    scale = cell.cell.scale or 0
    size = networks.params(cell.cell.model, scale, blocks)
    for name in networks.relatives(cell.cell.model):
        card = networks.card_of(name)
        if card is not None and scale in card.scales and networks.params(name, scale) == size:
            return f"{name} ({card.title})"
    return ""


def _trend(claim: Claim, paper: str) -> Finding | None:
    """Arrows of a table against the columns above them."""
    found = claim.a.cells(paper)
    wrong = []
    for arrow in (c for c in found if c.cell.metric.endswith("_trend")):
        metric = arrow.cell.metric.removesuffix("_trend")
        column = [
            c for c in found if c.cell.metric == metric and c.cell.dataset == arrow.cell.dataset and c.value.is_number
        ]
        if _arrow([c.value.number for c in column]) != arrow.cell.value:
            wrong.append((arrow, column))
    if not wrong:
        return None
    parts = [
        f"{a.cell.dataset} {a.cell.metric} {a.cell.value} for {listed([c.cell.value for c in col])}" for a, col in wrong
    ]
    return Finding("claim", "contradiction", f"{_said(claim, paper)}; {listed(parts)}.", tuple(a for a, _ in wrong))


def _arrow(values: list[float]) -> str:
    """↑ rising, ↓ falling, ∧ rising then falling, ∨ the reverse; '' for anything else.

    >>> _arrow([28.57, 28.60, 28.61]), _arrow([27.53, 27.55, 27.54])
    ('↑', '∧')
    """
    signs = [b > a for a, b in pairwise(values) if a != b]
    turns = [s for i, s in enumerate(signs) if i == 0 or s != signs[i - 1]]
    return {(True,): "↑", (False,): "↓", (True, False): "∧", (False, True): "∨"}.get(tuple(turns), "")
