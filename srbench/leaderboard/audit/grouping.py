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
    suspects = set(symptom.cells)
    fitting = [c for c in causes if suspects & set(c.cells)]
    return min(fitting, key=lambda c: (not suspects <= set(c.cells), len(c.cells)), default=None)


def _joined(symptoms: list[Finding]) -> list[Finding]:
    """Symptoms of the same cells, or with the same id, become one finding: the gravest leads, the others are evidence."""
    done: list[Finding] = []
    for symptom in sorted(symptoms, key=_order):
        same = next((i for i, d in enumerate(done) if d.id == symptom.id or set(d.cells) & set(symptom.cells)), None)
        if same is None:
            done.append(symptom)
        else:
            done[same] = _with(done[same], [symptom])
    return done


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
