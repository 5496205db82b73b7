"""From what the checks hand back to what is read: symptoms become evidence of causes, the gravest cause comes first."""

from __future__ import annotations

from dataclasses import replace

from srbench.leaderboard.audit.finding import SEVERITIES, VERDICTS, Finding
from srbench.leaderboard.published import PrintedCell

_SEVERITY = {name: place for place, name in enumerate(SEVERITIES)}
_VERDICT = {name: place for place, name in enumerate(VERDICTS)}


def grouped(findings: list[Finding]) -> tuple[Finding, ...]:
    """Each cause once, with the evidence of all checks; ordered by consequence."""
    causes = [f for f in findings if not f.symptom]
    extra: dict[str, list[Finding]] = {}
    left: list[Finding] = []
    for symptom in (f for f in findings if f.symptom):
        cause = _explained_by(symptom, causes)
        if cause is None:
            left.append(symptom)
        else:
            extra.setdefault(cause.id, []).append(symptom)
    joined = _joined(left)
    return tuple(sorted((_with(c, extra.get(c.id, [])) for c in [*causes, *joined]), key=_order))


def _explained_by(symptom: Finding, causes: list[Finding]) -> Finding | None:
    """The cause that shares a suspect of the same quantity with the symptom, the one with fewest cells first."""
    suspects = _spots(symptom.cells)
    fitting = [c for c in causes if suspects & _spots(c.cells)]
    if not fitting and symptom.kind == "disagreement":  # the other party may be the one in the wrong
        suspects = _spots(symptom.beside)
        fitting = [c for c in causes if suspects & _spots(c.cells)]
    return min(fitting, key=lambda c: (not suspects <= _spots(c.cells), len(c.cells)), default=None)


def _spots(cells: tuple[PrintedCell, ...]) -> set[tuple[object, ...]]:
    """Where cells stand; PSNR and SSIM of one row and dataset are one spot, as a slip in one speaks of both."""
    return {
        (c.paper, c.table, c.cell.row_index, c.cell.scale, c.cell.dataset or c.cell.metric) for c in cells
    }  # fmt: skip


def _joined(symptoms: list[Finding]) -> list[Finding]:
    """Symptoms of the same cells, or with the same id, become one finding, the gravest leading."""
    done: list[Finding] = []
    for symptom in sorted(symptoms, key=_order):
        spots = _spots(symptom.cells)
        same = next((i for i, d in enumerate(done) if d.id == symptom.id or _spots(d.cells) & spots), None)
        if same is None:
            done.append(symptom)
        else:
            joined = _with(done[same], [symptom])
            done[same] = replace(joined, cells=tuple(dict.fromkeys([*joined.cells, *symptom.cells])))
    return [_headed(f) for f in done]


def _headed(f: Finding) -> Finding:
    """The headline of several joined symptoms says how many spots there are."""
    more = len(_spots(f.cells)) - 1
    return replace(f, headline=f"{f.headline} (and {more} more)") if more > 0 and f.kind == "outlier" else f


def _with(cause: Finding, evidence: list[Finding]) -> Finding:
    """The cause with what other checks saw of it."""
    if not evidence:
        return cause
    cells = tuple(dict.fromkeys([*cause.cells, *(c for e in evidence for c in e.cells if _akin(c, cause.cells))]))
    cases = tuple(dict.fromkeys([*cause.cases, *(f"also: {case}" for e in evidence for case in e.cases)]))
    severity = min((cause.severity, *(e.severity for e in evidence)), key=lambda s: _SEVERITY[s])
    falls = " ".join(dict.fromkeys(filter(None, (cause.falls, *(e.falls for e in evidence)))))
    return replace(
        cause, cells=cells, cases=cases, severity=severity, falls=falls, cause=cause.cause or evidence[0].cause
    )


def _akin(cell: PrintedCell, cells: tuple[PrintedCell, ...]) -> bool:
    return any((c.cell.model, c.cell.row) == (cell.cell.model, cell.cell.row) for c in cells)


def _order(f: Finding) -> tuple[int, int, float, str]:
    return _SEVERITY[f.severity], _VERDICT[f.verdict], -f.weight, f.id
