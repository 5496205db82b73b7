"""Training pairs in memory and the patches drawn from them, reproducible from (seed, step) alone."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.paths import cache_dir

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class TrainingPairs:
    """LR and HR training images, uint8 HxWx3, HR exactly ``scale`` times LR; ``sha256`` over the HR pixels."""

    name: str
    scale: int
    names: tuple[str, ...]
    lr: tuple[UInt8, ...]
    hr: tuple[UInt8, ...]
    sha256: str


def load_pairs(data: str, scale: int, *, exclude: Sequence[str] = (), fetch: bool = True) -> TrainingPairs:
    """Load HR images of a dataset name or folder and their LR by our ``imresize``; LR is cached by content.

    ``exclude`` names images (without suffix) to leave out, such as one that is also a test image.

    Raises:
        SrbenchError: no such dataset or folder, it holds no images, or no such image to leave out.
    """
    from srbench.datasets import open_dataset
    from srbench.imaging import imresize

    path = Path(data)
    images = _read_folder(path, scale) if path.is_dir() else None
    if images is None:
        images = {pair.name: pair.load()[1] for pair in open_dataset(data, scale, fetch=fetch).images}
    for name in exclude:
        if name not in images:
            raise SrbenchError(f"image '{name}' to exclude is not in '{data}'; names are like '{next(iter(images))}'.")
        del images[name]
    if not images:
        raise SrbenchError(f"every image of '{data}' is to be excluded; leave one at least.")
    hr = tuple(images.values())
    digest = pixels_digest(hr)
    lr = _cached_lr(digest, scale)
    if lr is None:
        lr = tuple(imresize(image, 1 / scale) for image in hr)
        _store_lr(digest, scale, lr)
    return TrainingPairs(path.name or data, scale, tuple(images), lr, hr, digest)


def _read_folder(path: Path, scale: int) -> dict[str, UInt8]:
    """Every image below a folder, modcropped, by its name relative to it without suffix."""
    from srbench.imaging import modcrop, read_image

    os.scandir(path).close()  # a folder that may not be read is not an empty one
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})
    if not files:
        raise SrbenchError(
            f"training folder '{path}' holds no PNG, JPEG, BMP or TIFF images; give a folder of HR images."
        )
    return {str(f.relative_to(path).with_suffix("")): modcrop(read_image(f), scale, f.name) for f in files}


def pixels_digest(images: Sequence[UInt8]) -> str:
    """SHA-256 over the shapes and pixels of images in order."""
    digest = hashlib.sha256()
    for image in images:
        digest.update(repr(image.shape).encode())
        digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()


def _cache_file(digest: str, scale: int) -> Path:
    return cache_dir() / "training" / f"{digest[:16]}-x{scale}.npz"


def _cached_lr(digest: str, scale: int) -> tuple[UInt8, ...] | None:
    file = _cache_file(digest, scale)
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as archive:
        return tuple(archive[f"{i:05d}"] for i in range(len(archive.files)))


def _store_lr(digest: str, scale: int, images: Sequence[UInt8]) -> None:
    file = _cache_file(digest, scale)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".npz")
    os.close(handle)
    arrays: dict[str, UInt8] = {f"{i:05d}": image for i, image in enumerate(images)}
    np.savez(temporary, allow_pickle=False, **arrays)
    Path(temporary).replace(file)


def draw_batch(
    pairs: TrainingPairs, *, seed: int, step: int, batch: int, lr_patch: int, augment: Sequence[str]
) -> tuple[UInt8, UInt8]:
    """Draw the batch of global ``step``: uint8 LR (batch, p, p, 3) and HR (batch, s*p, s*p, 3).

    The random numbers depend on (seed, step) only, so a resumed run draws what an uninterrupted one would.
    Images are drawn in proportion to the number of patch positions they hold.
    """
    rng = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, step]))
    scale = pairs.scale
    room = np.array(
        [max(0, i.shape[0] - lr_patch + 1) * max(0, i.shape[1] - lr_patch + 1) for i in pairs.lr], dtype=float
    )
    if not room.any():
        largest = max(min(i.shape[:2]) for i in pairs.lr)
        raise SrbenchError(
            f"no training image holds an LR patch of {lr_patch} pixels (largest side {largest}); "
            "use larger images or a smaller patch."
        )
    lows: list[UInt8] = []
    highs: list[UInt8] = []
    for index in rng.choice(len(pairs.lr), size=batch, p=room / room.sum()):
        low, high = pairs.lr[index], pairs.hr[index]
        top = int(rng.integers(low.shape[0] - lr_patch + 1))
        left = int(rng.integers(low.shape[1] - lr_patch + 1))
        low = low[top : top + lr_patch, left : left + lr_patch]
        high = high[top * scale : (top + lr_patch) * scale, left * scale : (left + lr_patch) * scale]
        if "hflip" in augment and rng.random() < 0.5:
            low, high = low[:, ::-1], high[:, ::-1]
        if "vflip" in augment and rng.random() < 0.5:
            low, high = low[::-1], high[::-1]
        if "rot90" in augment and rng.random() < 0.5:
            low, high = np.rot90(low), np.rot90(high)
        lows.append(low)
        highs.append(high)
    return np.stack(lows), np.stack(highs)
