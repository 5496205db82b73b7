"""What a run consists of, as data: the request, its cells, the costs that go with them, and what fails."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from srbench.evaluation.engine.setting import Engine
from srbench.metrics.protocols import Protocol
from srbench.models.card import ModelCard
from srbench.models.registry import MODELS
from srbench.quantities import DEFAULT_QUALITY, Quantity
from srbench.results import store
from srbench.results.record import CostRecord, QualityRecord, Substitution
from srbench.results.store import USUAL_WAY, Way
from srbench.results.trust import Apart

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
    quantities: tuple[str, ...] = DEFAULT_QUALITY
    device: str = "cpu"
    precision: str = "fp32"
    backend: str = "eager"
    self_ensemble: bool = False
    runtime: bool = True
    fetch: bool = True
    command: str = ""
    broken: tuple[Failure, ...] = ()
    engine: Engine = field(default_factory=Engine)
    """How it is to be computed: not every stored result was computed so."""


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
    way: Way = USUAL_WAY
    quantities: tuple[Quantity, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    existing: QualityRecord | None = None
    why: str = ""
    computed_with: tuple[str, ...] = ()
    """How the existing one was computed, where that is not as asked."""
    kept: int = 0
    """Images of one to be computed that an earlier run has left in the journal."""
    data_label: str = ""
    """The dataset in names of files: of two folders of one name, each has its own; '' where its name is enough."""

    @property
    def label(self) -> str:
        """The cell in words: ``mynet (whole.pth) x4 on set5, y-matlab@1``; its id is ``name``."""
        return f"{label_without_protocol(self)}, {self.protocol.id}"


@dataclass(frozen=True)
class CostCell:
    """The costs of one model at one scale, to be measured or already there (``existing``)."""

    card: ModelCard
    weights: ResolvedWeights
    source_sha256: str
    scale: int
    device: str
    runtime: bool
    way: Way = USUAL_WAY
    quantities: tuple[Quantity, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    existing: tuple[CostRecord, ...] = ()

    @property
    def label(self) -> str:
        """The model with its scale."""
        return f"{self.card.name} x{self.scale}"


@dataclass(frozen=True)
class Plan:
    """The cells of a run, the costs that go with them, what cannot be computed, what is left out or replaced."""

    cells: tuple[Cell, ...] = ()
    costs: tuple[CostCell, ...] = ()
    failures: tuple[Failure, ...] = ()
    left_out: tuple[str, ...] = ()
    skipped_files: tuple[store.Skipped, ...] = field(default=())
    apart: tuple[Apart, ...] = ()
    """Stored results that cannot be believed: they answer no cell and stand in no table."""

    @property
    def todo(self) -> tuple[Cell, ...]:
        """The cells that are not there yet."""
        return tuple(cell for cell in self.cells if cell.existing is None)

    @property
    def costs_todo(self) -> tuple[CostCell, ...]:
        """The costs that are not there yet."""
        return tuple(cost for cost in self.costs if not cost.existing)

    @property
    def substitutions(self) -> tuple[tuple[str, Substitution], ...]:
        """What is used instead of what was asked for, each once, with the model and scale that it is about."""
        found = [(f"{part.card.name} x{part.scale}", what) for part in self.parts for what in part.substitutions]
        about_data = {what for _, what in found if what.kind == "dataset"}
        return tuple(dict.fromkeys(("", what) if what in about_data else (subject, what) for subject, what in found))

    @property
    def parts(self) -> tuple[Cell | CostCell, ...]:
        """Cells and costs, model by model."""
        return (*self.cells, *self.costs)


def label_without_protocol(cell: Cell) -> str:
    """What the cells of one pass over a dataset have in common, in words."""
    used = cell.weights.name.removeprefix(f"{cell.card.name}.").removeprefix("user:")
    weights = "" if cell.weights.name == "not needed" else f" ({used})"
    first = "" if cell.limit is None else f", first {cell.limit}"
    given = LR_WORDS[cell.dataset.lr]
    where = ("" if cell.device == "cpu" else f", {cell.device}") + "".join(f", {word}" for word in _unusual(cell.way))
    data = cell.dataset.name.removeprefix("folder:")
    return f"{cell.card.name}{weights} x{cell.scale} on {data}{first}{given}{where}"


def _unusual(way: Way) -> tuple[str, ...]:
    """What of a way of running is said in words: the precision, the backend, the self-ensemble."""
    pairs = ((way.precision, USUAL_WAY.precision), (way.backend, USUAL_WAY.backend))
    return (*(used for used, usual in pairs if used != usual), *(("self-ensemble",) if way.self_ensemble else ()))


def image_folder(cell: Cell, root: Path) -> Path:
    """Where below ``root`` the SR images of a cell are saved: ``WEIGHTS/DATASET/x4``, ``WEIGHTS_ensemble/...``.

    What makes other images is in it: the hash of a user's weights and of a network that is not registered, the place of
    a folder of images, and LR that is not the usual. The protocol and a limit make no other images.
    """
    card, weights = cell.card, cell.weights
    own = f":{weights.sha256[:8]}" if weights.origin == "user" and weights.sha256 else ""
    network = () if card.name in MODELS else (cell.source_sha256[:8],)
    apart = replace(cell.way, device=USUAL_WAY.device).parts
    given = store.unusual_parts(cell.dataset.lr, None)
    named = store.distinct(store.named_weights(card.name, f"{weights.name}{own}"))
    data = store.distinct(cell.data_label or cell.dataset.name)
    return root / "_".join((named, *network, *apart)) / "_".join((data, *given)) / f"x{cell.scale}"


def image_file(folder: Path, image: str) -> Path:
    """The SR image of the image of this name."""
    return folder / f"{store.distinct(image)}.png"
