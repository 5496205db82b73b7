"""What ``challenge rank`` says beside its table, and the files it writes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from srbench.challenge.gaps import Gap
from srbench.challenge.printed import PrintedRow, Reading
from srbench.challenge.standing import Outcome
from srbench.cli.challenge._import_view import plain
from srbench.report import challenge_page, challenge_table


def remarks(outcome: Outcome, readings: Sequence[Reading]) -> list[str]:
    """Isolation, notes, changes under other policies, flags, and what the printed table does not follow."""
    lines = []
    if outcome.isolation is not None:
        lines.append(f"isolation: {outcome.isolation.kind}; not protected from: {', '.join(outcome.isolation.gaps)}")
    lines += [f"note: {note}" for note in outcome.notes]
    lines += [f"note: {s.track.id}: {note}" for s in outcome.ranking.standings for note in s.notes]
    for policy, track, winner in outcome.winners:
        lines.append(f"the winner depends on the timing: {policy}, {track}: {winner}")
    for change in outcome.changes:
        lines.append(
            f"{policy_words(change.policy)}, {change.track}: {change.row.title} {change.before} -> {change.after}"
        )
    if outcome.policies and not outcome.changes:
        lines.append(f"no rank changes under {'; '.join(outcome.policies)}.")
    for key, flags in outcome.flags:
        lines += [f"{key}: {flag.kind}: {flag.text}" for flag in flags if flag.kind != "lower bound"]
    lines += [gap_text(gap) for gap in outcome.gaps if gap.suspicious]
    for reading in readings:
        follows = reading.printed - len(reading.mismatches)
        lines.append(f"{reading.name}: {follows} of {reading.printed} printed ranks and scores follow.")
        lines += [
            f"  {m.row.title}, {m.track} {m.what}: printed {m.printed}, recomputed {m.recomputed}; "
            f"{'open' if m.kind == 'open' else 'breaks the rule'}: {m.because}"
            for m in reading.mismatches
        ]
    return [plain(line) for line in lines]


def gap_text(gap: Gap) -> str:
    """A gap in words."""
    apart = f", {gap.z:+.1f} deviations of the others" if gap.z is not None else ""
    return f"{gap.row.title}: {gap.first} less {gap.second} is {gap.value:.2f} dB{apart}"


def policy_words(policy: str) -> str:
    """``timed warm, median`` for a policy's name."""
    return f"timed {policy}"


def files(outcome: Outcome, printed: Sequence[PrintedRow], readings: Sequence[Reading]) -> dict[str, str]:
    """All formats by file name."""
    return {
        "ranking.html": challenge_page.html(outcome, printed, readings),
        "ranking.csv": challenge_table.as_csv(outcome),
        "ranking.tex": challenge_table.as_latex(outcome),
        "ranking.json": json.dumps(challenge_table.as_data(outcome), indent=1, ensure_ascii=False) + "\n",
        "results.organisers.json": challenge_table.organisers_json(outcome),
    }
