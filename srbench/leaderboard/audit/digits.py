"""What the digits themselves tell: SSIM padded with a zero, and pairs of rows whose PSNR and SSIM go opposite ways."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed, slug
from srbench.leaderboard.audit.slips import transposed
from srbench.leaderboard.published import PrintedCell
from srbench.quantities import DEFAULT_QUALITY, PSNR, SSIM

# Less likely than this, the zeros are no accident; the many rows looked at are allowed for.
ACCIDENT = 1e-4
# A pair is inverted when PSNR says one thing by this many dB and SSIM the other by this much.
LEAST_PSNR, LEAST_SSIM = 0.05, 0.0005
# A row in this many inverted pairs of one column is the odd one of them all.
ODD_ROW = 5


def tail(hits: int, trials: int, chance: float) -> float:
    """Probability of at least ``hits`` of ``trials`` at ``chance`` each.

    >>> f"{tail(13, 15, 0.1):.1e}"
    '8.6e-12'
    """
    return float(sum(comb(trials, i) * chance**i * (1 - chance) ** (trials - i) for i in range(hits, trials + 1)))


def run_padded(material: Material) -> Checks:
    """Four-digit SSIM that end in 0 too often: three digits with a zero behind."""
    result = Checks()
    rows: dict[tuple[str, str, str], list[PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric == SSIM and c.value.is_number and len(c.cell.value.partition(".")[2]) == 4:
            rows.setdefault((c.paper, c.table, c.cell.row), []).append(c)
            result.checked += 1
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[list[PrintedCell], list[PrintedCell]]]] = {}
    for row in rows.values():
        for part in (row, *(_of_dataset(row, d) for d in dict.fromkeys(c.cell.dataset for c in row))):
            zeros = [c for c in part if c.cell.value.endswith("0")]
            limit = ACCIDENT if part is row else 0.0011
            if len(part) >= 3 and tail(len(zeros), len(part), 0.1) < limit:
                datasets: tuple[str, ...] = () if part is row else (part[0].cell.dataset,)
                groups.setdefault((part[0].method if part is row else "", datasets), []).append((part, zeros))
    whole = {method for method, datasets in groups if not datasets}
    for (method, datasets), found in groups.items():
        if not datasets:
            result.findings.append(_padded(material, found, method, ""))
            continue
        by_method: dict[str, list[tuple[list[PrintedCell], list[PrintedCell]]]] = {}
        for part, zeros in found:
            by_method.setdefault(part[0].method, []).append((part, zeros))
        others = [pair for name, pairs in by_method.items() if name not in whole for pair in pairs]
        if len(by_method) >= 3 and others:
            result.findings.append(_padded(material, others, "", datasets[0]))
    return result


def _of_dataset(row: list[PrintedCell], dataset: str) -> list[PrintedCell]:
    return [c for c in row if c.cell.dataset == dataset]


def _padded(
    material: Material, found: list[tuple[list[PrintedCell], list[PrintedCell]]], method: str, dataset: str
) -> Finding:
    part, zeros = max(found, key=lambda pair: len(pair[1]))
    chance = tail(len(zeros), len(part), 0.1)
    cells = tuple(c for _, z in found for c in z)
    methods = listed(list(dict.fromkeys(c.method for c in cells)))
    places = listed(list(dict.fromkeys(material.where(c) for c in cells)))
    what = f"{methods}'s SSIM" + (f" on {dataset}" if dataset else "")
    return Finding(
        slug("padded", dataset or method), "outlier", "rounding", "suspicious",
        f"{what}: {len(zeros)} of {len(part)} end in 0 (p = {chance:.0e}): three digits printed as four",
        f"{places} print {what} with four digits, of which {len(zeros)} of {len(part)} end in 0.",
        f"By chance one in ten does; {len(zeros)} of {len(part)} have a probability of {chance:.1e}.",
        "three digits were known and a zero was put behind; the true fourth digit is lost",
        "Comparisons with these rows in the fourth digit of SSIM mean nothing.", cells=cells, weight=len(cells),
        cases=tuple(f"{z[0].paper} {z[0].table}, {z[0].method}: {len(z)} of {len(p)}" for p, z in found),
        figures={"zeros": len(zeros), "of": len(part), "p": chance},
    )  # fmt: skip


def run_inversions(material: Material) -> Checks:
    """Pairs of rows of one column where the higher PSNR has the lower SSIM, by more than rounding."""
    result = Checks()
    columns: dict[tuple[str, str, int | None, str], dict[int, dict[str, PrintedCell]]] = {}
    for c in material.cells:
        if c.cell.metric in DEFAULT_QUALITY and c.value.is_number and material.table_of(c).kind != "challenge":
            key = (c.paper, c.table, c.cell.scale, c.cell.dataset)
            columns.setdefault(key, {}).setdefault(c.cell.row_index, {})[c.cell.metric] = c
    pairs: list[tuple[PrintedCell, ...]] = []
    swaps: dict[tuple[object, ...], tuple[PrintedCell, ...]] = {}
    for rows in columns.values():
        whole = [(row[PSNR], row[SSIM]) for row in rows.values() if len(row) == 2]
        result.checked += len(whole)
        for a, b in combinations(whole, 2):
            better, worse = (a, b) if a[0].value.number > b[0].value.number else (b, a)
            gain = better[0].value.number - worse[0].value.number
            loss = worse[1].value.number - better[1].value.number
            if loss == 0 and worse[0].cell.value in transposed(better[0].cell.value):
                first = better[0].cell
                swaps.setdefault((first.model, worse[0].cell.model, first.scale, first.dataset), (*better, *worse))
            elif gain >= LEAST_PSNR and loss >= LEAST_SSIM:
                pairs.append((*better, *worse))
    result.findings = [*(_swap(material, p) for p in swaps.values()), *_inverted(material, pairs)]
    return result


def _inverted(material: Material, pairs: list[tuple[PrintedCell, ...]]) -> list[Finding]:
    """Pairs that share one odd row are evidence against that row; the others are one finding."""
    findings, rest = [], list(pairs)
    if material.mine:  # of one's own table: each row that is in most of the pairs that are left, one after the other
        rest = [p for p in pairs if p[0].paper == material.mine]
        while rest:
            cell = Counter(c for p in rest for c in (p[0], p[2])).most_common(1)[0][0]
            of_row = [p for p in rest if cell in p]
            rest = [p for p in rest if p not in of_row]
            name = slug(cell.method, f"x{cell.cell.scale}", cell.cell.dataset)
            findings.append(_inversion(material, of_row, (cell,), name, True))
        return findings
    by_cell = Counter(c for p in pairs for c in (p[0], p[2]))
    for cell, count in by_cell.items():
        if count >= ODD_ROW:
            of_row = [p for p in pairs if cell in p]
            rest = [p for p in rest if p not in of_row]
            name = slug(cell.paper, cell.table, cell.method, f"x{cell.cell.scale}", cell.cell.dataset)
            findings.append(_inversion(material, of_row, (cell,), name, True))
    if rest:
        findings.append(_inversion(material, rest, tuple(dict.fromkeys(c for p in rest for c in p)), "pairs", False))
    return findings


def _inversion(
    material: Material, pairs: list[tuple[PrintedCell, ...]], cells: tuple[PrintedCell, ...], name: str, symptom: bool
) -> Finding:
    distinct = {tuple((c.method, c.cell.value) for c in p): p for p in pairs}
    cases = tuple(
        f"{p[0].paper} {p[0].table}: {p[0].method} {p[0].cell.value}/{p[1].cell.value}, "
        f"{p[2].method} {p[2].cell.value}/{p[3].cell.value}" for p in pairs
    )  # fmt: skip
    often = Counter(p[i].method for p in pairs for i in (0, 2))
    methods = listed([name for name, _ in often.most_common(3)])
    places = listed(list(dict.fromkeys(material.where(p[0]) for p in pairs)))
    return Finding(
        f"inversion-{name}", "outlier", "value" if symptom else "rounding", "suspicious",
        f"PSNR and SSIM rank {len(distinct)} pairs of rows in opposite ways, most often {methods}",
        f"{places} print {len(pairs)} pairs of rows whose higher PSNR has the lower SSIM.",
        f"The gaps are at least {LEAST_PSNR} dB and {LEAST_SSIM} SSIM the other way; {len(distinct)} pairs are "
        "distinct.",
        "numbers of different sources, or one of a pair taken over wrongly", cells=cells, cases=cases,
        weight=len(distinct), symptom=symptom, figures={"pairs": len(distinct)},
    )  # fmt: skip


def _swap(material: Material, pair: tuple[PrintedCell, ...]) -> Finding:
    better, similarity, worse, _ = pair
    what = f"{better.cell.dataset} x{better.cell.scale}"
    return Finding(
        slug("swap", better.method, worse.method, f"x{better.cell.scale}", better.cell.dataset), "outlier", "value",
        "suspicious",
        f"{material.where(better)}: {better.method} {better.cell.value} and {worse.method} {worse.cell.value} share "
        f"SSIM {similarity.cell.value} on {what}",
        f"{material.where(better)} prints {better.cell.value} for {better.method} and {worse.cell.value} for "
        f"{worse.method} on {what}, both with SSIM {similarity.cell.value}.",
        f"The two PSNR are each other's digits transposed, and {abs(better.value.number - worse.value.number):.2f} dB "
        "apart have the same SSIM.",
        "one of the two was probably written with transposed digits or in the other's row", cells=tuple(pair),
        cases=(f"{better.place}: {better.cell.value}; {worse.place}: {worse.cell.value}",), weight=2.0,
    )  # fmt: skip


PADDED = Check("padded-digits", "outlier", "SSIM padded with a zero", run_padded)
INVERSIONS = Check("inversions", "outlier", "PSNR and SSIM that rank two rows in opposite ways", run_inversions)
