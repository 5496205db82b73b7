"""A session as something that can be sent to another process or machine, which opens it there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.evaluation.engine.session import Session
from srbench.evaluation.engine.tiles import Fitting, Tiling
from srbench.metrics.protocols import Protocol
from srbench.models.card import ModelCard
from srbench.quantities import get_quantity

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

    def open(self, device: str | None = None) -> Session:
        """Open the session in this process, on ``device`` if that is another one, and set the process up for it.

        Raises:
            SrbenchError: the model cannot be opened here.
        """
        import torch

        from srbench.cost.allocator import tune
        from srbench.models.opening import open_model
        from srbench.plugins import import_file
        from srbench.results.environment import machine_id

        tune()
        for plugin in self.plugins:
            import_file(plugin)
        machine = machine_id()
        torch.set_num_threads(self.threads)
        model = open_model(self.card, self.scale, self.weights, device or self.device)
        quantities = tuple(get_quantity(name) for name in self.quantities)
        run = Fitting(model, self.tiling)
        return Session(model, run, self.dataset, self.protocols, quantities, self.save_to, machine=machine)

    def with_images(self, indices: list[int]) -> Unit:
        """The same with the images of ``indices`` only, which are then 0, 1, ...: less to send."""
        images = tuple(self.dataset.images[index] for index in indices)
        return replace(self, dataset=replace(self.dataset, images=images))
