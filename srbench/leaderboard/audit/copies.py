"""Cells that repeat where they should not."""

from __future__ import annotations

from itertools import combinations

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed, slug
from srbench.leaderboard.causes import networks
from srbench.leaderboard.published import PrintedCell
from srbench.quantities import PSNR, SSIM

Pair = tuple[PrintedCell, PrintedCell]
RowKey = tuple[str, str, int, int | None]

# Costs that, all equal, mean that two entries are the same network or that a row was copied.
FINGERPRINT = ("params", "macs", "activations", "memory")


def run(material: Material) -> Checks:
    """PSNR/SSIM that repeat within a model or across models; costs that repeat across entries."""
    result = Checks()
    pairs = _pairs(material.cells)
    result.checked = sum(len(row) for row in pairs.values())
    result.findings.extend(_within_model(material, pairs))
    result.findings.extend(_alone(material, pairs))
    result.findings.extend(_across_models(material, pairs))
    result.findings.extend(_same_costs(material))
    result.findings.extend(_same_memory(material))
    return result


def _key(c: PrintedCell) -> RowKey:
    return c.paper, c.table, c.cell.row_index, c.cell.scale


def _pairs(cells: tuple[PrintedCell, ...]) -> dict[RowKey, dict[str, Pair]]:
    """PSNR and SSIM of every row by dataset."""
    partners = {(_key(c), c.cell.dataset): c for c in cells if c.cell.metric == SSIM}
    rows: dict[RowKey, dict[str, Pair]] = {}
    for c in cells:
        beside = partners.get((_key(c), c.cell.dataset))
        if c.cell.metric == PSNR and beside is not None and c.value.is_number:
            rows.setdefault(_key(c), {})[c.cell.dataset] = (c, beside)
    return rows


def _digits(pair: Pair) -> tuple[str, str]:
    return pair[0].cell.value, pair[1].cell.value


def _within_model(material: Material, pairs: dict[RowKey, dict[str, Pair]]) -> list[Finding]:
    """The same pair for two datasets or two scales of one row label of a table: the later one is the copy."""
    findings = []
    models: dict[tuple[str, str, str], list[tuple[int | None, str, Pair]]] = {}
    for (paper, table, _, scale), row in pairs.items():
        for dataset, pair in row.items():
            models.setdefault((paper, table, pair[0].cell.row), []).append((scale, dataset, pair))
    for found in models.values():
        for (scale_a, data_a, a), (scale_b, data_b, b) in combinations(found, 2):
            if _digits(a) == _digits(b):
                findings.append(_copied(material, a, b, f"{data_a} x{scale_a}", f"{data_b} x{scale_b}"))
    return findings


def _copied(material: Material, a: Pair, b: Pair, first: str, second: str) -> Finding:
    here, method = material.where(b[0]), b[0].method
    elsewhere = [
        c for c in material.cells
        if c.cell.model and (c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric)
        == (b[0].cell.model, b[0].cell.scale, b[0].cell.dataset, b[0].cell.metric)
        and c not in b and c.value.number == b[0].value.number
    ]  # fmt: skip
    also = f" {listed([material.where(c) for c in elsewhere])} repeats the number." if elsewhere else ""
    scale = b[0].cell.scale
    rank = _claimed_gain(material, b[0])
    return Finding(
        slug(b[0].paper, b[0].table, method, f"x{scale}", b[0].cell.dataset, "copied"), "copy",
        "ranking" if rank else "value", "contradiction",
        f"{here}: {method}'s {second} is copied from its {first} ({'/'.join(_digits(a))})",
        f"{here} prints {'/'.join(_digits(a))} for {method} on {first} and again on {second}.",
        f"The same two numbers on two test sets do not happen.{also}",
        f"one of the two was copied; {first} fits the rows around it, so {second} is the copy and the true value is "
        "lost",
        rank, cells=(*b, *elsewhere), beside=a, weight=100.0,
        cases=(f"{b[0].place}: {b[0].cell.value}/{b[1].cell.value}, the pair of {first}",),
    )  # fmt: skip


def _claimed_gain(material: Material, cell: PrintedCell) -> str:
    """Which rows of the column are ahead of a copied number by more than the usual spread of best rows."""
    column = [
        c for c in material.of_table(cell.paper, cell.table)
        if (c.cell.scale, c.cell.dataset, c.cell.metric) == (cell.cell.scale, cell.cell.dataset, cell.cell.metric)
    ]  # fmt: skip
    ahead = [c for c in column if c.cell.mark != "none" and c.value.number > cell.value.number]
    if not ahead:
        return ""
    best = max(ahead, key=lambda c: c.value.number)
    gap = best.value.number - cell.value.number
    return f"The lead of {best.method} over {cell.method}, {gap:.2f} dB there, is not supported."


def _alone(material: Material, pairs: dict[RowKey, dict[str, Pair]]) -> list[Finding]:
    """One PSNR on two test sets of a row that prints no SSIM: rare by chance, so suspicious."""
    rows: dict[RowKey, list[PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric == PSNR and c.value.is_number and _key(c) not in pairs:
            rows.setdefault(_key(c), []).append(c)
    findings = []
    for found in rows.values():
        for a, b in combinations(found, 2):
            challenge = material.table_of(a).kind == "challenge"
            if a.cell.value == b.cell.value and not challenge and "." in a.cell.value:
                text = f"{material.where(b)}: {b.method} x{b.cell.scale} prints {b.cell.value} on {a.cell.dataset}"
                findings.append(Finding(
                    slug(b.paper, b.table, b.method, f"x{b.cell.scale}", b.cell.dataset, "repeats"), "copy", "value",
                    "suspicious", f"{text} and on {b.cell.dataset}", f"{text} and on {b.cell.dataset}.",
                    "Two test sets seldom share a mean to the last digit.", "one of the two was copied", cells=(b,),
                    beside=(a,), cases=(f"{b.place}: {b.cell.value}",), weight=1.0, symptom=True,
                ))  # fmt: skip
    return findings


def _across_models(material: Material, pairs: dict[RowKey, dict[str, Pair]]) -> list[Finding]:
    """Two or more equal pairs in rows of different networks at one scale."""
    findings = []
    for (key_a, a), (key_b, b) in combinations(pairs.items(), 2):
        label_a, label_b = (next(iter(row.values()))[0] for row in (a, b))
        if key_a[3] != key_b[3] or _same_network(label_a, label_b):
            continue
        equal = [d for d in a if d in b and _digits(a[d]) == _digits(b[d])]
        own = material.mine == key_a[0] == key_b[0]
        if len(equal) < (1 if own else 2):
            continue
        first_is_mine = key_a[0] == material.mine != key_b[0]
        later, earlier = (a, b) if first_is_mine or (own and _quoted(material, b, equal)) else (b, a)
        one, other = (label_b, label_a) if later is b else (label_a, label_b)
        shared = listed([f"{d} ({'/'.join(_digits(a[d]))})" for d in equal])
        findings.append(Finding(
            slug(one.paper, one.table, one.method, f"x{key_a[3]}", "same-as", other.paper, other.method), "copy",
            "value", "suspicious",
            f"{material.where(one)}: {one.method} prints {len(equal)} pairs of {material.where(other)}'s "
            f"{other.method}",
            f"{material.where(one)}, {one.method}, and {material.where(other)}, {other.method}, are different networks "
            f"and print the same PSNR and SSIM at x{key_a[3]} for {shared}.",
            f"{len(equal)} pairs of two and four digits do not agree by chance.", "one table was filled from the other",
            cells=tuple(c for d in equal for c in later[d]), beside=tuple(c for d in equal for c in earlier[d]),
            cases=tuple(f"{later[d][0].place}: {'/'.join(_digits(later[d]))}" for d in equal), weight=len(equal),
            figures={"equal pairs": len(equal)},
        ))  # fmt: skip
    return findings


def _quoted(material: Material, row: dict[str, Pair], datasets: list[str]) -> bool:
    """Whether a row of one's own table has these cells from a published one."""
    cells = [c for d in datasets for c in row[d]]
    return all(
        any(
            c.paper != o.paper and c.value.number == o.value.number
            and (c.cell.model or c.method, c.cell.scale, c.cell.dataset, c.cell.metric)
            == (o.cell.model or o.method, o.cell.scale, o.cell.dataset, o.cell.metric)
            for o in material.cells
        ) for c in cells
    )  # fmt: skip


def _same_network(a: PrintedCell, b: PrintedCell) -> bool:
    """Whether two rows are of one network; a form for inference gives the images of the one it was made of."""
    if a.cell.model or b.cell.model:
        return _plain_form(a.cell.model) == _plain_form(b.cell.model)
    return a.method == b.method


def _plain_form(model: str) -> str:
    card = networks.card_of(model) if model else None
    return (card.equivalent_to if card else "") or model


def _same_costs(material: Material) -> list[Finding]:
    """Rows of one table with equal digits in every cost of the fingerprint."""
    rows: dict[RowKey, dict[str, PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric in FINGERPRINT and c.value.is_number:
            rows.setdefault(_key(c), {})[c.cell.metric] = c
    whole = {key: row for key, row in rows.items() if len(row) == len(FINGERPRINT)}
    findings = []
    for (key_a, a), (key_b, b) in combinations(whole.items(), 2):
        if key_a[:2] == key_b[:2] and all(a[m].cell.value == b[m].cell.value for m in FINGERPRINT):
            one, other = a["params"], b["params"]
            here = material.where(one)
            findings.append(Finding(
                slug(one.paper, one.table, one.method, "same-costs", other.method), "copy", "convention", "explained",
                f"{here}: {one.cell.row} and {other.cell.row} have the same costs to the last digit",
                f"{here} prints {listed([f'{m} {a[m].cell.value}' for m in FINGERPRINT])} for both.",
                "Four costs agree only for the same network.", "the same network under two names",
                cells=tuple(a.values()), beside=tuple(b.values()), weight=1.0,
            ))  # fmt: skip
    return findings


def _same_memory(material: Material) -> list[Finding]:
    """Memory or runtime equal to the last digit in two papers, though taken on other hardware."""
    taken: dict[tuple[str, str, int | None], list[PrintedCell]] = {}
    for c in material.cells:
        if c.cell.metric in ("memory", "runtime") and c.cell.model and c.value.is_number:
            taken.setdefault((c.cell.model, c.cell.metric, c.cell.scale), []).append(c)
    findings = []
    for (_, metric, _), found in taken.items():
        for a, b in combinations(found, 2):
            here, there = material.table_of(a), material.table_of(b)
            same = a.value.number == b.value.number and len(a.cell.value) > 4
            if a.paper == b.paper or here.hardware == there.hardware or not same:
                continue
            findings.append(Finding(
                slug(a.paper, a.table, a.method, metric, "taken-over"), "copy", "value", "suspicious",
                f"{material.where(a)}: {a.method}'s {metric} {a.cell.value} is that of {material.where(b)}",
                f"{material.where(a)} ({here.hardware_as_printed}) and {material.where(b)} "
                f"({there.hardware_as_printed}) print the same {metric}, {a.cell.value}, to the last digit.",
                "A measurement on other hardware and software rarely repeats.", "taken over from the other table",
                cells=(a,), beside=(b,), weight=1.0,
            ))  # fmt: skip
    return findings


CHECK = Check("copies", "copy", "Cells that repeat", run)
