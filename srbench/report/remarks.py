"""What stands below a table: what was used instead, what is doubtful, and for which methods it holds."""

from __future__ import annotations

from collections.abc import Sequence

from srbench.report.runtable import Row
from srbench.results.record import Substitution
from srbench.results.words import NO_WEIGHTS, subject_of, substitution_label, substitution_sentence


def labelled_remarks(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """(label, sentence) of what was used instead or is doubtful, each once, with the methods it holds for.

    What was used instead comes first, that there are no weights last.
    """
    methods: dict[tuple[str, str], dict[str, None]] = {}
    names: dict[str, None] = {}
    for row in rows:
        for label, _, sentence in row.remarks:
            methods.setdefault((label, sentence), {})[row.title] = None
            names[row.model] = None
    everyone = {row.title for row in rows}
    found = []
    for (label, sentence), titles in methods.items():
        names_it = any(word in names or word in titles for word in sentence.split())
        line = sentence if names_it or set(titles) == everyone else f"{', '.join(titles)}: {sentence}"
        if line.split()[0] not in names:
            line = f"{line[0].upper()}{line[1:]}" if line.endswith("?") else f"{line[0].upper()}{line[1:].rstrip('.')}."
        found.append((label, line))
    return sorted(found, key=lambda pair: pair[0] == NO_WEIGHTS)


def remarks_together(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The same, where weights that several models lack for one reason are one sentence."""
    subjects: dict[Substitution, dict[str, None]] = {}
    for row in rows:
        for record in row.records or row.costs:
            for what in record.substitutions:
                if what.kind == "weights":
                    subjects.setdefault(what, {})[subject_of(record)] = None
    shared = {what: tuple(names) for what, names in subjects.items() if len(names) > 1}
    merged = {substitution_sentence(what, name) for what, names in shared.items() for name in names}
    found = [(label, line) for label, line in labelled_remarks(rows) if line not in merged]
    for what, names in shared.items():
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        found.append((substitution_label(what), substitution_sentence(what, listed, several=True)))
    return sorted(found, key=lambda pair: pair[0] == NO_WEIGHTS)
