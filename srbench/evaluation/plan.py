"""Which cells a run consists of, and which of them the results folder already holds.

A cell is model x weights x scale x dataset x protocol. It is already there only when a stored cell agrees in the
hash of the model's source, of the weights and of the data, in the protocol with all its parameters, in the limit
and the kind of LR, and has the runtime that this run is asked to measure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from srbench.download import CacheUnwritable
from srbench.errors import SrbenchError
from srbench.evaluation import resources
from srbench.evaluation.identity import data_sha256
from srbench.evaluation.plane import takes_plane
from srbench.metrics.protocols import Protocol, get_protocol
from srbench.models.card import ModelCard
from srbench.results import store
from srbench.results.record import CellRecord, WeightsRef

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.weights import ResolvedWeights

LrKind = Literal["imresize", "double", "files"]
LR_WORDS = {"imresize": "", "double": ", LR rounded once", "files": ", LR from files"}
"""How a kind of LR is said behind a dataset; nothing for the usual one."""


@dataclass(frozen=True)
class Failure:
    """A cell, or several of one model or dataset, that could not be computed, and why in one sentence.

    ``label`` names it for people where ``cell`` is the id of a cell.
    """

    cell: str
    reason: str
    label: str = ""

    @property
    def shown(self) -> str:
        """What to call it on a console."""
        return self.label or self.cell


@dataclass(frozen=True)
class Request:
    """What a run is asked for. ``datasets`` empty: Set5 if it can be had, else the embedded images.

    ``broken`` are models that have no card because their file failed.
    """

    cards: tuple[ModelCard, ...]
    weights: str = "auto"
    scales: tuple[int, ...] = (4,)
    datasets: tuple[str, ...] = ()
    lr: LrKind = "imresize"
    protocols: tuple[str, ...] = ("y-matlab",)
    limit: int | None = None
    device: str = "cpu"
    runtime: bool = True
    fetch: bool = True
    broken: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One cell to compute, or one that is already there (``existing``); ``why`` says why such a one is not taken."""

    name: str
    card: ModelCard
    weights: ResolvedWeights
    source_sha256: str
    scale: int
    dataset: Dataset
    protocol: Protocol
    limit: int | None
    device: str
    runtime: bool
    substitutions: tuple[str, ...] = ()
    existing: CellRecord | None = None
    why: str = ""

    @property
    def label(self) -> str:
        """The cell in words: ``mynet (whole.pth) x4 on set5, y-matlab@1``; its id is ``name``."""
        return f"{label_without_protocol(self)}, {self.protocol.id}"

    @property
    def has_quality(self) -> bool:
        """Whether there is something to score: weights, or an interpolation that needs none."""
        return self.weights.origin != "none"


@dataclass(frozen=True)
class Plan:
    """The cells of a run, what cannot be computed, and what is left out or replaced, in plain words."""

    cells: tuple[Cell, ...] = ()
    failures: tuple[Failure, ...] = ()
    left_out: tuple[str, ...] = ()
    substitutions: tuple[str, ...] = ()
    skipped_files: tuple[store.Skipped, ...] = field(default=())

    @property
    def todo(self) -> tuple[Cell, ...]:
        """The cells that are not there yet."""
        return tuple(cell for cell in self.cells if cell.existing is None)


def label_without_protocol(cell: Cell) -> str:
    """What the cells of one pass over a dataset have in common, in words."""
    used = cell.weights.name.removeprefix(f"{cell.card.name}.").removeprefix("user:")
    weights = {"none": " (no weights)", "not needed": ""}.get(cell.weights.name, f" ({used})")
    first = "" if cell.limit is None else f", first {cell.limit}"
    given = LR_WORDS[cell.dataset.lr]
    where = "" if cell.device == "cpu" else f", {cell.device}"
    data = cell.dataset.name.removeprefix("folder:")
    return f"{cell.card.name}{weights} x{cell.scale} on {data}{first}{given}{where}"


def image_folder(cell: Cell, root: Path) -> Path:
    """Where below ``root`` the SR images of a cell are saved: ``WEIGHTS/DATASET/x4``."""
    weights = store.named_weights(cell.card.name, cell.weights.name)
    return root / store.slug(weights) / store.slug(cell.dataset.name) / f"x{cell.scale}"


def _lacks_images(cell: Cell, root: Path) -> bool:
    folder = image_folder(cell, root)
    return cell.has_quality and not all((folder / f"{store.slug(p.name)}.png").is_file() for p in cell.dataset.images)


def plan(
    request: Request,
    folder: Path | None = None,
    *,
    force: bool = False,
    save_images: Path | None = None,
    on_bytes: resources.OnBytes | None = None,
) -> Plan:
    """Resolve weights and datasets and list every cell, model by model, with what ``folder`` already holds.

    Args:
        request: what to evaluate.
        folder: results folder to look for finished cells, or None.
        force: take no stored cell for finished.
        save_images: take none whose SR images are not all below this folder.
        on_bytes: told of downloads.

    Raises:
        SrbenchError: an unknown protocol, no such device, a cache that cannot be written, or no model has any of the
            scales.
    """
    resources.check_device(request.device)
    protocols = _unique_protocols(request.protocols)
    pairs, left_out = _models_and_scales(request)
    if not pairs:
        return Plan(failures=request.broken, left_out=tuple(left_out))
    records, skipped_files = store.read_all(folder) if folder is not None else ([], [])
    datasets, failures, substitutions = _open_datasets(request, sorted({scale for _, scale in pairs}), on_bytes)
    cells: list[Cell] = []
    choices = resources.weights_choices(request.weights, dict.fromkeys(card.name for card, _ in pairs))
    for card, scale in pairs:
        try:
            weights = resources.resolve_weights(
                card, scale, choices.get(f"{card.name}@{scale}", choices[card.name]), request.fetch, on_bytes
            )
            source = _source_hash(card)
        except CacheUnwritable:  # no model can be fetched then
            raise
        except SrbenchError as error:
            failures.append(Failure(f"{card.name} x{scale}", str(error)))
            continue
        said = (*substitutions, *((weights.substituted,) if weights.substituted else ()))
        for label, dataset in datasets[scale]:
            for protocol in protocols:
                if card.takes == "hr" and protocol.channel != "y":
                    left_out.append(
                        f"{card.name} gives luma only, which {protocol.id} does not measure; it is left out."
                    )
                    continue
                if protocol.prepare == "luma" and not takes_plane(card):
                    left_out.append(f"{card.name} takes colour, which {protocol.id} does not give; it is left out.")
                    continue
                cells.append(_cell(request, card, weights, source, label, dataset, protocol, said))
    if not force:
        cells = [_with_existing(cell, records, save_images) for cell in cells]
    replaced = dict.fromkeys(sentence for cell in cells for sentence in cell.substitutions)
    return Plan(
        tuple(cells),
        (*request.broken, *failures),
        tuple(dict.fromkeys(left_out)),
        tuple(replaced),
        tuple(skipped_files),
    )


def _with_existing(cell: Cell, records: Sequence[CellRecord], save_images: Path | None) -> Cell:
    found = _find(cell, records)
    if found is not None and save_images is not None and _lacks_images(cell, save_images):
        return replace(cell, why=f"its images are not in {save_images}")
    return replace(cell, existing=found)


def _unique_protocols(names: Iterable[str]) -> tuple[Protocol, ...]:
    return tuple({protocol.id: protocol for protocol in map(get_protocol, names)}.values())


def _models_and_scales(request: Request) -> tuple[list[tuple[ModelCard, int]], list[str]]:
    """Every (model, scale) there is, and a sentence for every one there is not."""
    pairs: list[tuple[ModelCard, int]] = []
    lacking: list[str] = []
    for card in request.cards:
        for scale in request.scales:
            if scale in card.scales:
                pairs.append((card, scale))
            else:
                has = ", ".join(f"x{s}" for s in card.scales)
                lacking.append(f"{card.name} has no x{scale} (it has {has})")
    if not pairs and not request.broken:
        raise SrbenchError(f"nothing to evaluate: {'; '.join(lacking) or 'no model was named; give --models'}.")
    return pairs, [f"{sentence}; that cell is left out." for sentence in lacking]


def _open_datasets(
    request: Request, scales: Sequence[int], on_bytes: resources.OnBytes | None
) -> tuple[dict[int, list[tuple[str, Dataset]]], list[Failure], tuple[str, ...]]:
    """The datasets of each scale; one that cannot be opened is a failure, the others go on."""
    names, substitutions = resources.datasets_for(
        request.datasets, scales, request.lr, fetch=request.fetch, on_bytes=on_bytes
    )
    opened: dict[int, list[tuple[str, Dataset]]] = {}
    failures: list[Failure] = []
    for scale in scales:
        opened[scale] = []
        for name in names:
            try:
                dataset = resources.open_dataset(name, scale, request.lr, request.limit, request.fetch, on_bytes)
                opened[scale].append((_label(name, dataset), dataset))
            except CacheUnwritable:
                raise
            except SrbenchError as error:
                failures.append(Failure(f"{name} x{scale}", str(error)))
    return opened, failures, substitutions


def _source_hash(card: ModelCard) -> str:
    from srbench.models.source import source_hash

    return source_hash(card)


def _label(given: str, dataset: Dataset) -> str:
    """The dataset's piece of the cell's name: folders of one name at two places stay apart."""
    if not dataset.name.startswith("folder:"):
        return dataset.name
    return f"{dataset.name}:{hashlib.sha256(str(Path(given).expanduser().resolve()).encode()).hexdigest()[:8]}"


def _cell(
    request: Request,
    card: ModelCard,
    weights: ResolvedWeights,
    source: str,
    label: str,
    dataset: Dataset,
    protocol: Protocol,
    substitutions: tuple[str, ...],
) -> Cell:
    own = f":{weights.sha256[:8]}" if weights.origin == "user" and weights.sha256 else ""
    name = store.cell_name(
        card.name,
        f"{weights.name}{own}",
        dataset.scale,
        label,
        protocol.id,
        lr=request.lr,
        limit=request.limit,
        device=request.device,
    )
    return Cell(
        name=name,
        card=card,
        weights=weights,
        source_sha256=source,
        scale=dataset.scale,
        dataset=dataset,
        protocol=protocol,
        limit=request.limit,
        device=request.device,
        runtime=request.runtime and card.network is not None,
        substitutions=substitutions,
    )


def _find(cell: Cell, records: Sequence[CellRecord]) -> CellRecord | None:
    """The stored cell that answers ``cell``, if any. The data is hashed last, and only if all else agrees."""
    for record in records:
        if _agrees(cell, record):
            try:
                if record.dataset.sha256 == data_sha256(cell.dataset):
                    return record
            except SrbenchError:  # files are missing (a dry run fetches none) or damaged: computing it will say so
                return None
    return None


def _agrees(cell: Cell, record: CellRecord) -> bool:
    weights: WeightsRef = record.weights
    runtime = record.cost.runtime if record.cost else None
    return (
        record.model.name == cell.card.name
        and record.model.source_sha256 == cell.source_sha256
        and (weights.name, weights.sha256) == (cell.weights.name, cell.weights.sha256)
        and record.scale == cell.scale
        and (record.dataset.name, record.dataset.lr) == (cell.dataset.name, cell.dataset.lr)
        and record.dataset.limit == cell.limit
        and record.protocol == cell.protocol.model_dump(mode="json")
        and (runtime is not None or not cell.runtime)
        and (runtime is None or runtime.device.startswith(cell.device))
    )
