"""Ranks, sums of ranks, ties and floors of challenge tables (rules of NTIRE 2022)."""

from __future__ import annotations

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed, slug
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.ranking import competition_ranks
from srbench.leaderboard.schema import Floor

Row = dict[str, PrintedCell]

# rank column -> the column it ranks, lowest first
RANKS = {
    "runtime_rank": "runtime",
    "params_rank": "params",
    "macs_rank": "macs",
    "activations_rank": "activations",
    "memory_rank": "memory",
    "sub1_rank": "sub1_score",
    "sub2_rank": "sub2_score",
    "main_rank": "runtime",
}
# score column -> the ranks that it adds up
SUMS = {
    "sub1_score": ("params_rank", "macs_rank"),
    "sub2_score": ("runtime_rank", "params_rank", "macs_rank", "activations_rank", "memory_rank"),
}


Place = tuple[str, str]


def run(material: Material) -> Checks:
    """Recompute every rank from the printed column, every sum from the printed ranks.

    Ties in printed digits leave a range of ranks open; a printed rank outside of it is a contradiction. Ties told
    apart are judged by exact counts where they are known.
    """
    result = Checks()
    for place, rows in _tables(material).items():
        ranked = {i: row for i, row in rows.items() if "main_rank" in row}
        if not ranked:
            continue
        shared: dict[str, list[list[int]]] = {}
        apart: dict[str, list[list[int]]] = {}
        for column, ranked_by in RANKS.items():
            result.checked += len(ranked)
            result.findings.extend(_wrong(material, place, ranked, column, ranked_by))
            for group in _ties(ranked, ranked_by):
                same = len({ranked[i][column].cell.value for i in group}) == 1
                (shared if same else apart).setdefault(column, []).append(group)
        for column, parts in SUMS.items():
            result.checked += len(ranked)
            result.findings.extend(_check_sums(material, place, ranked, column, parts))
        result.findings.extend(_scores_apart(material, place, ranked, apart))
        result.findings.extend(_digits_apart(material, place, ranked, apart))
        result.findings.extend(_shared(material, place, ranked, shared))
    return result


def _tables(material: Material) -> dict[Place, dict[int, Row]]:
    tables: dict[Place, dict[int, Row]] = {}
    for c in material.cells:
        rows = tables.setdefault((c.paper, c.table), {})
        rows.setdefault(c.cell.row_index, {}).setdefault(c.cell.metric, c)
    return tables


def recompute(rows: dict[int, Row], column: str) -> dict[int, tuple[int, int]]:
    """(best, worst) rank that the printed digits of ``column`` allow, by row index."""
    indices = list(rows)
    values = [rows[i][column].value.number for i in indices]
    ranks = competition_ranks(values)
    return {i: (rank, rank + values.count(v) - 1) for i, rank, v in zip(indices, ranks, values, strict=True)}


def _wrong(material: Material, place: Place, rows: dict[int, Row], column: str, ranked_by: str) -> list[Finding]:
    possible = recompute(rows, ranked_by)
    wrong = [i for i, (low, high) in possible.items() if not low <= rows[i][column].value.number <= high]
    if not wrong:
        return []
    parts = [
        f"{rows[i][column].cell.row} is printed {rows[i][column].cell.value}, {rows[i][ranked_by].cell.value} gives "
        f"{_spelled(possible[i])}" for i in wrong
    ]  # fmt: skip
    here = material.where(rows[wrong[0]][column])
    return [Finding(
        slug(*place, column), "ranks", "ranking", "contradiction",
        f"{here}: {column} of {listed([rows[i][column].cell.row for i in wrong], 3)} is not what its column gives",
        f"{here}, {column}: {listed(parts)}.", f"Ranks recomputed from the printed {ranked_by}.", "",
        cells=tuple(rows[i][column] for i in wrong), beside=tuple(rows[i][ranked_by] for i in wrong),
        cases=tuple(parts), weight=len(wrong),
    )]  # fmt: skip


def _spelled(allowed: tuple[int, int]) -> str:
    low, high = allowed
    return str(low) if low == high else f"{low} to {high}"


def _ties(rows: dict[int, Row], column: str) -> list[list[int]]:
    groups: dict[float, list[int]] = {}
    for index, row in rows.items():
        groups.setdefault(row[column].value.number, []).append(index)
    return [group for group in groups.values() if len(group) > 1]


def _describe(rows: dict[int, Row], group: list[int], column: str) -> str:
    names = listed([rows[i][column].cell.row for i in group])
    ranks = listed(list(dict.fromkeys(rows[i][column].cell.value for i in group)))
    return f"{names} with {rows[group[0]][RANKS[column]].cell.value} are ranked {ranks}"


def _scores_apart(
    material: Material, place: Place, rows: dict[int, Row], apart: dict[str, list[list[int]]]
) -> list[Finding]:
    """Equal sums of ranks have no hidden digits."""
    findings = []
    for column, groups in apart.items():
        if not RANKS[column].endswith("_score"):
            continue
        parts = [_describe(rows, g, column) for g in groups]
        here = material.where(rows[groups[0][0]][column])
        findings.append(Finding(
            slug(*place, column, "tie"), "ranks", "ranking", "contradiction",
            f"{here}: {listed([rows[i][column].cell.row for i in groups[0]])} have one score and two ranks",
            f"{here}, {column}: {listed(parts)}.", "Equal sums of ranks have no hidden digits.",
            "a slip: other ties of this table share their rank",
            f"{rows[groups[0][-1]][column].cell.row} shares rank {rows[groups[0][0]][column].cell.value}.",
            cells=tuple(rows[i][column] for g in groups for i in g), cases=tuple(parts), weight=len(groups),
        ))  # fmt: skip
    return findings


def _digits_apart(
    material: Material, place: Place, rows: dict[int, Row], apart: dict[str, list[list[int]]]
) -> list[Finding]:
    """Ties of printed digits told apart: by the exact counts where they are known, else undecidable from the print."""
    groups = [(c, g) for c, found in apart.items() if not RANKS[c].endswith("_score") for g in found]
    if not groups:
        return []
    exact = material.tables[place].exact
    wrong, right, open_ = [], [], []
    for column, group in groups:
        known = {i: exact.get(RANKS[column], {}).get(rows[i][column].cell.row) for i in group}
        ordered = sorted(group, key=lambda i: rows[i][column].value.number)
        counts = [known[i] for i in ordered]
        case = _describe(rows, ordered, column)
        if any(n is None for n in counts):
            open_.append((column, group, f"{case}: the digits that decide are not printed"))
        elif counts == sorted(counts, key=lambda n: n or 0):
            right.append((column, group, f"{case}, as {listed([f'{n:,}' for n in counts])} decide"))
        else:
            broken = f"{case}, though they have {listed([f'{n:,}' for n in counts])}: broken in the order of the table"
            wrong.append((column, group, broken))
    here = material.where(rows[groups[0][1][0]][groups[0][0]])
    findings = []
    if wrong:
        findings.append(_told_apart(place, rows, wrong, here, material.tables[place].exact_source))
    rest = [*right, *open_]
    if rest:
        findings.append(Finding(
            slug(*place, "ties-of-digits"), "ranks", "rounding", "explained",
            f"{here}: {len(rest)} ties of printed digits are told apart",
            f"{here} gives different ranks to {len(rest)} groups of equal digits.",
            f"{len(open_)} of them cannot be decided from what is printed.",
            "the digits that decide are not printed", cases=tuple(case for _, _, case in rest), weight=len(rest),
            cells=tuple(rows[i][c] for c, g, _ in rest for i in g),
        ))  # fmt: skip
    return findings


def _told_apart(
    place: Place, rows: dict[int, Row], wrong: list[tuple[str, list[int], str]], here: str, source: str
) -> Finding:
    names = [listed([rows[i][c].cell.row for i in g]) for c, g, _ in wrong]
    sums = [
        f"{rows[i]['main_rank'].cell.row} changes by one" for c, g, _ in wrong for i in g if c in SUMS["sub1_score"]
    ]  # fmt: skip
    return Finding(
        slug(*place, "ties-in-table-order"), "ranks", "ranking", "contradiction",
        f"{here}: {len(wrong)} ties of parameters are broken in the order of the table, not by the counts",
        f"{here}: {listed([case for _, _, case in wrong])}.", f"Exact parameters, {source}.",
        "rows with equal digits were numbered in the order of the main track",
        f"The ranks of {listed(names)} change places, and with them the sums of both sub-tracks by one.",
        cells=tuple(rows[i][c] for c, g, _ in wrong for i in g), cases=tuple(case for _, _, case in wrong),
        weight=len(wrong), figures={"ties": len(wrong), "sums changed": len(sums)},
    )  # fmt: skip


def _shared(
    material: Material, place: Place, rows: dict[int, Row], shared: dict[str, list[list[int]]]
) -> list[Finding]:
    groups = [(c, g) for c, found in shared.items() for g in found]
    if not groups:
        return []
    here = material.where(rows[groups[0][1][0]][groups[0][0]])
    return [Finding(
        slug(*place, "shared-ranks"), "ranks", "rounding", "explained",
        f"{here}: {len(groups)} ties of scores share the better rank",
        f"{here} gives {len(groups)} groups of equal scores one rank each.", "The next ranks are skipped.",
        "competition ranking", cells=tuple(rows[i][c] for c, g in groups for i in g), weight=0.5,
        cases=tuple(f"{c}: {_describe(rows, g, c)}" for c, g in groups),
    )]  # fmt: skip


def _check_sums(
    material: Material, place: Place, rows: dict[int, Row], column: str, parts: tuple[str, ...]
) -> list[Finding]:
    findings = []
    for row in rows.values():
        total = sum(row[p].value.number for p in parts)
        if total != row[column].value.number:
            summands = " + ".join(row[p].cell.value for p in parts)
            printed = row[column].cell
            text = f"{printed.row}: {column} is printed {printed.value}, {summands} is {total:.0f}"
            findings.append(Finding(
                slug(*place, printed.row, column), "ranks", "ranking", "contradiction",
                f"{material.where(row[column])}: {text}", f"{material.where(row[column])}, {text}.",
                "The sum of the printed ranks.", "", cells=(row[column],), beside=tuple(row[p] for p in parts),
                figures={"sum": total}, cases=(text,), weight=1.0,
            ))  # fmt: skip
    return findings


def run_floor(material: Material) -> Checks:
    """Entries that are ranked below the floor that is stated, and the floor that separates ranked from unranked."""
    result = Checks()
    for place, table in material.tables.items():
        for floor in table.floors:
            finding = _floor(material, place, floor, result)
            if finding:
                result.findings.append(finding)
    return result


def _floor(material: Material, place: Place, floor: Floor, result: Checks) -> Finding | None:
    rows: dict[int, Row] = {}
    for c in material.of_table(*place):
        if c.cell.metric == "main_rank" or (c.cell.metric, c.cell.dataset) == (floor.metric, floor.dataset):
            rows.setdefault(c.cell.row_index, {})[c.cell.metric] = c
    ranked = [row[floor.metric] for row in rows.values() if "main_rank" in row and floor.metric in row]
    result.checked += len(ranked)
    below = sorted((c for c in ranked if c.value.number < float(floor.least)), key=lambda c: c.value.number)
    if not below:
        return None
    applied = min(c.value.number for c in ranked)
    here = material.where(below[0])
    return Finding(
        slug(*place, "floor"), "ranks", "ranking", "contradiction",
        f"{here}: {len(below)} entries are ranked below the stated floor of {floor.least} dB",
        f"{here} ranks {listed([f'{c.cell.row} ({c.cell.value})' for c in below], 8)}.",
        f"The floor is stated as {floor.least} dB on {floor.dataset} ({floor.stated_by}); the ranked entry with the "
        f"least quality has {applied:.2f}.",
        f"the organisers applied a lower floor, {applied:.2f} dB or less",
        f"By the stated floor {len(below)} entries, {below[0].cell.row} first, would not be ranked and all ranks "
        "behind "
        "them would move up.",
        cells=tuple(below), cases=tuple(f"{c.cell.row}: {c.cell.value} dB" for c in below), weight=len(below),
        figures={"below": len(below), "applied": applied},
    )  # fmt: skip


CHECK = Check("ranks", "ranks", "Ranks, sums and ties", run, own_table=False)
FLOOR = Check("floor", "ranks", "Entries ranked below the floor", run_floor, own_table=False)
