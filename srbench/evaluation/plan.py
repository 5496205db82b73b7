"""Which cells a run consists of, and which of them the results folder already holds.

A cell is model x weights x scale x dataset x protocol x way of running (device, precision, backend, self-ensemble). It
is already there only when a stored record agrees in the hash of the model's source, of the weights and of the data, in
the protocol with all its parameters, in the limit and the kind of LR, in every field of the way, and has every quantity
that is asked for. The costs of a model at a scale are measured apart from its cells, once for all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.download import CacheUnwritable
from srbench.errors import SrbenchError
from srbench.evaluation import resources
from srbench.evaluation.answers import stored_costs, stored_quality
from srbench.evaluation.cells import Cell, CostCell, Failure, LrKind, Plan, Request, image_file, image_folder
from srbench.evaluation.engine.setting import Engine
from srbench.evaluation.kept import with_kept
from srbench.evaluation.otherwise import computed_with, inexact_tiles
from srbench.evaluation.plane import takes_plane
from srbench.metrics.protocols import Protocol, get_protocol
from srbench.models.card import ModelCard
from srbench.quantities import QUANTITIES, Quantity, parse_quantities
from srbench.results import store, trust
from srbench.results.collection import Results
from srbench.results.record import Substitution
from srbench.results.store import Way

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.weights import ResolvedWeights

__all__ = ["Cell", "CostCell", "Failure", "LrKind", "Plan", "Request", "plan"]


def _lacks_images(cell: Cell, root: Path) -> bool:
    folder = image_folder(cell, root)
    return not all(image_file(folder, pair.name).is_file() for pair in cell.dataset.images)


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
    resources.check_precision(request.precision, request.device)
    resources.check_backend(request.backend, request.device, request.precision)
    protocols = _unique_protocols(request.protocols)
    of_images, of_networks = parse_quantities(request.quantities)
    pairs, left_out = _models_and_scales(request)
    if not pairs:
        return Plan(failures=request.broken, left_out=tuple(left_out))
    read = trust.read(folder) if folder is not None else trust.Believed()
    stored = read.results
    datasets, failures, swapped = _open_datasets(request, sorted({scale for _, scale in pairs}), on_bytes)
    cells: list[Cell] = []
    costs: list[CostCell] = []
    names = dict.fromkeys(card.name for card, _ in pairs)
    choices = resources.weights_choices(request.weights, names, resources.references_of(card for card, _ in pairs))
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
        subject = _Subject(card, weights, source, scale, request)
        fitting = [protocol for protocol in protocols if protocol.prepare != "luma" or takes_plane(card)]
        for protocol in protocols:
            if protocol not in fitting:
                left_out.append(f"{card.name} takes colour, which {protocol.id} does not give; it is left out.")
        if weights.origin != "none":
            for label, dataset in datasets[scale]:
                cells += [_cell(subject, label, dataset, protocol, (of_images, swapped)) for protocol in fitting]
        if datasets[scale]:
            costs.append(_costs(subject, of_networks))
    if not force:
        cells = [_with_existing(cell, stored, save_images, request.engine) for cell in cells]
        costs = [replace(cost, existing=stored_costs(cost, stored)) for cost in costs]
    if folder is not None:
        cells = with_kept(cells, folder, request.engine, save_images)
    return Plan(
        tuple(cells),
        tuple(costs),
        (*request.broken, *failures),
        tuple(dict.fromkeys(left_out)),
        read.skipped,
        read.apart,
    )


def _with_existing(cell: Cell, stored: Results, save_images: Path | None, engine: Engine) -> Cell:
    """The cell as it is stored, if it is; else to be computed, with what a stored one has measured besides."""
    found = stored_quality(cell, [record for record in stored.quality if inexact_tiles(record, engine) is None])
    if found is None:
        return _with_inexact(cell, stored, engine)
    lacking = [q.name for q in cell.quantities if q.name not in found.values and q.name not in found.missing]
    if lacking:
        more = parse_quantities(name for name in found.values if name in QUANTITIES)[0]
        every = {quantity.name: quantity for quantity in (*more, *cell.quantities)}
        return replace(cell, quantities=tuple(every.values()), why=f"{', '.join(lacking)} not measured yet")
    if save_images is not None and _lacks_images(cell, save_images):
        return replace(cell, why=f"its images are not in {save_images}")
    return replace(cell, existing=found, computed_with=computed_with(found, engine) if cell.card.network else ())


def _with_inexact(cell: Cell, stored: Results, engine: Engine) -> Cell:
    """The cell to be computed, and why the stored one of tiles that are not exact is replaced, if there is one."""
    refused = [record for record in stored.quality if inexact_tiles(record, engine) is not None]
    found = stored_quality(cell, refused)
    tiles = None if found is None else inexact_tiles(found, engine)
    if tiles is None:
        return cell
    cut = f"tiles of {tiles.tile} with {tiles.overlap} around them"
    return replace(cell, why=f"the result that is there and will be replaced is of {cut}, which is not exact")


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
) -> tuple[dict[int, list[tuple[str, Dataset]]], list[Failure], tuple[Substitution, ...]]:
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
    place = str(Path(given).expanduser().resolve()).encode("utf-8", "surrogatepass")
    return f"{dataset.name}:{hashlib.sha256(place).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Subject:
    """One model at one scale with what it is run with."""

    card: ModelCard
    weights: ResolvedWeights
    source: str
    scale: int
    request: Request

    @property
    def way(self) -> Way:
        """How its network is run; what has none knows neither precision, backend nor self-ensemble."""
        device = self.request.device.partition(":")[0]
        if self.card.network is None:
            return Way(device=device)
        return Way(device, self.request.precision, self.request.backend, self_ensemble=self.request.self_ensemble)

    @property
    def instead(self) -> tuple[Substitution, ...]:
        return () if self.weights.instead is None else (self.weights.instead,)


def _cell(
    subject: _Subject,
    label: str,
    dataset: Dataset,
    protocol: Protocol,
    asked: tuple[tuple[Quantity, ...], tuple[Substitution, ...]],
) -> Cell:
    card, weights, request = subject.card, subject.weights, subject.request
    own = f":{weights.sha256[:8]}" if weights.origin == "user" and weights.sha256 else ""
    name = store.cell_name(
        card.name,
        f"{weights.name}{own}",
        dataset.scale,
        label,
        protocol.id,
        store.unusual_parts(request.lr, request.limit, subject.way),
    )
    return Cell(
        name=name,
        card=card,
        weights=weights,
        source_sha256=subject.source,
        scale=dataset.scale,
        dataset=dataset,
        protocol=protocol,
        limit=request.limit,
        device=request.device,
        way=subject.way,
        quantities=asked[0],
        substitutions=(*asked[1], *subject.instead),
        data_label=label,
    )


def _costs(subject: _Subject, quantities: tuple[Quantity, ...]) -> CostCell:
    no_weights = subject.weights.origin == "none"
    return CostCell(
        card=subject.card,
        weights=subject.weights,
        source_sha256=subject.source,
        scale=subject.scale,
        device=subject.request.device,
        runtime=subject.request.runtime and subject.card.network is not None,
        way=replace(subject.way, self_ensemble=False),
        quantities=quantities,
        substitutions=subject.instead if no_weights else (),
    )
