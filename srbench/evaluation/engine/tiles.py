"""One image in tiles: what a network that looks only so far gives for the whole image, in little memory.

Each tile is computed with so many pixels around it as the network looks (:mod:`srbench.cost.reach`) and cut to its
core. All tiles of an image have one size, so that they meet the same kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from srbench.cost.figures import Mixing, Reach
from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.models.loading import SRModel

Image = npt.NDArray[np.uint8]

SMALLEST = 96
"""Least edge of a tile with its surroundings, LR pixels: below it torch takes other kernels, of other rounding."""
MOST_OVERLAP = 32
"""LR pixels of overlap where none is exact."""
RESIZED = 3
"""LR pixels around that bicubic enlargement looks at, for networks that take or complete an enlarged image."""


@dataclass(frozen=True)
class Tiling:
    """How images are cut: cores of ``tile`` LR pixels with ``overlap`` on each side, starting at ``align``'s multiples.

    ``mixing`` says why it is not exact; () where it is.
    """

    tile: int
    overlap: int
    align: int = 1
    mixing: tuple[Mixing, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether tiles give what the whole image gives, up to the rounding of other kernels for other sizes."""
        return not self.mixing

    @property
    def window(self) -> int:
        """Edge of a tile with its surroundings, LR pixels."""
        return _up(max(self.tile + 2 * _up(self.overlap, self.align), SMALLEST), self.align)


class Piece(NamedTuple):
    """Along one axis, LR pixels: what is computed, and the core that is kept of it."""

    start: int
    stop: int
    core_start: int
    core_stop: int


def tiling_of(model: SRModel, tile: int, overlap: int | None = None) -> Tiling:
    """The tiling of a network with cores of ``tile`` LR pixels; without ``overlap``, the smallest that is exact.

    Raises:
        SrbenchError: the model has no network, or its pass fails.
    """
    if tile < 1:
        raise SrbenchError(f"a tile needs at least 1 pixel, got {tile}.")
    found = reach_of(model)
    around = found.overlap if found.exact else min(found.overlap, MOST_OVERLAP)
    chosen = around if overlap is None else overlap
    mixing = found.mixing
    if overlap is not None and overlap < found.overlap and found.exact:
        mixing = (Mixing("overlap", str(found.overlap), ""),)
    return Tiling(_up(tile, found.align), chosen, found.align, mixing)


def reach_of(model: SRModel) -> Reach:
    """How far a model looks, LR pixels, the enlargement around its network included.

    Raises:
        SrbenchError: the model has no network, or its pass fails.
    """
    from srbench.cost.reach import reach
    from srbench.evaluation.apart.model import ModelApart

    if isinstance(model, ModelApart):
        return model.reach()
    card, network = model.card, model.network
    if network is None:
        raise SrbenchError(f"'{card.name}' is no network on LR images; tiles are for networks.")
    upsampled = model.scale if card.pre_upsampled else 1
    found = reach(network, channels=card.channels, multiple=card.size_multiple, upsampled=upsampled)
    overlap = found.overlap + RESIZED if card.pre_upsampled else found.overlap
    return replace(found, overlap=max(overlap, RESIZED) if card.colour == "y" else overlap)


def pieces(length: int, tiling: Tiling) -> list[Piece]:
    """The tiles along an axis of ``length`` LR pixels: one, where it is no longer than a tile with its surroundings.

    >>> pieces(250, Tiling(80, 10))
    [Piece(start=0, stop=100, core_start=0, core_stop=90), Piece(start=80, stop=180, core_start=90, core_stop=170), \
Piece(start=150, stop=250, core_start=170, core_stop=250)]
    """
    window, around = tiling.window, _up(tiling.overlap, tiling.align)
    if length <= window:
        return [Piece(0, length, 0, length)]
    found = [Piece(0, window, 0, window - around)]
    while found[-1].core_stop < length:
        core = found[-1].core_stop
        start = core - around
        if start + window >= length:  # the last one ends with the image, and is as long as the others if it can be
            start = _up(length - window, tiling.align)
            return [*found, Piece(min(start, core - around), length, core, length)]
        found.append(Piece(start, start + window, core, start + window - around))
    return found


def super_resolve_in_tiles(
    super_resolve: Callable[[Image], Image], lr: Image, scale: int, tiling: Tiling, done: Callable[[], object] = int
) -> Image:
    """The SR image of ``lr`` (h, w, 3), tile by tile.

    Args:
        super_resolve: maps a uint8 LR image to uint8 SR, of any size.
        lr: uint8.
        scale: factor between LR and SR.
        tiling: how to cut.
        done: called after each tile.

    Raises:
        SrbenchError: as ``super_resolve``.
    """
    height, width = lr.shape[:2]
    out: Image | None = None
    for rows, columns in _grid(height, width, tiling):
        sr = super_resolve(np.ascontiguousarray(lr[rows.start : rows.stop, columns.start : columns.stop]))
        if (rows.stop - rows.start, columns.stop - columns.start) == (height, width):
            return sr
        if out is None:
            out = np.empty((height * scale, width * scale, *sr.shape[2:]), np.uint8)
        target, source = _kept(rows, scale), _kept(columns, scale)
        out[target[0], source[0]] = sr[target[1], source[1]]
        done()
    assert out is not None
    return out


class Fitting:
    """A model called on LR images of any size: in tiles where so asked, in smaller ones when a GPU is full."""

    def __init__(self, model: SRModel, tiling: Tiling | None = None) -> None:
        self.model = model
        self.tiling = tiling
        self.halved = 0
        """How often memory ran out and the tile was halved."""

    def __call__(self, lr: Image) -> Image:
        """SR of one LR image.

        Raises:
            Exception: whatever the model raises; out of memory too, on the CPU or when tiles cannot be smaller.
        """
        while True:
            try:
                if self.tiling is None or self.model.card.network is None:
                    return self.model(lr)
                return super_resolve_in_tiles(self.model, lr, self.model.scale, self.tiling)
            except Exception as error:
                if not (self.model.device.startswith("cuda") and is_out_of_memory(error)):
                    raise
                smaller = self._smaller(lr)
                if smaller is None:
                    raise
            _free_gpu()
            self.tiling = smaller
            self.halved += 1

    def _smaller(self, lr: Image) -> Tiling | None:
        """Half the tile in use; None where it would not get smaller any more."""
        if self.tiling is None:
            return tiling_of(self.model, -(-max(lr.shape[:2]) // 2)) if self.model.card.network is not None else None
        if self.tiling.window <= SMALLEST or self.tiling.tile <= self.tiling.align:
            return None
        half = _up(self.tiling.tile // 2, self.tiling.align)
        return replace(self.tiling, tile=half) if half < self.tiling.tile else None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, on the CPU or on a GPU."""
    text = str(error)
    return (
        isinstance(error, MemoryError)
        or bool(getattr(error, "out_of_memory", False))
        or "memory" in type(error).__name__.lower()
        or "not enough memory" in text
        or "out of memory" in text
    )


def _free_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _kept(piece: Piece, scale: int) -> tuple[slice, slice]:
    """Along one axis: where the core lies in the SR image, and where in the tile's own."""
    first, last = piece.core_start, piece.core_stop
    return slice(first * scale, last * scale), slice((first - piece.start) * scale, (last - piece.start) * scale)


def _grid(height: int, width: int, tiling: Tiling) -> Iterator[tuple[Piece, Piece]]:
    return product(pieces(height, tiling), pieces(width, tiling))


def _up(edge: int, multiple: int) -> int:
    return -(-edge // multiple) * multiple
