"""A session as something that can be sent to another process or machine, which opens it there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.evaluation.apart.model import ModelApart
from srbench.evaluation.apart.setting import Apart
from srbench.evaluation.engine.pairs import PairCache
from srbench.evaluation.engine.session import Session
from srbench.evaluation.engine.tiles import Fitting, Tiling
from srbench.metrics.protocols import Protocol
from srbench.models.card import ModelCard
from srbench.quantities import get_quantity
from srbench.results.store import USUAL_WAY, Way

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.weights import ResolvedWeights


@dataclass(frozen=True)
class Unit:
    """Model, weights, dataset and what is measured, by names and paths that hold on every machine that computes."""

    card: ModelCard
    scale: int
    weights: ResolvedWeights
    device: str
    dataset: Dataset
    protocols: tuple[Protocol, ...]
    quantities: tuple[str, ...]
    threads: int
    save_to: Path | None = None
    tiling: Tiling | None = None
    plugins: tuple[str, ...] = ()
    way: Way = USUAL_WAY
    apart: Apart = field(default_factory=Apart)
    pairs: Path | None = None
    """Folder of images that are decoded already, where the other process shares it."""

    def open(self, device: str | None = None) -> Session:
        """Open the session in this process, on ``device`` if that is another one, and set the process up for it.

        Raises:
            SrbenchError: the model cannot be opened here.
        """
        import torch

        from srbench.cost.allocator import tune
        from srbench.evaluation.opening import open_for_cell
        from srbench.plugins import import_file
        from srbench.results.environment import machine_id

        tune()
        for plugin in self.plugins:
            import_file(plugin)
        machine = machine_id()
        torch.set_num_threads(self.threads)
        way = (device or self.device, self.way)
        model = open_for_cell(self.card, self.scale, self.weights, way, self.apart)
        if isinstance(model, ModelApart):
            model.set_threads(self.threads)
        quantities = tuple(get_quantity(name) for name in self.quantities)
        run = Fitting(model, self.tiling)
        cache = PairCache(self.pairs)
        return Session(model, run, self.dataset, self.protocols, quantities, self.save_to, cache, machine)

    def with_images(self, indices: list[int]) -> Unit:
        """The same with the images of ``indices`` only, which are then 0, 1, ...: less to send."""
        images = tuple(self.dataset.images[index] for index in indices)
        return replace(self, dataset=replace(self.dataset, images=images))
