"""What ``challenge rank`` says beside its table, and the files it writes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from srbench.challenge.entries import Flag
from srbench.challenge.gaps import Gap
from srbench.challenge.printed import PrintedRow, Reading
from srbench.challenge.standing import Outcome
from srbench.cli.challenge._import_view import plain, text_table
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
    lines += changes(outcome)
    for key, flags in outcome.flags:
        elsewhere = ("lower bound", UNDETERMINED, "unsteady")  # the last is among the notes
        lines += [f"{key}: {flag.kind}: {flag.text}" for flag in flags if flag.kind not in elsewhere]
    lines += undetermined(outcome.flags)
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


WAYS = "cold: with the first image of each run, warm: without it; mean or median: over the images"
"""What the names of timing policies mean."""


def changes(outcome: Outcome) -> list[str]:
    """A sentence about other ways to time, then a line for each: how many ranks change, and the largest change."""
    if not outcome.policies:
        return []
    if not outcome.changes:
        return [
            f"the same times made into one runtime in other ways ({'; '.join(outcome.policies)}) change no rank "
            f"({WAYS})."
        ]
    lines = [
        f"ranks are by times {outcome.policy}; of other ways to make one runtime of them, with the largest change each "
        f"(all are on the page and in JSON; {WAYS}):"
    ]
    for policy in outcome.policies:
        parts = []
        for standing in outcome.ranking.standings:
            found = [one for one in outcome.changes if (one.policy, one.track) == (policy, standing.track.id)]
            if found:
                most = max(found, key=lambda one: abs((one.before or 0) - (one.after or 0)))
                many = f"{len(found)} rank{'s' * (len(found) > 1)} in {standing.track.id}"
                parts.append(f"{many} ({most.row.title} {most.before or '–'} -> {most.after or '–'})")
        lines.append(f"  {policy}: {', '.join(parts) or 'no rank changes'}")
    return lines


UNDETERMINED = "range undetermined"


def undetermined(flags: Sequence[tuple[str, Sequence[Flag]]]) -> list[str]:
    """One line for all entries that do as well in either data range; most are ordinary networks."""
    found = [(key, flag) for key, own in flags for flag in own if flag.kind == UNDETERMINED]
    if not found:
        return []
    if len(found) == 1:
        return [f"{found[0][0]}: {UNDETERMINED}: {found[0][1].text}"]
    first = f"{found[0][0]} {found[0][1].text}"
    return [f"{UNDETERMINED}: {', '.join(key for key, _ in found)} do as well with the other value of white ({first})"]


def files(outcome: Outcome, printed: Sequence[PrintedRow], readings: Sequence[Reading]) -> dict[str, str]:
    """All formats by file name."""
    return {
        "ranking.html": challenge_page.html(outcome, printed, readings),
        "ranking.md": text_table(*challenge_table.overview(outcome), "markdown") + "\n",
        "ranking.csv": challenge_table.as_csv(outcome),
        "ranking.tex": challenge_table.as_latex(outcome),
        "ranking.json": json.dumps(challenge_table.as_data(outcome), indent=1, ensure_ascii=False) + "\n",
        "results.organisers.json": challenge_table.organisers_json(outcome),
    }
