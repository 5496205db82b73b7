"""Runtimes against the computation they need and the peak rate of the GPU they were taken on: one finding per table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from srbench.datasets.facts import dataset_facts
from srbench.leaderboard import published
from srbench.leaderboard.audit.finding import Check, Checks, Finding, Material, Verdict, listed, slug
from srbench.leaderboard.causes import networks
from srbench.leaderboard.published import PrintedCell
from srbench.leaderboard.schema import Paper, Table
from srbench.paths import leaderboards_dir

# A convolutional network rarely runs above this share of the peak; beyond it the clock is doubted.
USUAL_SHARE = 0.7
# Winograd's algorithm does a 3x3 convolution in 2.25 times (2x2 tiles) to 4 times (4x4) fewer multiplications.
WINOGRAD = 4.0
COUNTED_AT = (256, 256)
# Twice the pixels in less time is no matter of launch overhead.
MORE_PIXELS = 2.0


@dataclass(frozen=True)
class Gpu:
    """A GPU of hardware.toml; ``peak`` in FLOP/s, the higher of fp32 and TF32."""

    key: str
    name: str
    peak: float


def gpus(root: Path | None = None) -> dict[str, Gpu]:
    """Known GPUs by key."""
    return _gpus_of((root or leaderboards_dir()) / "hardware.toml")


@lru_cache(maxsize=8)
def _gpus_of(file: Path) -> dict[str, Gpu]:
    return {
        key: Gpu(key, str(d["name"]), 1e12 * max(float(d["tflops"]), float(d.get("tf32_tflops", 0.0))))
        for key, d in published.read_toml(file).items()
    }


def mean_pixels(dataset: str) -> float | None:
    """Mean pixels of an HR image of a test set, or None when they are not known."""
    facts = dataset_facts().get(dataset)
    return float(facts.mean_hr_pixels) if facts and facts.mean_hr_pixels else None


@dataclass(frozen=True)
class Rate:
    """A printed runtime with the rate of computation that it needs."""

    cell: PrintedCell
    needed: float
    pixels: float
    source: str
    gpu: Gpu

    @property
    def flops(self) -> float:
        """FLOP/s."""
        return self.needed / (self.cell.value.number / 1000)

    @property
    def share(self) -> float:
        """Of the GPU's peak."""
        return self.flops / self.gpu.peak


def run(material: Material) -> Checks:
    """Rates above the peak and larger images in less time, per table; GPUs that do not exist."""
    result = Checks()
    rows: dict[tuple[str, str, int, int | None], list[PrintedCell]] = {}
    for c in material.cells:
        rows.setdefault((c.paper, c.table, c.cell.row_index, c.cell.scale), []).append(c)
    rates: dict[tuple[str, str], list[Rate]] = {}
    shrinking: dict[tuple[str, str], list[list[PrintedCell]]] = {}
    for (paper, name, _, _), row in rows.items():
        times = [c for c in row if c.cell.metric == "runtime" and c.value.is_number]
        for time in times:
            rate = _rate(time, row, material.tables[paper, name], result)
            if rate is not None:
                result.checked += 1
                rates.setdefault((paper, name), []).append(rate)
        if _shrinks(times):
            shrinking.setdefault((paper, name), []).append(times)
    for place, found in rates.items():
        odd = [r for r in found if r.share > USUAL_SHARE]
        if odd or shrinking.get(place):
            result.findings.append(_finding(material, found, odd, shrinking.get(place, [])))
    result.findings.extend(_unknown_gpus(material.papers))
    return result


def _macs_per_hr_pixel(time: PrintedCell, row: list[PrintedCell]) -> tuple[float, str] | None:
    """MACs per HR pixel: of the registered network, else the row's printed cost at LR 256x256."""
    scale = time.cell.scale or 1
    if time.cell.model and networks.has(time.cell.model, scale):
        macs = networks.counts(time.cell.model, scale, COUNTED_AT)["macs"].macs
        return macs / (COUNTED_AT[0] * COUNTED_AT[1] * scale**2), f"{time.cell.model} as registered"
    printed = [c for c in row if c.cell.metric == "macs" and c.value.is_number]
    if not printed:
        return None
    per_pixel = printed[0].value.number / (COUNTED_AT[0] * COUNTED_AT[1] * scale**2)
    return per_pixel, f"the printed {printed[0].cell.value} at LR 256x256"


def _rate(time: PrintedCell, row: list[PrintedCell], table: Table, result: Checks) -> Rate | None:
    gpu = gpus().get(table.hardware)
    pixels = mean_pixels(time.cell.dataset)
    cost = _macs_per_hr_pixel(time, row)
    if gpu is None or pixels is None or cost is None:
        why = "GPU not named" if gpu is None else "image size not known" if pixels is None else "network not registered"
        result.unchecked.append(f"runtime of {time.place}: {why}")
        return None
    per_pixel, source = cost  # two floating point operations per multiply-accumulate
    return Rate(time, 2 * per_pixel * pixels, pixels, source, gpu)


def _shrinks(times: list[PrintedCell]) -> bool:
    """Whether a row takes no longer for images with more than twice the pixels."""
    known = sorted((mean_pixels(t.cell.dataset) or 0.0, t.value.number) for t in times if mean_pixels(t.cell.dataset))
    return bool(known) and any(pixels > MORE_PIXELS * known[0][0] and time <= known[0][1] for pixels, time in known[1:])


def _finding(material: Material, found: list[Rate], odd: list[Rate], shrinking: list[list[PrintedCell]]) -> Finding:
    first = found[0].cell
    here, gpu = material.where(first), found[0].gpu
    impossible = [r for r in odd if r.share >= WINOGRAD]
    cells = tuple(dict.fromkeys([*(r.cell for r in odd), *(c for row in shrinking for c in row)]))
    fine = [m for m in dict.fromkeys(r.cell.method for r in found) if m not in {c.method for c in cells}]
    verdict: Verdict = "contradiction" if impossible or shrinking else "suspicious"
    worst = max(found, key=lambda r: r.share)
    own = first.paper == material.mine
    ident = slug(first.paper, first.table, "clock")
    shrinks = listed([row[0].method for row in shrinking], 8)
    slower = f" {shrinks} take no longer for images with {MORE_PIXELS:g} to 6 times the pixels." if shrinking else ""
    what = (
        f"runtime of {listed([r.cell.method for r in odd])}"
        if own
        else f"{len(impossible or odd)} of {len(found)} runtimes"
    )
    verb = "is" if own and len(odd) == 1 else "are"
    good = f" Only {listed(fine)} keeps to what the GPU can do." if fine and not own else ""
    return Finding(
        ident, "runtime", "ranking" if impossible else "value", verdict,
        f"{here}: {what} {verb} {'impossible' if impossible else 'hardly possible'}"
        f", up to {worst.flops / 1e12:,.0f} TFLOP/s on a {gpu.name.removeprefix('NVIDIA ')}",
        f"{here} prints {listed([f'{r.cell.method} {r.cell.cell.dataset} {r.cell.cell.value}' for r in odd], 4)} s.",
        f"They would take up to {worst.share:,.0f} times the peak of a {gpu.name} ({gpu.peak / 1e12:g} TFLOP/s); from "
        f"{WINOGRAD:g} times on no algorithm does it, below that Winograd's may.{slower}{good}",
        "the clock was stopped when the kernels were launched, not when they had finished"
        + ("" if own else ", in all rows but those that fit; two clocks stand in one table"),
        "" if own else f"No ranking by time follows from {here}, and no sentence that calls one of these rows fast.",
        cells=cells, beside=tuple(r.cell for r in found if r.cell not in cells), weight=len(cells),
        cases=(*(_rate_case(r) for r in odd), *(_order_case(row) for row in shrinking)),
        figures={
            "impossible": len(impossible), "suspicious": len(odd) - len(impossible), "TFLOP/s": worst.flops / 1e12,
        },
    )  # fmt: skip


def _rate_case(rate: Rate) -> str:
    word = "impossible" if rate.share >= WINOGRAD else "suspicious (Winograd could do it)"
    return (
        f"{rate.cell.place}: {rate.cell.value.number:g} ms for {rate.needed / 1e9:,.0f} GFLOP ({rate.source}, "
        f"{rate.pixels:,.0f} HR pixels) is {rate.flops / 1e12:,.1f} TFLOP/s, {rate.share:.1f} times the peak: {word}"
    )


def _order_case(times: list[PrintedCell]) -> str:
    sized = sorted(((mean_pixels(t.cell.dataset) or 0.0, t) for t in times), key=lambda item: item[0])
    parts = [f"{t.cell.dataset} ({pixels:,.0f} pixels) {t.cell.value}" for pixels, t in sized]
    return f"{times[0].paper} {times[0].table}, {times[0].method}: {listed(parts)}"


def _unknown_gpus(papers: tuple[Paper, ...]) -> list[Finding]:
    known = gpus()
    findings = []
    for paper in papers:
        if paper.hardware and paper.hardware not in known:
            names = {g.name: g for g in known.values()}
            printed = paper.hardware_as_printed.replace("GTX", "GeForce GTX")
            near = difflib.get_close_matches(printed, names, n=3, cutoff=0.6)
            findings.append(Finding(
                slug(paper.key, "gpu"), "runtime", "convention", "suspicious",
                f"{paper.short} names a GPU that nobody sold: {paper.hardware_as_printed}",
                f"{paper.short} names '{paper.hardware_as_printed}'.", "No list of GPUs here has it (hardware.toml).",
                f"nearest are {listed(near)}" if near else "", about=paper.key,
            ))  # fmt: skip
    return findings


CHECK = Check("clocks", "runtime", "Runtimes against what the hardware can do", run)
