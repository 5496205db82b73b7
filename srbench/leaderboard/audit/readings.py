"""Two conventions in one column: Set14's grey image in full or studio range, and HR crops that differ by set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import mean

from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, listed
from srbench.leaderboard.published import PrintedCell
from srbench.quantities import DEFAULT_QUALITY, PSNR
from srbench.results import trust

SET14_IMAGES = 14
GREY_IMAGES = 1  # bridge; man is stored in colour with equal channels
# Grey values as stored span 255 steps where studio-range luma spans 219: the same error weighs more in dB.
GREY_COST = 20 * math.log10(255 / 219) * GREY_IMAGES / SET14_IMAGES
MIN_ROWS = 8
# A step between two neighbouring rows has to be this wide, and each party this large.
LEAST_STEP = GREY_COST
MIN_PARTY = 3

Measured = tuple[str, int, str, str]


@dataclass(frozen=True)
class Gap:
    """Set14 minus BSD100 of one row, in dB."""

    set14: PrintedCell
    bsd100: PrintedCell

    @property
    def size(self) -> float:
        """The gap in dB."""
        return self.set14.value.number - self.bsd100.value.number


@dataclass(frozen=True)
class Split:
    """The rows of one table and scale on both sides of the widest step between their gaps."""

    scale: int | None
    low: tuple[Gap, ...]
    high: tuple[Gap, ...]

    @property
    def step(self) -> float:
        """From the largest gap of the lower party to the smallest of the upper one."""
        return min(g.size for g in self.high) - max(g.size for g in self.low)


def splits(cells: tuple[PrintedCell, ...]) -> list[Split]:
    """The split of every scale of one table's quality rows, where there is a step; interpolation left out."""
    first = {
        (c.cell.row_index, c.cell.scale, c.cell.dataset): c
        for c in cells if c.cell.metric == PSNR and c.value.is_number and not c.cell.model.startswith("bicubic")
    }  # fmt: skip
    by_scale: dict[int | None, list[Gap]] = {}
    for (row, scale, dataset), cell in first.items():
        other = first.get((row, scale, "bsd100"))
        if dataset == "set14" and other is not None:
            by_scale.setdefault(scale, []).append(Gap(cell, other))
    found = []
    for scale, gaps in by_scale.items():
        ordered = sorted(gaps, key=lambda g: g.size)
        steps = [
            (b.size - a.size, i + 1) for i, (a, b) in enumerate(pairwise(ordered))
            if i + 1 >= MIN_PARTY and len(ordered) - i - 1 >= MIN_PARTY
        ]  # fmt: skip
        if len(ordered) >= MIN_ROWS and steps and max(steps)[0] >= LEAST_STEP - 1e-9:
            at = max(steps)[1]
            found.append(Split(scale, tuple(ordered[:at]), tuple(ordered[at:])))
    return found


def run_grey(material: Material) -> Checks:
    """Tables whose rows fall into two parties by Set14 minus BSD100, the same parties at every scale."""
    result = Checks()
    parties: dict[tuple[str, str], list[Split]] = {}
    for paper, table in material.tables:
        cells = material.of_table(paper, table)
        result.checked += sum(c.cell.metric == PSNR and c.cell.dataset in ("set14", "bsd100") for c in cells)
        found = splits(cells)
        agreed = _agreed(found)
        if agreed:
            parties[paper, table] = agreed
    if parties:
        result.findings.append(_grey(material, [s for found in parties.values() for s in found]))
    return result


def _agreed(found: list[Split]) -> list[Split]:
    """The splits, if no row changes party from scale to scale; one that does (a slip of the pen) is left out."""
    both = {g.set14.method for s in found for g in s.low} & {g.set14.method for s in found for g in s.high}
    if len(both) > 1:
        return []
    return [
        Split(
            s.scale,
            tuple(g for g in s.low if g.set14.method not in both),
            tuple(g for g in s.high if g.set14.method not in both),
        )
        for s in found
    ]


def _grey(material: Material, found: list[Split]) -> Finding:
    low = list(dict.fromkeys(g.set14.method for s in found for g in s.low))
    high = list(dict.fromkeys(g.set14.method for s in found for g in s.high))
    places = listed(list(dict.fromkeys(material.where(g.set14) for s in found for g in s.low)))
    steps = [s.step for s in found]
    apart = [mean(g.size for g in s.high) - mean(g.size for g in s.low) for s in found]
    papers = () if material.mine else tuple(dict.fromkeys(g.set14.paper for s in found for g in s.low))
    return Finding(
        "set14-grey-image", "convention", "ranking", "suspicious",
        f"Set14 holds two conventions: {len(low)} older rows lose {GREY_COST:.2f} dB on one grey image, newer do not",
        f"{places} set {listed(low, 12)} beside {listed(high, 12)} in one column of Set14.",
        f"Set14 minus BSD100 falls into the same two parties at every scale, with an empty step of {min(steps):.2f} to "
        f"{max(steps):.2f} dB between them. One of Set14's {SET14_IMAGES} images is stored as grey: measured in full "
        f"range instead of studio-range luma it costs 20 log10(255/219)/{SET14_IMAGES} = {GREY_COST:.4f} dB of the "
        f"mean. {_evidence(papers)}".rstrip(),
        "older rows come from MATLAB scripts that take a grey file as it is; newer ones read every file as colour. "
        "Both are right by their own rule; the column mixes them",
        f"Of every gain of {listed(high, 3)} and later over the older rows on Set14, about {GREY_COST:.2f} dB is the "
        "convention.",
        cells=tuple(g.set14 for s in found for g in s.low), beside=tuple(g.set14 for s in found for g in s.high),
        cases=tuple(
            f"{s.low[0].set14.paper} {s.low[0].set14.table} x{s.scale}: {len(s.low)} rows up to "
            f"{max(g.size for g in s.low):.2f} ({s.low[-1].set14.method}), {len(s.high)} rows from "
            f"{min(g.size for g in s.high):.2f} dB ({s.high[0].set14.method})" for s in found
        ),
        figures={
            "grey cost": round(GREY_COST, 4), "least step": round(min(steps), 2), "means apart": round(max(apart), 2),
        },
        weight=len(low),
    )  # fmt: skip


def _believed(folder: Path | None = None) -> trust.Believed:
    """The results of a folder (default: the shipped ones), which several checks ask for."""
    from srbench.leaderboard import measured

    return _read(measured.folder_or_default(folder))


@lru_cache(maxsize=4)
def _read(folder: Path) -> trust.Believed:
    return trust.read(folder)


@lru_cache(maxsize=8)
def _evidence(papers: tuple[str, ...]) -> str:
    """What our measurements say of ``papers``: bicubic with the grey file as stored, newer rows with it as luma."""
    from srbench.leaderboard import states

    if not papers:
        return ""
    known = [
        c
        for c in states.compare(papers, read=_believed())
        if c.measured is not None and c.printed.cell.metric in DEFAULT_QUALITY
    ]
    bicubic = [c for c in known if c.source and c.source["protocol"].startswith("y-matlab-plane@")]
    newer = [
        c for c in known
        if c.printed.cell.dataset == "set14" and c.source and c.source["protocol"].startswith("y-matlab@")
        and not c.printed.cell.model.startswith("bicubic")
    ]  # fmt: skip
    parts = []
    for words, found in (
        ("printed cells of bicubic come out exactly with that image in full range (protocol y-matlab-plane)", bicubic),
        ("Set14 cells of newer rows with released weights with it as luma (y-matlab)", newer),
    ):
        if found:
            exact = sum(c.state == "reproduced" for c in found)
            parts.append(f"{exact} of {len(found)} {words}")
    return f"Measured here: {listed(parts)}." if parts else ""


def run_crops(material: Material) -> Checks:
    """Rows that our measurements give with HR cropped to multiples of 12 on one set, of the scale on another."""
    result = Checks()
    values = _both_crops()
    rows: dict[tuple[str, str, int], list[tuple[PrintedCell, bool, bool]]] = {}
    for c in material.cells:
        key = (c.cell.model, c.cell.scale, c.cell.dataset, c.cell.metric)
        if key not in values or not c.value.is_number:
            continue
        result.checked += 1
        plain, cropped = (any(abs(v - c.value.number) <= c.value.quantum / 2 for v in way) for way in values[key])
        rows.setdefault((c.paper, c.table, c.cell.row_index), []).append((c, plain, cropped))
    mixed: list[list[tuple[PrintedCell, bool, bool]]] = []
    whole: list[list[tuple[PrintedCell, bool, bool]]] = []
    for found in rows.values():
        only = {
            crop: {c.cell.dataset for c, a, b in found if (b and not a if crop else a and not b)} for crop in (0, 1)
        }
        if only[1]:
            (mixed if only[0] - only[1] else whole).append(found)
    result.findings = [_crops(material, part, name) for part, name in ((mixed, "mixed"), (whole, "whole")) if part]
    return result


@lru_cache(maxsize=4)
def _both_crops(folder: Path | None = None) -> dict[Measured, tuple[tuple[float, ...], tuple[float, ...]]]:
    """What released weights give with HR cropped to multiples of the scale and of 12, where both were measured.

    LR images rounded once and after each pass of imresize are both taken: which ones a paper used is another matter.
    """
    from srbench.leaderboard import measured

    found: dict[Measured, tuple[list[float], list[float]]] = {}
    for row in measured.rows(measured.records(folder, _believed(folder))):
        whole = row["limit"] is None and row["number"] is not None
        dataset, _, crop = str(row["dataset"]).partition("@")
        if whole and row["origin"] == "released" and row["protocol"].startswith("y-matlab@") and crop in ("", "mod12"):
            key = (str(row["model"]), int(row["scale"]), dataset, str(row["metric"]))
            found.setdefault(key, ([], []))[bool(crop)].append(float(row["number"]))
    return {key: (tuple(a), tuple(b)) for key, (a, b) in found.items() if a and b}


def _crops(material: Material, rows: list[list[tuple[PrintedCell, bool, bool]]], name: str) -> Finding:
    cropped = [c for row in rows for c, a, b in row if b and not a]
    plain = [c for row in rows for c, a, b in row if a and not b]
    places = listed(list(dict.fromkeys(material.where(c) for c in cropped)))
    sets = listed(list(dict.fromkeys(c.cell.dataset for c in cropped)))
    others = listed(list(dict.fromkeys(c.cell.dataset for c in plain)))
    mixed = f" but {others} to multiples of the scale" if name == "mixed" else ""
    return Finding(
        f"crops-{name}", "convention", "convention", "suspicious" if mixed else "explained",
        f"{places}: {len(rows)} rows were measured on {sets} cropped to multiples of 12{mixed}",
        f"{places} print {len(cropped)} cells that our measurements give only with HR cropped to multiples of 12.",
        f"The released weights give them on {sets} so cropped" + (f", {others} uncropped." if mixed else "."),
        "BasicSR prepares test sets so (GTmod12)" + (", and here not all of them" if mixed else ""),
        "Against tables with the usual crop this is about -0.02 dB and +0.0005 SSIM on Set5.", cells=tuple(cropped),
        beside=tuple(plain), weight=len(cropped), cases=tuple(f"{c.place}: {c.cell.value}" for c in cropped),
    )  # fmt: skip


GREY = Check("set14-grey", "convention", "One grey image of Set14 in two ranges", run_grey)
CROPS = Check("crops", "convention", "HR crops that differ from set to set", run_crops, own_table=False)
