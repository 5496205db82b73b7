"""What stands below a table: what was used instead, what is doubtful, and for which methods it holds."""

from __future__ import annotations

from collections.abc import Sequence

from srbench.report.runtable import Row
from srbench.results.words import NO_WEIGHTS


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
