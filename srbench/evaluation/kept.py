"""How many images of the cells of a plan an earlier run has left in the journal; no pixels are read for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.evaluation.cells import Cell, image_file, image_folder
from srbench.evaluation.engine.pairs import files_of
from srbench.evaluation.engine.setting import Engine, threads_for
from srbench.results import journal
from srbench.results.environment import versions

if TYPE_CHECKING:
    from srbench.datasets.dataset import ImagePair

SHORT_OF_MEMORY = "as shipped, since memory is short"
"""What the C allocator was told where ``--memory`` was given."""


def journal_name(cells: Sequence[Cell]) -> str:
    """The name of a pass in the journal: that of its first cell, with the number of cells."""
    return cells[0].name if len(cells) == 1 else f"{cells[0].name}+{len(cells) - 1}"


def subject(cell: Cell) -> tuple[str, int]:
    """The model and the scale of a cell."""
    return cell.card.name, cell.scale


def passes(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """Cells that differ only in the protocol, together: the SR images are the same."""
    for _, group in groupby(cells, key=lambda c: (c.weights.name, id(c.dataset), c.quantities)):
        yield list(group)


def with_kept(cells: Sequence[Cell], folder: Path, engine: Engine, save_images: Path | None = None) -> list[Cell]:
    """The cells, those to be computed with how many of their images the run will take up from ``folder``'s journal.

    Rows count whose header agrees in all that is known before the model is open, and whose files have not changed.
    """
    names = set(journal.passes(folder))
    if not names:
        return list(cells)
    todo = [cell for cell in cells if cell.existing is None]
    kept: dict[str, int] = {}
    for _, of_subject in groupby(todo, key=subject):
        for group in passes(list(of_subject)):
            if journal_name(group) in names:
                found = _kept(group, journal.folder_of(folder, journal_name(group)), engine, save_images)
                kept |= dict.fromkeys((cell.name for cell in group), found)
    return [replace(cell, kept=kept.get(cell.name, 0)) if cell.existing is None else cell for cell in cells]


def _kept(cells: Sequence[Cell], folder: Path, engine: Engine, save_images: Path | None) -> int:
    cell = cells[0]
    if any(quantity.needs == "set" for quantity in cell.quantities):  # all SR images are needed at once
        return 0
    saved = None if save_images is None else image_folder(cell, save_images).absolute()
    most = 0
    for header in journal.headers(folder):
        if _agrees(header, cells, engine):
            rows = unchanged(journal.rows(folder, header), cell.dataset.images, saved)
            most = max(most, sum(1 for _ in rows))
    return most


def unchanged(rows: Iterable[journal.Row], images: Sequence[ImagePair], saved: Path | None) -> Iterator[journal.Row]:
    """The rows of images whose files have not changed since, and whose SR images are in ``saved`` where that is given.

    Args:
        rows: of a journal, with an index of 0 or more each.
        images: of the dataset.
        saved: folder of SR images; None where none are wanted.
    """
    for row in rows:
        if row["index"] >= len(images):
            continue
        pair = images[row["index"]]
        there = saved is None or image_file(saved, pair.name).is_file()
        if row.get("image") == pair.name and row.get("files") == files_of(pair) and there:
            yield {**row, "image": pair.name}  # the same text, which is in memory already


def _agrees(header: journal.Header, cells: Sequence[Cell], engine: Engine) -> bool:
    """Whether a header is of these cells, computed as ``engine`` does; a header of another form is not."""
    try:
        return (
            header["names"] == {cell.protocol.id: cell.name for cell in cells}
            and header["quantities"] == [quantity.name for quantity in cells[0].quantities]
            and len(header["records"]) == len(cells)
            and all(
                _is_of(record, cell) and _computed_so(record["computed"], cell, engine)
                for record, cell in zip(header["records"], cells, strict=True)
            )
        )
    except (AttributeError, LookupError, TypeError):
        return False


def _is_of(record: dict[str, Any], cell: Cell) -> bool:
    """Whether the outline of a record is that of the cell."""
    data, way = record["dataset"], cell.way
    return bool(
        record["model"]["source_sha256"] == cell.source_sha256
        and (record["weights"]["name"], record["weights"]["sha256"]) == (cell.weights.name, cell.weights.sha256)
        and (data["name"], data["lr"], data["images"], data["limit"])
        == (cell.dataset.name, cell.dataset.lr, len(cell.dataset.images), cell.limit)
        and record["protocol"] == cell.protocol.model_dump(mode="json")
        and (record["precision"], record["device"], record["backend"], record["self_ensemble"])
        == (way.precision, way.device, way.backend, way.self_ensemble)
        and record["versions"] == versions()
    )


def _computed_so(computed: dict[str, Any], cell: Cell, engine: Engine) -> bool:
    """Whether images that were computed so are what ``engine`` would compute, as far as the model need not be open."""
    from srbench.cost.load import default_threads

    on_cpu = not cell.device.startswith("cuda")
    threads = threads_for(engine, default_threads(), len(cell.dataset.images)) if on_cpu else None
    tiles, layout = computed["tiles"], engine.memory_format
    if tiles is None:
        cut_alike = engine.tile is None
    else:
        cut = engine.tile is not None or engine.memory is not None
        cut_alike = cut and (tiles["tile_asked"], tiles["overlap_asked"]) == (engine.tile, engine.overlap)
    short = on_cpu and (computed["allocator"] == SHORT_OF_MEMORY) != (engine.memory is not None)
    return (
        computed["threads"] == threads
        and not short
        and cut_alike
        and (layout in (computed["memory_format"], "fastest") or cell.card.network is None)
    )
