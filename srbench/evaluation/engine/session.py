"""One model on one dataset: what is done with each image, in steps that can overlap, and the row that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from srbench.evaluation.cells import image_file
from srbench.evaluation.engine.pairs import LoadedPair, PairCache, files_of
from srbench.evaluation.engine.pipeline import Steps
from srbench.evaluation.engine.tiles import Fitting
from srbench.evaluation.images import Image, measure, save, super_resolve
from srbench.evaluation.plane import plane_of
from srbench.metrics.protocols import Protocol
from srbench.quantities import Quantity

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset
    from srbench.models.loading import SRModel

Row = dict[str, Any]
"""What one image gave, as JSON: ``index``, ``image``, ``lr_size``, ``hr`` and ``lr`` (hashes of the pixels),
``files`` (their state), ``machine``, and by protocol id what :func:`srbench.evaluation.images.measure` gives."""


class Scored(NamedTuple):
    """A row, and the SR and HR images that it was measured on."""

    row: Row
    sr: Image
    hr: Image


class _Resolved(NamedTuple):
    place: int
    pair: LoadedPair
    sr: Image
    planes: tuple[Image, Image] | None
    """SR and HR luma, where a protocol super-resolves luma."""


@dataclass(frozen=True)
class Session:
    """A model that is open, the dataset it is run on and what is measured.

    ``run`` is how the model is called on LR; ``save_to`` is a folder for the SR images as PNG, or None.
    """

    model: SRModel
    run: Fitting
    dataset: Dataset
    protocols: tuple[Protocol, ...]
    quantities: tuple[Quantity, ...]
    save_to: Path | None = None
    cache: PairCache = field(default_factory=PairCache)
    machine: str = ""

    @property
    def steps(self) -> Steps[int, tuple[int, LoadedPair], _Resolved, Scored]:
        """What is done with the image of an index: decoded and resized; super-resolved; measured and saved."""
        return Steps(self._prepare, self._compute, self._finish)

    def score(self, index: int) -> Scored:
        """All steps for one image.

        Raises:
            SrbenchError: it cannot be read, the model failed, or nothing can be measured on it.
        """
        return self._finish(self._compute(self._prepare(index)))

    def _prepare(self, index: int) -> tuple[int, LoadedPair]:
        return index, self.cache.load(self.dataset.images[index])

    def _compute(self, prepared: tuple[int, LoadedPair]) -> _Resolved:
        index, pair = prepared
        name = self.dataset.images[index].name
        sr = super_resolve(self.model, pair.lr, name, self.run)
        wanted = any(protocol.prepare == "luma" for protocol in self.protocols)
        planes = plane_of(self.model, self.dataset.images[index]) if wanted else None
        return _Resolved(index, pair, sr, planes)

    def _finish(self, resolved: _Resolved) -> Scored:
        index, pair, sr, _ = resolved
        name = self.dataset.images[index].name
        if self.save_to is not None:
            save(image_file(self.save_to, name), sr)
        row = {
            "index": index,
            "image": name,
            "lr_size": [int(edge) for edge in pair.lr.shape[:2]],
            "hr": pair.hr_sha256,
            "lr": pair.lr_sha256,
            "files": files_of(self.dataset.images[index]),
            "machine": self.machine,
            "by_protocol": {
                p.id: measure(*_measured_on(p, resolved), self.dataset.scale, p, self.quantities, name)
                for p in self.protocols
            },
        }
        if self.run.halved and self.run.tiling is not None:
            tiling = self.run.tiling
            row["tiles"] = {"tile": tiling.tile, "overlap": tiling.overlap, "exact": tiling.exact}
        return Scored(row, sr, pair.hr)


def _measured_on(protocol: Protocol, resolved: _Resolved) -> tuple[Image, Image]:
    """SR and HR that a protocol measures: the images, or their luma planes."""
    return resolved.planes if protocol.prepare == "luma" and resolved.planes else (resolved.sr, resolved.pair.hr)
