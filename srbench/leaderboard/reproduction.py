"""The page of printed figures beside measured ones: every printed PSNR and SSIM of a network that was run here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srbench.leaderboard import measured, published
from srbench.leaderboard.schema import Images
from srbench.leaderboard.states import QUALITY, Comparison, State, compare
from srbench.quantities import get_quantity

_INTRO = """# Printed and measured

Written by `SRBENCH_UPDATE=1 pytest tests/leaderboard/test_reproduction.py`, and compared by the same test without the
variable. Every printed PSNR and SSIM of a network whose authors' weights were run here, beside our mean under the
protocol of the table. *Crop*: HR is cropped to multiples of the scale, or of the number given. *LR*: `imresize` rounds
after each pass of the resize, as MATLAB does on uint8 images; `double` rounds once. Both are those of the table, as
its own configuration or its digits tell. *Reproduced*: our mean rounds to the printed digits.
"""
_HEAD = "| model | scale | dataset | printed | measured | crop | LR | state |\n|---|---|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """What a table prints of one model, scale and dataset, beside ours; ``comparisons`` by quantity."""

    model: str
    scale: int
    dataset: str
    images: Images
    comparisons: dict[str, Comparison]

    @property
    def measured(self) -> bool:
        """Whether there is a figure of ours."""
        return any(c.measured is not None for c in self.comparisons.values())

    @property
    def state(self) -> State:
        """Of both figures: off if either is; else what either is that is not reproduced."""
        states = [c.state for c in self.comparisons.values()]
        return "off" if "off" in states else next((state for state in states if state != "reproduced"), "reproduced")

    @property
    def printed(self) -> str:
        """The digits as printed, PSNR/SSIM."""
        return "/".join(c.printed.cell.value for c in self.comparisons.values())

    @property
    def ours(self) -> str:
        """Our figures, with one digit more than usual where the table has more."""
        return "/".join(_ours(c) for c in self.comparisons.values())


def rows(comparisons: Iterable[Comparison]) -> dict[tuple[str, str], list[Row]]:
    """The printed qualities of registered models by (paper, table), one row per model, scale and dataset."""
    tables = {(p.key, t.id): t for p in published.papers() for t in p.tables}
    found: dict[tuple[str, str, int, int, str], dict[str, Comparison]] = {}
    for c in comparisons:
        cell = c.printed.cell
        if cell.model and cell.scale and cell.metric in QUALITY and c.printed.value.is_number:
            key = (c.printed.paper, c.printed.table, cell.row_index, cell.scale, cell.dataset)
            found.setdefault(key, {})[cell.metric] = c
    pages: dict[tuple[str, str], list[Row]] = {}
    for (paper, table, _index, scale, dataset), pair in found.items():
        model = next(iter(pair.values())).printed.cell.model
        images = tables[paper, table].images_of(dataset)
        pages.setdefault((paper, table), []).append(Row(model, scale, dataset, images, pair))
    return pages


def render(folder: Path | None = None) -> str:
    """The page as Markdown, of the results in ``folder`` (default: the shipped ones)."""
    pages = rows(compare(folder=folder))
    measured_rows = {place: [row for row in page if row.measured] for place, page in pages.items()}
    parts = [_INTRO, _summary(measured_rows)]
    causes: dict[str, int] = {}
    for (paper, table), page in measured_rows.items():
        if page:
            described = published.paper(paper).table(table)
            parts.append(f"## {published.paper(paper).short}, {described.number}\n")
            parts.append("\n".join([_HEAD, *(_line(row, causes) for row in page)]) + "\n")
    parts.append(
        "## Why a figure is off or not comparable\n\n" + "\n".join(f"{n}. {text}" for text, n in causes.items()) + "\n"
    )
    parts.append(_not_measured(pages))
    parts.append(_printed_nowhere(pages, folder))
    return "\n".join(parts)


def _summary(pages: dict[tuple[str, str], list[Row]]) -> str:
    lines = ["| paper | table | rows measured | reproduced | off | not comparable |", "|---|---|--:|--:|--:|--:|"]
    for (paper, table), page in pages.items():
        if page:
            states = Counter(row.state for row in page)
            shown = (states[state] for state in ("reproduced", "off", "not comparable"))
            lines.append(f"| {paper} | {table} | {len(page)} | {' | '.join(map(str, shown))} |")
    return "\n".join(lines) + "\n"


def _line(row: Row, causes: dict[str, int]) -> str:
    crop = str(row.images.crop or row.scale)
    state: str = row.state
    if state != "reproduced":
        why = dict.fromkeys(c.reason or "cause unknown" for c in row.comparisons.values() if c.state == state)
        state += " (" + ", ".join(str(causes.setdefault(text, len(causes) + 1)) for text in why) + ")"
    lr = row.images.lr
    cells = (row.model, f"x{row.scale}", row.dataset, row.printed, row.ours, crop, lr, state)
    return f"| {' | '.join(cells)} |"


def _ours(comparison: Comparison) -> str:
    if comparison.measured is None:
        return "–"
    printed = len(comparison.printed.cell.value.partition(".")[2])
    return f"{comparison.measured:.{max(printed, get_quantity(comparison.printed.cell.metric).digits)}f}"


def _not_measured(pages: dict[tuple[str, str], list[Row]]) -> str:
    """Rows of released weights without a figure of ours, gathered by what they lack."""
    found: dict[tuple[str, str, str], dict[str, list[int]]] = {}
    for (paper, table), page in pages.items():
        for row in page:
            first = next(iter(row.comparisons.values()))
            if first.state == "dataset not measured":
                found.setdefault((paper, table, first.reason), {}).setdefault(row.model, []).append(row.scale)
    lines = [
        "## Printed, and not measured here",
        "",
        "Rows of networks whose authors released weights: the images, or the file, were not at hand.",
        "",
        "| paper | table | models | rows | state: dataset not measured |",
        "|---|---|---|--:|---|",
    ]
    for (paper, table, reason), models in found.items():
        names = "; ".join(f"{name} {', '.join(f'x{scale}' for scale in scales)}" for name, scales in models.items())
        lines.append(f"| {paper} | {table} | {names} | {sum(map(len, models.values()))} | {reason} |")
    return "\n".join(lines) + "\n"


def _printed_nowhere(pages: dict[tuple[str, str], list[Row]], folder: Path | None) -> str:
    """What was measured with authors' weights, and stands in no table that is kept here."""
    printed = {(row.model, row.scale, row.dataset) for page in pages.values() for row in page}
    lines = list(_lines_without_print(printed, folder))
    head = (
        "## Measured, and printed in no table that is kept here\n\nAuthors' weights whose repository prints no row for "
        "these images: our figures stand alone.\n\n| model | scale | dataset | measured | crop | LR |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(lines) + "\n"


def _lines_without_print(printed: set[tuple[str, int, str]], folder: Path | None) -> Iterator[str]:
    frame = measured.load(folder)
    kept = frame[
        (frame.origin == "released")
        & frame.metric.isin(QUALITY)
        & frame.protocol.str.startswith("y-matlab@")
        & frame.limit.isna()
    ]
    figures: dict[tuple[str, int, str, str], dict[str, float]] = {}
    for record in kept.to_dict("records"):
        place = (str(record["model"]), int(record["scale"]), str(record["dataset"]), str(record["lr"]))
        figures.setdefault(place, {})[str(record["metric"])] = float(record["number"])
    for (model, scale, dataset, lr), values in sorted(figures.items()):
        name, _, crop = dataset.partition("@mod")
        if (model, scale, name) not in printed:
            ours = "/".join(get_quantity(name).text(values[name]) for name in QUALITY if name in values)
            yield f"| {model} | x{scale} | {name} | {ours} | {crop or scale} | {lr} |"
