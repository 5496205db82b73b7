"""Folders of SR images as models: paired with a dataset by name, measured, and made results like any other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from srbench.datasets import Dataset, hash_pairs, pixel_hash
from srbench.errors import SrbenchError
from srbench.evaluation.records import now
from srbench.imaging import IMAGE_SUFFIXES, read_image
from srbench.metrics.measure import measure_image
from srbench.metrics.pairing import plain_name
from srbench.metrics.protocols import Protocol
from srbench.quantities import Quantity
from srbench.results import environment
from srbench.results.image_rows import ImageRow
from srbench.results.record import MADE_ELSEWHERE, DatasetRef, ModelRef, QualityRecord, WeightsRef
from srbench.results.reduction import values_over

_SHOWN = 5
Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class HowToMeasure:
    """Protocol and quantities."""

    protocol: Protocol
    quantities: Sequence[Quantity]


def files_of(folder: Path, dataset: Dataset) -> dict[str, Path]:
    """The file of every image of a dataset in a folder of SR images.

    A file belongs to an image when it has its name, with or without what frameworks put behind it: ``baby.png``,
    ``baby_x4.png``, ``baby_x4_SR.png`` (EDSR), ``baby_SwinIR.png`` (KAIR), ``baby_EDSR_Lx4.png`` (BasicSR). Of several,
    the one marked ``_SR`` counts; files marked ``_HR`` and ``_LR`` never do.

    Raises:
        SrbenchError: no such folder, images without a file, or with several.
    """
    names = [pair.name for pair in dataset.images]
    found = _pair(folder, names, dataset.scale)
    missing = [name for name in names if name not in found]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise SrbenchError(
            f"'{folder}' has no SR image of {', '.join(missing[:_SHOWN])}{more} ({dataset.name}, {len(names)} images); "
            "files pair by name, such as baby.png or baby_x4_SR.png."
        )
    return found


def read_one(folder: Path, name: str, size: tuple[int, int], scale: int) -> Image:
    """The SR image of one image of ``size`` (height, width), paired as :func:`files_of` pairs them.

    Raises:
        SrbenchError: no such folder, no file of that image, several, or one of another size.
    """
    found = _pair(folder, [name], scale)
    if name not in found:
        raise SrbenchError(f"'{folder}' has no SR image of {name}; files pair by name, such as {name}_x{scale}_SR.png.")
    sr: Image = read_image(found[name])
    if sr.shape[:2] != size:
        raise SrbenchError(
            f"'{found[name]}' is {sr.shape[0]}x{sr.shape[1]}, but {name} is {size[0]}x{size[1]} (height x width, "
            f"cropped to multiples of {scale}); check --scale and the image."
        )
    return sr


def _pair(folder: Path, names: Sequence[str], scale: int) -> dict[str, Path]:
    """The files of a folder by the image that they are of."""
    if not folder.is_dir():
        raise SrbenchError(f"'{folder}' is no folder; give a folder of SR images, such as ours=DIR.")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES and file.is_file())
    files = [file for file in files if not re.search(r"_(HR|LR|GT|LRBI)$", file.stem, re.IGNORECASE)]
    candidates: dict[str, list[Path]] = {name: [] for name in names}
    for file in files:
        owner = _owner(file.stem, names, scale)
        if owner is not None:
            candidates[owner].append(file)
    return {name: _one(several, folder, name) for name, several in candidates.items() if several}


def _owner(stem: str, names: Sequence[str], scale: int) -> str | None:
    """The image that a file is of: by its plain name, else by the longest name that it begins with."""
    plain = plain_name(stem, scale)
    by_plain = {plain_name(name, scale): name for name in names}
    if plain in by_plain:
        return by_plain[plain]
    begun = [name for key, name in by_plain.items() if re.match(rf"{re.escape(key)}[^a-z0-9]", stem.lower())]
    return max(begun, key=len) if begun else None


def _one(files: Sequence[Path], folder: Path, name: str) -> Path:
    marked = [file for file in files if re.search(r"_SR$", file.stem, re.IGNORECASE)]
    chosen = marked if len(files) > 1 and marked else list(files)
    if len(chosen) > 1:
        listed = ", ".join(f"'{file.name}'" for file in chosen[:_SHOWN])
        raise SrbenchError(f"in '{folder}' {listed} are all named as SR of {name}; keep one of them.")
    return chosen[0]


def measure_folders(
    folders: Mapping[str, Path],
    dataset: Dataset,
    how: HowToMeasure,
    command: str,
    step: Callable[[str], None] = lambda name: None,
) -> list[QualityRecord]:
    """One result per folder, in their order. Everything is paired before anything is measured.

    Args:
        folders: by the name that the method gets.
        dataset: HR images; LR is made of them for the hash of the data alone, so that results join those of models.
        how: protocol and quantities.
        command: that stands in the results.
        step: told the name of every image that is done.

    Raises:
        SrbenchError: a folder without its images, or an image that cannot be read or has another size than HR.
    """
    files = {name: files_of(folder, dataset) for name, folder in folders.items()}
    rows: dict[str, list[ImageRow]] = {name: [] for name in folders}
    digests = {name: hashlib.sha256() for name in folders}
    hashed: list[tuple[str, Image, Image]] = []
    for pair in dataset.images:
        lr, hr = pair.load()
        hashed.append((pair.name, lr, hr))
        for name, of_image in files.items():
            sr = _read(of_image[pair.name], hr, dataset.scale)
            digests[name].update(pixel_hash(sr).encode())
            values = measure_image(sr, hr, dataset.scale, how.protocol, how.quantities)
            stored = {key: value if np.isfinite(value) else None for key, value in values.items()}
            same = any(value is None for value in stored.values())
            rows[name].append(ImageRow(image=pair.name, lr_size=lr.shape[:2], values=stored, identical=same))
        step(pair.name)
    data = DatasetRef(name=dataset.name, lr=dataset.lr, images=len(dataset), sha256=hash_pairs(hashed),
                      limit=dataset.limit)  # fmt: skip
    return [_record(name, rows[name], digests[name].hexdigest(), (data, dataset.scale, how.protocol, command))
            for name in folders]  # fmt: skip


def _read(file: Path, hr: Image, scale: int) -> Image:
    sr: Image = read_image(file)
    if sr.shape != hr.shape:
        raise SrbenchError(
            f"'{file}' is {sr.shape[0]}x{sr.shape[1]} but its HR is {hr.shape[0]}x{hr.shape[1]} "
            f"(height x width, cropped to multiples of {scale}); check --scale and the dataset."
        )
    return sr


def _record(
    name: str, rows: Sequence[ImageRow], pixels: str, about: tuple[DatasetRef, int, Protocol, str]
) -> QualityRecord:
    data, scale, protocol, command = about
    made = now()
    return QualityRecord(
        model=ModelRef(name=name, title=name, paper="", year=int(made[:4]), source_sha256=""),
        weights=WeightsRef(name=MADE_ELSEWHERE, origin="user", note=f"SR images made elsewhere, pixels {pixels[:16]}"),
        scale=scale,
        dataset=data,
        protocol=protocol.model_dump(mode="json"),
        images=tuple(rows),
        values=values_over(list(rows)),
        machine=environment.machine_id(),
        versions=environment.versions(),
        command=command,
        created=made,
    )
