"""Cells that repeat where they should not."""

from __future__ import annotations

from itertools import combinations

from srbench.leaderboard.audit.finding import Checks, Finding, Verdict, listed
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper

Pair = tuple[PrintedCell, PrintedCell]
RowKey = tuple[str, str, int, int | None]

# Costs that, all equal, mean that two entries are the same network or that a row was copied.
FINGERPRINT = ("params", "macs", "activations", "memory")


def check(cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> Checks:
    """PSNR/SSIM pairs that repeat within a model or across models; costs that repeat across entries."""
    result = Checks()
    pairs = _pairs(cells)
    result.checked = sum(len(row) for row in pairs.values())
    result.findings.extend(_within_model(pairs))
    result.findings.extend(_across_models(pairs))
    result.findings.extend(_same_costs(cells))
    result.findings.extend(_same_memory(cells, papers))
    return result


def _key(c: PrintedCell) -> RowKey:
    return c.paper, c.table, c.cell.row_index, c.cell.scale


def _pairs(cells: tuple[PrintedCell, ...]) -> dict[RowKey, dict[str, Pair]]:
    """PSNR and SSIM of every row by dataset."""
    ssim = {(_key(c), c.cell.dataset): c for c in cells if c.cell.metric == "ssim"}
    rows: dict[RowKey, dict[str, Pair]] = {}
    for c in cells:
        beside = ssim.get((_key(c), c.cell.dataset))
        if c.cell.metric == "psnr" and beside is not None:
            rows.setdefault(_key(c), {})[c.cell.dataset] = (c, beside)
    return rows


def _digits(pair: Pair) -> tuple[str, str]:
    return pair[0].cell.value, pair[1].cell.value


def _within_model(pairs: dict[RowKey, dict[str, Pair]]) -> list[Finding]:
    """The same pair for two datasets or two scales of one row label of a table."""
    findings = []
    models: dict[tuple[str, str, str], list[tuple[int | None, str, Pair]]] = {}
    for (paper, table, _, scale), row in pairs.items():
        for dataset, pair in row.items():
            models.setdefault((paper, table, pair[0].cell.row), []).append((scale, dataset, pair))
    for (paper, table, row_label), found in models.items():
        for (scale_a, data_a, a), (scale_b, data_b, b) in combinations(found, 2):
            if _digits(a) == _digits(b):
                text = (
                    f"{paper} {table}, {row_label}: {data_b} x{scale_b} repeats the pair of {data_a} x{scale_a}, "
                    f"{a[0].cell.value}/{a[1].cell.value}."
                )
                findings.append(
                    Finding("copy", "contradiction", text, (*a, *b), "one of the two was copied from the other")
                )
    return findings


def _across_models(pairs: dict[RowKey, dict[str, Pair]]) -> list[Finding]:
    """Two or more equal pairs in rows of different networks at one scale."""
    findings = []
    for (key_a, a), (key_b, b) in combinations(pairs.items(), 2):
        label_a, label_b = (next(iter(row.values()))[0] for row in (a, b))
        if key_a[3] != key_b[3] or _same_network(label_a, label_b):
            continue
        equal = [d for d in a if d in b and _digits(a[d]) == _digits(b[d])]
        if len(equal) >= 2:
            text = (
                f"{label_a.paper} {label_a.table}, {label_a.cell.row}, and {label_b.paper} {label_b.table}, "
                f"{label_b.cell.row}, are different networks but print the same PSNR and SSIM x{key_a[3]} for "
                + listed([f"{d} ({'/'.join(_digits(a[d]))})" for d in equal])
                + "."
            )
            verdict: Verdict = "suspicious"
            findings.append(
                Finding(
                    "copy",
                    verdict,
                    text,
                    tuple(c for d in equal for c in (*a[d], *b[d])),
                    "",
                    {"equal pairs": len(equal)},
                )
            )
    return findings


def _same_network(a: PrintedCell, b: PrintedCell) -> bool:
    if a.cell.model or b.cell.model:
        return a.cell.model == b.cell.model
    return a.method == b.method


def _same_costs(cells: tuple[PrintedCell, ...]) -> list[Finding]:
    """Rows of one table with equal digits in every cost of the fingerprint."""
    rows: dict[RowKey, dict[str, PrintedCell]] = {}
    for c in cells:
        if c.cell.metric in FINGERPRINT and c.value.is_number:
            rows.setdefault(_key(c), {})[c.cell.metric] = c
    whole = {key: row for key, row in rows.items() if len(row) == len(FINGERPRINT)}
    findings = []
    for (key_a, a), (key_b, b) in combinations(whole.items(), 2):
        if key_a[:2] == key_b[:2] and all(a[m].cell.value == b[m].cell.value for m in FINGERPRINT):
            text = (
                f"{key_a[0]} {key_a[1]}: {a['params'].cell.row} and {b['params'].cell.row} print the same "
                + listed([f"{m} {a[m].cell.value}" for m in FINGERPRINT])
                + "."
            )
            why = "the same network under two names"
            findings.append(Finding("copy", "explained", text, (*a.values(), *b.values()), why))
    return findings


def _same_memory(cells: tuple[PrintedCell, ...], papers: tuple[Paper, ...]) -> list[Finding]:
    """Memory or runtime equal to the last digit in two papers, though taken on other hardware."""
    hardware = {(p.key, t.id): (t.hardware, t.hardware_as_printed) for p in papers for t in p.tables}
    taken: dict[tuple[str, str, int | None], list[PrintedCell]] = {}
    for c in cells:
        if c.cell.metric in ("memory", "runtime") and c.cell.model and c.value.is_number:
            taken.setdefault((c.cell.model, c.cell.metric, c.cell.scale), []).append(c)
    findings = []
    for (model, metric, _), found in taken.items():
        for a, b in combinations(found, 2):
            here, there = hardware[a.paper, a.table], hardware[b.paper, b.table]
            if (
                a.paper != b.paper
                and here[0] != there[0]
                and a.value.number == b.value.number
                and len(a.cell.value) > 4
            ):
                text = (
                    f"{model}: {a.paper} {a.table} ({here[1]}) and {b.paper} {b.table} ({there[1]}) print the same "
                    f"{metric}, {a.cell.value}, to the last digit."
                )
                why = "a measurement on other hardware and software rarely repeats; taken over from the other table"
                findings.append(Finding("copy", "suspicious", text, (a, b), why))
    return findings
