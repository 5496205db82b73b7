"""A reported number looked up in the published tables: who prints it, and under which convention."""

from __future__ import annotations

from dataclasses import dataclass

from srbench.leaderboard import published
from srbench.metrics.conventions import Reported


@dataclass(frozen=True)
class PrintedAs:
    """A cell that prints the number. ``protocol`` is "" where the paper's could not be told."""

    method: str
    paper: str
    table: str
    metric: str
    value: str
    protocol: str
    images: str

    @property
    def convention(self) -> str:
        """Protocol and images in one."""
        return f"{self.protocol or 'unknown protocol'}, {self.images}"


def look_up(reported: Reported, dataset: str, scale: int) -> tuple[PrintedAs, ...]:
    """Every published cell of a dataset at a scale that prints the reported number, to its last digit.

    Of PSNR and SSIM together only rows that print both are given.
    """
    wanted = reported.by_quantity()
    rows: dict[tuple[str, str, int], list[published.PrintedCell]] = {}
    for cell in published.cells():
        about = cell.cell
        if (about.dataset, about.scale) != (dataset.lower(), scale) or about.metric not in wanted:
            continue
        number, within = wanted[about.metric]
        if abs(cell.value.number - number) <= within * (1 + 1e-9):
            rows.setdefault((cell.paper, cell.table, about.row_index), []).append(cell)
    return tuple(_printed(cell) for cells in rows.values() if len(cells) == len(wanted) for cell in cells)


def _printed(cell: published.PrintedCell) -> PrintedAs:
    paper = published.paper(cell.paper)
    table = paper.table(cell.table)
    images = table.images_of(cell.cell.dataset)
    crop = f"HR cropped to multiples of {images.crop or 'the scale'}"
    return PrintedAs(
        method=cell.method,
        paper=paper.short,
        table=table.number,
        metric=cell.cell.metric,
        value=cell.cell.value,
        protocol=table.protocol_of(cell.cell.model),
        images=crop + (", LR rounded once" if images.lr == "double" else ""),
    )


def sentence(found: tuple[PrintedAs, ...], text: str, dataset: str, scale: int) -> str:
    """Whether one convention or several fit a number that is printed somewhere."""
    where = f"{dataset} x{scale}"
    if not found:
        return f"No published table that srbench keeps prints {text} on {where}; give the images to try conventions."
    fits = list(dict.fromkeys(one.convention for one in found))
    if len(fits) == 1:
        return f"{text} on {where} is printed under one convention: {fits[0]}."
    return f"{text} on {where} fits several conventions, so the number alone does not tell which: {'; '.join(fits)}."
