"""Tiles that fit into a given memory, and what they change, tried on a part of an image."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from srbench.errors import SrbenchError
from srbench.evaluation.engine.setting import Engine, shown_bytes
from srbench.evaluation.engine.tiles import Tiling, super_resolve_in_tiles, tiling_of
from srbench.results.record import Tiles

if TYPE_CHECKING:
    import psutil

    from srbench.datasets.dataset import Dataset, ImagePair
    from srbench.models.loading import SRModel

TILES = (1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32)
"""LR pixels, few, so that a run that goes on chooses the same; larger tiles gain nothing."""
BYTES_PER_SR_PIXEL = 3 * (1 + 1) + 8 * 3
"""SR and HR, uint8 RGB, and the planes that they are compared in."""
BYTES_PER_TILE_VALUE = 4 * 4
"""A tile's output, fp32, while it is scaled, clipped and rounded."""
STILL_TO_LOAD = 32 << 20
"""Modules and buffers that measuring the first images brings, measured on 768x768 and on 112x48."""
SMALL = 32
"""Edge of an image, LR pixels, that loads the kernels and takes no memory to speak of."""
STEP = 50 << 20
"""An amount of memory that is proposed is a multiple of it."""


def tiling_for(model: SRModel, dataset: Dataset, engine: Engine) -> Tiling | None:
    """The tiling that was asked for, or the largest that fits into ``engine.memory``; None where whole images fit.

    Raises:
        SrbenchError: not even the smallest tile fits, or the network's pass cannot be followed.
    """
    if engine.tile is not None:
        return tiling_of(model, engine.tile, engine.overlap)
    assert engine.memory is not None
    height, width = largest_lr(dataset)
    beside = base_bytes(model) + height * width * model.scale**2 * BYTES_PER_SR_PIXEL
    left = engine.memory - beside
    if pass_bytes(model, (height, width)) <= left:
        return None
    smallest = tiling_of(model, TILES[-1], engine.overlap)
    fitting = None
    for edge in TILES:
        tiling = tiling_of(model, edge, engine.overlap)
        if pass_bytes(model, (tiling.window, tiling.window)) <= left:
            fitting = tiling
            break
    if fitting is None:
        least = pass_bytes(model, (smallest.window, smallest.window))
        raise SrbenchError(
            f"{model.card.name} x{model.scale} on images of {height}x{width} does not fit into --memory "
            f"{shown_bytes(engine.memory)}: a tile of {smallest.window} pixels takes {shown_bytes(least)}, and the "
            f"process and its images {shown_bytes(beside)}; give at least {-(-(beside + least) // STEP) * STEP >> 20}M."
        )
    return fitting


def pass_bytes(model: SRModel, size: tuple[int, int]) -> int:
    """Peak bytes of one pass at an LR (height, width), predicted on shapes alone, its output being rounded after it."""
    from srbench.cost.count import Given
    from srbench.cost.memory import peak_memory
    from srbench.evaluation.apart.model import ModelApart

    if isinstance(model, ModelApart):
        return model.pass_bytes(size)
    card = model.card
    assert model.network is not None
    height, width = (max(-(-edge // card.size_multiple) * card.size_multiple, card.min_size) for edge in size)
    given = Given(card.channels, model.scale, card.pre_upsampled)
    found = peak_memory(model.network, (height, width), fake=True, given=given)
    output = card.channels * height * width * model.scale**2
    return max(found.total_bytes, found.weights_bytes + output * BYTES_PER_TILE_VALUE)


def base_bytes(model: SRModel) -> int:
    """Memory of this process before it has a large image: with torch's kernels loaded, so after a small pass.

    A model in a process of its own adds that one, and the one it was forked from; what they share counts once.

    Raises:
        SrbenchError: as ``model``.
    """
    edge = max(SMALL, model.card.min_size)
    if model.weights.origin != "none":  # which never runs
        model(np.zeros((edge, edge, 3), np.uint8))
    return resident_bytes(model) + STILL_TO_LOAD


def resident_bytes(model: SRModel) -> int:
    """Memory that this process has now, with those that it started where ``model`` runs in one of them."""
    import psutil

    from srbench.evaluation.apart.model import ModelApart

    own = psutil.Process()
    if not isinstance(model, ModelApart):
        return int(own.memory_info().rss)
    return sum(_share(process) for process in (own, *own.children(recursive=True)))


def _share(process: psutil.Process) -> int:
    """Memory of a process, pages that several have being shared out among them where the system can tell."""
    import psutil

    try:
        found = process.memory_full_info()
        return int(getattr(found, "pss", found.rss))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def largest_lr(dataset: Dataset) -> tuple[int, int]:
    """(height, width) of the LR image with most pixels; files are not decoded for it."""
    return max((_lr_size(pair) for pair in dataset.images), key=math.prod, default=(0, 0))


def _lr_size(pair: ImagePair) -> tuple[int, int]:
    from PIL import Image

    from srbench.datasets.dataset import FileReader

    if isinstance(pair.hr, FileReader):
        try:
            with Image.open(pair.hr.path) as image:
                width, height = image.size
        except OSError:
            pass  # reading it will say what is wrong
        else:
            crop = pair.hr.crop
            return (height - height % crop) // pair.scale, (width - width % crop) // pair.scale
    height, width = pair.load_hr().shape[:2]
    return height // pair.scale, width // pair.scale


def cuts(dataset: Dataset, tiling: Tiling) -> bool:
    """Whether any image is larger than a tile with its surroundings."""
    return any(max(_lr_size(pair)) > tiling.window for pair in dataset.images)


def _cut_size(size: tuple[int, int], tiling: Tiling) -> tuple[bool, int]:
    return max(size) > tiling.window, math.prod(size)


def tried(model: SRModel, dataset: Dataset, tiling: Tiling, engine: Engine) -> Tiles:
    """The tiling with what it changes on a part of the largest image, against that part as a whole.

    Where memory is short, the part is as large as one with its surroundings, and cut into smaller ones.

    Raises:
        SrbenchError: an image cannot be read, or the model failed.
    """
    largest = max(dataset.images, key=lambda pair: _cut_size(_lr_size(pair), tiling))
    lr, _ = largest.load()
    room = engine.memory is None
    smaller = max(tiling.window // 2 // tiling.align * tiling.align - 2 * tiling.overlap, tiling.align)
    used = tiling if room else replace(tiling, tile=smaller)
    edge = used.window + used.tile if room else tiling.window
    part = np.ascontiguousarray(lr[:edge, :edge])
    described = Tiles(
        tile=tiling.tile,
        overlap=tiling.overlap,
        exact=tiling.exact,
        tile_asked=engine.tile,
        overlap_asked=engine.overlap,
    )
    if max(part.shape[:2]) <= used.window or model.weights.origin == "none":
        return described
    whole = model(part).astype(np.int16)
    difference = whole - super_resolve_in_tiles(model, part, model.scale, used)
    error = float(np.mean(np.square(difference.astype(np.float64))))
    height, width = part.shape[:2]
    return described.model_copy(
        update={
            "tried_tile": used.tile,
            "largest_difference": int(np.abs(difference).max()),
            "decibels": None if error == 0 else 10 * math.log10(255.0**2 / error),
            "measured_on": (height, width),
        }
    )
