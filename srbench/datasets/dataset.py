"""What a dataset is: named pairs of LR and HR images, decoded on demand, and a hash over all their pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args, overload

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.imaging import imresize, modcrop, read_image

Image = npt.NDArray[np.uint8]
Reader = Callable[[], Image]
"""Decodes one image: uint8 HxWx3, RGB."""
LrKind = Literal["imresize", "double", "files"]
"""Where LR comes from: made of HR by imresize on uint8, which rounds after each pass; by imresize in double precision,
rounded once; or files that come with the dataset."""
LR_KINDS: tuple[LrKind, ...] = get_args(LrKind)


@dataclass(frozen=True)
class FileReader:
    """Reads an image file: called, as RGB (H, W, 3); ``stored``, a file with a single channel as (H, W).

    The image is cropped at the bottom and right to multiples of ``crop``.
    """

    path: Path
    crop: int = 1

    def __call__(self) -> Image:
        """The image, uint8 HxWx3; raises as :func:`srbench.imaging.read_image` does."""
        return modcrop(read_image(self.path), self.crop, self.path.name)

    def stored(self) -> Image:
        """The image, uint8 HxWx3, or HxW where the file has a single channel."""
        return modcrop(read_image(self.path, keep_grey=True), self.crop, self.path.name)


@dataclass(frozen=True)
class ImagePair:
    """One image of a dataset at one scale.

    ``hr`` reads the HR image, cropped or not; ``lr`` reads the given LR image, or is None where LR is made of HR by
    :func:`srbench.imaging.imresize`, which rounds after each pass or, with ``round_once``, at the end. HR is cropped to
    multiples of ``multiple``, by default of the scale.
    """

    name: str
    scale: int
    hr: Reader
    lr: Reader | None = None
    round_once: bool = False
    multiple: int | None = None

    def load_hr(self) -> Image:
        """The HR image, uint8 HxWx3, cropped at the bottom and right to multiples of ``multiple`` or the scale."""
        return np.ascontiguousarray(modcrop(self.hr(), self.multiple or self.scale, self.name))

    def load_stored(self) -> Image:
        """HR as its file has it, cropped as :meth:`load_hr` does: uint8 HxW where the file has a single channel."""
        stored = self.hr.stored() if isinstance(self.hr, FileReader) else self.hr()
        return np.ascontiguousarray(modcrop(stored, self.multiple or self.scale, self.name))

    def load(self) -> tuple[Image, Image]:
        """(LR uint8 hxwx3, HR uint8 (scale*h)x(scale*w)x3).

        Raises:
            SrbenchError: an image cannot be read, is smaller than the scale, or the given LR does not fit its HR.
        """
        hr = self.load_hr()
        height, width = hr.shape[0] // self.scale, hr.shape[1] // self.scale
        if self.lr is None:
            made: Image = imresize(hr, (height, width), round_once=self.round_once)
            return made, hr
        lr = self.lr()
        if lr.shape[:2] != (height, width):
            raise SrbenchError(
                f"LR of '{self.name}' has {lr.shape[0]}x{lr.shape[1]} pixels, but its HR of "
                f"{hr.shape[0]}x{hr.shape[1]} needs {height}x{width} at scale {self.scale}; "
                "give the LR files of this scale or use --lr imresize."
            )
        return lr, hr


@dataclass(frozen=True)
class FolderImages(Sequence[ImagePair]):
    """Pairs of one folder, made when they are asked for: of 100,000 images, only the names are in memory.

    A file of HR is in ``hr_folder`` and has the image's name and its ending (``.png``, ``_SRF_4_HR.png``); LR alike,
    where there is any. The rest is as in :class:`ImagePair`.
    """

    scale: int
    names: tuple[str, ...]
    hr_folder: Path
    hr_endings: tuple[str, ...]
    lr_folder: Path | None = None
    lr_endings: tuple[str, ...] = ()
    round_once: bool = False
    multiple: int | None = None

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> ImagePair: ...
    @overload
    def __getitem__(self, index: slice) -> FolderImages: ...
    def __getitem__(self, index: int | slice) -> ImagePair | FolderImages:
        if isinstance(index, slice):
            return replace(
                self, names=self.names[index], hr_endings=self.hr_endings[index], lr_endings=self.lr_endings[index]
            )
        name = self.names[index]
        lr = None if self.lr_folder is None else file_reader(self.lr_folder / f"{name}{self.lr_endings[index]}")
        hr = file_reader(self.hr_folder / f"{name}{self.hr_endings[index]}")
        return ImagePair(name, self.scale, hr, lr, self.round_once, self.multiple)


def changed(pairs: Sequence[ImagePair], **changes: Any) -> Sequence[ImagePair]:
    """The pairs with other fields: ``round_once``, ``multiple``."""
    if isinstance(pairs, FolderImages):
        return replace(pairs, **changes)
    return tuple(replace(pair, **changes) for pair in pairs)


@dataclass(frozen=True)
class Dataset:
    """Images to evaluate on at one scale, in a fixed order."""

    name: str
    scale: int
    lr: LrKind
    images: Sequence[ImagePair]
    limit: int | None = None

    def __len__(self) -> int:
        return len(self.images)

    def sha256(self) -> str:
        """SHA-256 (hex) over the names and the decoded HR and LR pixels, in order; computed once per object."""
        return self._sha256

    @cached_property
    def _sha256(self) -> str:
        return hash_pairs((pair.name, *pair.load()) for pair in self.images)


def hash_pairs(pairs: Iterable[tuple[str, Image, Image]]) -> str:
    """SHA-256 (hex) over (name, LR, HR) in order: what :meth:`Dataset.sha256` is, for pairs that are loaded anyway."""
    return hash_digests((name, pixel_hash(hr), pixel_hash(lr)) for name, lr, hr in pairs)


def hash_digests(images: Iterable[tuple[str, str, str]]) -> str:
    """:func:`hash_pairs` of images whose pixels are hashed already: (name, HR's hash, LR's hash) in order."""
    total = hashlib.sha256(b"srbench.dataset/1\n")
    for name, hr, lr in images:
        total.update(f"{name}\n{hr}\n{lr}\n".encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def pixel_hash(image: npt.NDArray[Any]) -> str:
    """SHA-256 (hex) of a decoded uint8 HxWx3 image: its size and its RGB bytes, whatever file format held them."""
    digest = hashlib.sha256(f"{image.shape[0]}x{image.shape[1]}x3\n".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()


def file_reader(path: Path) -> Reader:
    """A reader of an image file (see :func:`srbench.imaging.read_image`)."""
    return FileReader(path)
