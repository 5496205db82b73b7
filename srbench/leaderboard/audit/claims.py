"""Claims of the texts against their own tables and against the registered networks, grouped by why they fail."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.leaderboard import published
from srbench.leaderboard.audit import claim_data
from srbench.leaderboard.audit.claim_data import Claim
from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, Severity, Verdict, listed, slug
from srbench.leaderboard.causes import networks
from srbench.leaderboard.causes.networks import Wanted
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import METRICS
from srbench.leaderboard.values import within_rounding

if TYPE_CHECKING:
    from srbench.models.card import ModelCard

# "a fifth", "half": words of prose, allowed to be this far off
PROSE = 0.15
HIGHEST = 12
# A claimed percentage this near to what another network gives was computed with it.
NEAR_PERCENT = 0.5


@dataclass(frozen=True)
class Failure:
    """A claim that its cells do not bear out: what they give, who would fit, and how grave it is."""

    claim: Claim
    paper: str
    given: str
    cells: tuple[PrintedCell, ...]
    cause: str = ""
    instead: str = ""
    """The network that stands in for the claim's own, where that one makes it true."""
    severity: Severity = "claim"
    verdict: Verdict = "contradiction"
    figures: dict[str, float | int | str] | None = None

    @property
    def sentence(self) -> str:
        """The claim with its place."""
        return f"{self.claim.says} ({self.claim.where})"


def run(material: Material) -> Checks:
    """Every claim of every claims.toml; what holds leaves no finding, what one other network explains is one."""
    result = Checks()
    groups: dict[tuple[str, str], list[Failure]] = {}
    for paper in material.papers:
        if paper.key == material.mine:
            continue
        for claim in claim_data.load(paper.key):
            result.checked += 1
            failure = judge(claim, paper.key)
            if failure is not None:
                groups.setdefault((paper.key, failure.instead or claim.id), []).append(failure)
    result.findings = [_finding(material, found) for found in groups.values()]
    return result


def judge(claim: Claim, paper: str) -> Failure | None:
    """None where the claim holds."""
    if claim.kind == "better":
        return _better(claim, paper)
    if claim.kind == "blocks":
        return _blocks(claim, paper)
    if claim.kind == "trend":
        return _trend(claim, paper)
    return _pair(claim, paper) if claim.b is not None else _single(claim, paper)


def _finding(material: Material, found: list[Failure]) -> Finding:
    first = found[0]
    name = material.name_of(first.paper)
    cells = tuple(dict.fromkeys(c for f in found for c in f.cells if c.paper == first.paper)) or first.cells
    beside = tuple(dict.fromkeys(c for f in found for c in f.cells if c not in cells))
    cases = tuple(f"{f.sentence}: {f.given}" + (f"; {f.cause}" if f.cause else "") for f in found)
    if len(found) == 1:
        headline = f"{name}: '{first.claim.says}' does not hold"
        return Finding(
            slug(first.paper, first.claim.id), "claim", first.severity, first.verdict, headline,
            f"{name} says in {first.claim.where}: {first.claim.says}.", f"{first.given}.", first.cause,
            f"This sentence of {name}." if first.severity == "claim" else "", cells, beside, cases,
            dict(first.figures or {}), weight=1.0, about=first.paper,
        )  # fmt: skip
    text = listed([f.claim.says for f in found], 3)
    return Finding(
        slug(first.paper, "text-of", first.instead), "claim", "claim", "contradiction",
        f"{name}: {len(found)} sentences of the text are true of {first.instead}, not of the network in its tables",
        f"{name} says that {text}.",
        f"None holds for the printed cells; with {first.instead} in place of the network of the tables all do.",
        f"the text was written for {first.instead}, the challenge entry, the tables print a larger network",
        f"{len(found)} sentences of {name}.", cells, beside, cases,
        {f.claim.id: str((f.figures or {}).get("computed", "")) for f in found}, weight=float(len(found)),
        about=first.paper,
    )  # fmt: skip


def _where(cell: PrintedCell) -> str:
    scale = f" x{cell.cell.scale}" if cell.cell.scale else ""
    dataset = f" {cell.cell.dataset}" if cell.cell.dataset else ""
    return f"{cell.method} {cell.cell.value}{scale}{dataset} ({cell.paper} {cell.table})"


def _single(claim: Claim, paper: str) -> Failure | None:
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
    cause = _rank_cause(claim, wrong[0])
    verdict: Verdict = "explained" if cause else "contradiction"
    elsewhere = wrong[0].paper != paper and not wrong[0].cell.metric.endswith("_rank")
    severity: Severity = "value" if elsewhere else "claim"
    return Failure(
        claim, paper, f"printed is {listed([_where(c) for c in wrong])}", tuple(wrong), cause, severity=severity,
        verdict=verdict,
    )  # fmt: skip


def _rank_cause(claim: Claim, cell: PrintedCell) -> str:
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
    if claim.kind in ("percent more", "percent at most"):
        return 100 * (a / b - 1)
    return b / a if claim.kind == "one in" else a / b


def holds(claim: Claim, got: float, slack: float = 0.0) -> bool:
    """Whether the computed quantity is what the claim says; ``slack`` is the rounding of the cells."""
    claimed = claim.value
    if claim.kind == "one in":
        return abs(claimed.number / got - 1) <= PROSE
    if claim.kind == "more than times":
        return got > claimed.number
    if claim.kind == "percent at most":
        return got <= claimed.number
    return within_rounding(round(got, 10), claimed.number, claimed.quantum + 2 * slack)


def _pair(claim: Claim, paper: str) -> Failure | None:
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
    cause, instead = _substitute(claim, *pairs[0])
    shown = [f"{_spelled(claim, g)} from {_where(a)} and {_where(b)}" for g, (a, b) in zip(got, pairs, strict=True)]
    return Failure(
        claim, paper, f"the cells give {listed(shown, 5)}", tuple(c for p in pairs for c in p), cause, instead,
        figures={"claimed": claim.value.number, "computed": got[0]},
    )  # fmt: skip


def _substitute(claim: Claim, a: PrintedCell, b: PrintedCell) -> tuple[str, str]:
    """Which related networks make the claim true, in words, and the one that stands in for the claim's own."""
    others = list(_substitutes(claim, a, b))
    fitting = [o for o in others if o[0]]
    if fitting:
        return f"would hold for {listed([o[1] for o in fitting], 3)}", fitting[0][3]
    if not others:
        return "", ""
    nearest = min(others, key=lambda o: abs(o[2] - claim.value.number))
    near = claim.kind.startswith("percent") and abs(nearest[2] - claim.value.number) <= NEAR_PERCENT
    return f"nearest among related networks: {nearest[1]}", nearest[3] if near else ""


def _spelled(claim: Claim, got: float) -> str:
    if claim.kind.startswith("percent"):
        return f"{got:.1f} %"
    if claim.kind == "difference":
        return f"{got:.4g}"
    return f"one in {got:.2f}" if claim.kind == "one in" else f"{got:.2f} times"


def _substitutes(claim: Claim, a: PrintedCell, b: PrintedCell) -> Iterator[tuple[bool, str, float, str]]:
    """The claim with related networks in the place of those printed: (holds, in words, computed, the claim's own)."""
    metric = a.cell.metric
    if metric not in ("params", "macs") or a.cell.scale is None:
        return
    wanted = Wanted(metric, a.cell.scale, 1.0, 1.0, "ntire-hooks")
    pairs = [(x, y) for x in _family(a.cell.model, a.cell.scale) for y in _family(b.cell.model, a.cell.scale)]
    printed = (a.cell.model, b.cell.model)
    pairs.sort(key=lambda pair: (pair[0] != printed[0]) + (pair[1] != printed[1]))  # one exchanged before two
    for first, second in pairs:
        if (first, second) != printed:
            got = measure(claim, networks.value(wanted, first), networks.value(wanted, second))
            changed = [new for new, old in zip((first, second), printed, strict=True) if new != old]
            own = [name for name in changed if (card := networks.card_of(name)) and card.paper == a.paper]
            instead = (own or changed)[0]
            yield holds(claim, got), f"{first} and {second} ({_spelled(claim, got)})", got, instead


def _family(model: str, scale: int) -> list[str]:
    """The network itself and those of its family that have released weights or an entry of their own."""
    if networks.card_of(model) is None:
        return []
    kin = [c for c in networks.family(model) if scale in c.scales and (c.weights or not c.variant_of)]
    return [model, *(c.name for c in kin)]


def _better(claim: Claim, paper: str) -> Failure | None:
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
    given = f"of {compared} comparisons {len(behind)} go the other way and {len(level)} are ties: {listed(parts, 8)}"
    cells = tuple(c for pair in (*behind, *level) for c in pair)
    figures: dict[str, float | int | str] = {"compared": compared, "behind": len(behind), "ties": len(level)}
    if behind:
        return Failure(claim, paper, given, cells, figures=figures)
    return Failure(
        claim, paper, given, cells, "only ties of the printed digits", severity="rounding", verdict="suspicious",
        figures=figures,
    )  # fmt: skip


def _blocks(claim: Claim, paper: str) -> Failure | None:
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
    other = next(filter(None, (_registered_with(c, claimed) for c in cells)), None)
    given = (
        f"{claimed} blocks have {listed(list(counted.values()))} parameters, printed are "
        f"{listed([_where(c) for c in cells])}"
    )
    cause = would + (f"; {claimed} blocks are {other.name} ({other.title})" if other else "")
    fit = min(fitting) if fitting else math.nan
    return Failure(
        claim, paper, given, tuple(cells), cause, other.name if other else "",
        figures={"claimed": claimed, "fitting": fit},
    )  # fmt: skip


def _registered_with(cell: PrintedCell, blocks: int) -> ModelCard | None:
    """A relative with its own weights that has as many parameters as the network with ``blocks`` blocks."""
    scale = cell.cell.scale or 0
    size = networks.params(cell.cell.model, scale, blocks)
    kin = [c for c in networks.relatives(cell.cell.model) if scale in c.scales]
    return next((c for c in kin if networks.params(c.name, scale) == size), None)


def _trend(claim: Claim, paper: str) -> Failure | None:
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
    return Failure(claim, paper, listed(parts), tuple(a for a, _ in wrong))


def _arrow(values: list[float]) -> str:
    """↑ rising, ↓ falling, ∧ rising then falling, ∨ the reverse; '' for anything else.

    >>> _arrow([28.57, 28.60, 28.61]), _arrow([27.53, 27.55, 27.54])
    ('↑', '∧')
    """
    signs = [b > a for a, b in pairwise(values) if a != b]
    turns = [s for i, s in enumerate(signs) if i == 0 or s != signs[i - 1]]
    return {(True,): "↑", (False,): "↓", (True, False): "∧", (False, True): "∨"}.get(tuple(turns), "")


CHECK = Check("claims", "claim", "Claims of the text", run, own_table=False)
