"""Marks for best and second best against the columns they stand in."""

from __future__ import annotations

from srbench.leaderboard.audit.finding import Checks, Finding, Verdict, listed
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.ranking import best_and_second
from srbench.leaderboard.schema import METRICS, Paper, Table


def check(cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> Checks:
    """One finding per column (table, scale, dataset, metric) whose marks are not those computed.

    Equal digits share a place. Where several rows share the best value, a mark for second best is
    a matter of taste and is not looked at.
    """
    result = Checks()
    for paper in papers:
        for table in paper.tables:
            if not table.marks:
                continue
            columns: dict[tuple[int | None, str, str], list[PrintedCell]] = {}
            for c in cells:
                if (c.paper, c.table) == (paper.key, table.id) and c.cell.row not in table.unmarked_rows:
                    columns.setdefault((c.cell.scale, c.cell.dataset, c.cell.metric), []).append(c)
            for column in columns.values():
                if any(c.cell.mark != "none" for c in column) and METRICS[column[0].cell.metric] is not None:
                    result.checked += len(column)
                    finding = _check_column(table, column)
                    if finding:
                        result.findings.append(finding)
    return result


def _check_column(table: Table, column: list[PrintedCell]) -> Finding | None:
    places, wrong, missing = _faults(table, column)
    if not wrong and not missing:
        return None
    best_unmarked = [c for c in missing if places[column.index(c)] == "best"]
    rest = [c for c in column if c not in best_unmarked]
    settled = bool(best_unmarked) and not any(_faults(table, rest)[1:])
    return _finding(table, column, places, wrong, missing, best_unmarked if settled else [])


def _faults(
    table: Table, column: list[PrintedCell]
) -> tuple[tuple[str | None, ...], list[PrintedCell], list[PrintedCell]]:
    """Computed places, cells whose mark is wrong, cells that lack one."""
    higher = METRICS[column[0].cell.metric]
    places = best_and_second([c.value.number for c in column], bool(higher))
    shared = places.count("best") > 1
    wrong: list[PrintedCell] = []
    missing: list[PrintedCell] = []
    for cell, place in zip(column, places, strict=True):
        meaning = table.marks.get(cell.cell.mark) if cell.cell.mark != "none" else None
        if meaning is None:
            expected = place == "best" or (place == "second" and not shared and _marks_second(table))
            missing.extend([cell] if expected else [])
        elif not _holds(meaning, place):
            wrong.append(cell)
    return places, wrong, missing


def _marks_second(table: Table) -> bool:
    return any("second" in meaning for meaning in table.marks.values())


def _holds(meaning: str, place: str | None) -> bool:
    return place is not None if meaning == "best or second" else place == meaning


def _finding(
    table: Table,
    column: list[PrintedCell],
    places: tuple[str | None, ...],
    wrong: list[PrintedCell],
    missing: list[PrintedCell],
    settled_by: list[PrintedCell],
) -> Finding:
    first = column[0]
    scale = f" x{first.cell.scale}" if first.cell.scale else ""
    what = f"{first.cell.dataset} {first.cell.metric}".strip()
    parts = []
    for cell in wrong:
        place = places[column.index(cell)]
        parts.append(
            f"{cell.method} {cell.cell.value} is marked {table.marks.get(cell.cell.mark)} "  # type: ignore[arg-type]
            f"but is {_spelled(place)}"
        )
    for cell in missing:
        parts.append(f"{cell.method} {cell.cell.value} is {_spelled(places[column.index(cell)])} without a mark")
    only_ties = all(_tied_with_marked(c, column) for c in (*wrong, *missing))
    verdict: Verdict = "suspicious" if only_ties else "contradiction"
    explanation = "a tie of the printed digits, marked as if hidden digits decided it" if only_ties else ""
    if not only_ties and _marked_by_psnr(column):
        explanation = "the SSIM carries the mark of the PSNR printed beside it"
    if settled_by and not only_ties:
        explanation = f"without {listed([f'{c.method} {c.cell.value}' for c in settled_by])} the marks hold"
    text = f"{first.paper} {first.table}{scale}, {what}: {listed(parts)}."
    return Finding(
        "marks", verdict, text, tuple(c for c, p in zip(column, places, strict=True) if p or c in wrong), explanation
    )


def _spelled(place: str | None) -> str:
    return {"best": "best", "second": "second best", None: "neither best nor second"}[place]


def _tied_with_marked(cell: PrintedCell, column: list[PrintedCell]) -> bool:
    """Whether another cell with the same digits carries another mark, so that hidden digits may tell them apart."""
    others = [c for c in column if c is not cell and c.value.number == cell.value.number]
    return any(c.cell.mark not in ("none", cell.cell.mark) for c in others)


def _marked_by_psnr(column: list[PrintedCell]) -> bool:
    """Whether an SSIM column's marks are exactly those that the PSNR beside it earns."""
    if column[0].cell.metric != "ssim":
        return False
    from srbench.leaderboard import published

    first = column[0]
    rows = {c.cell.row_index: c.cell.mark for c in column}
    beside = [
        c
        for c in published.cells([first.paper], first.table)
        if c.cell.metric == "psnr" and c.cell.dataset == first.cell.dataset and c.cell.row_index in rows
    ]
    return bool(beside) and all(c.cell.mark == rows[c.cell.row_index] for c in beside)
