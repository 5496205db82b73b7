"""The image of a visual comparison: a file or DATASET/NAME as HR, a given LR file, or both."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from srbench.datasets import dataset_names, is_registered, open_dataset
from srbench.errors import SrbenchError
from srbench.imaging import imresize, modcrop, read_image


@dataclass(frozen=True)
class Source:
    """One image: LR uint8 (h, w, 3) and, where there is one, HR uint8 (scale*h, scale*w, 3).

    ``name`` is the file's name, or DATASET/NAME; ``lr_kind`` says whether LR was made of HR by our imresize, was
    given as a file, or came without HR.
    """

    name: str
    scale: int
    lr: NDArray[np.uint8]
    hr: NDArray[np.uint8] | None
    lr_kind: str

    @property
    def title(self) -> str:
        """The image's own name, without the dataset or the ending."""
        return Path(self.name).stem if "/" not in self.name else self.name.rpartition("/")[2]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of HR and of every SR."""
        return self.lr.shape[0] * self.scale, self.lr.shape[1] * self.scale


def open_source(image: str | None, lr: str | Path | None, scale: int) -> Source:
    """Read the image: HR from ``image`` (a file, or DATASET/NAME), LR from ``lr``, or made of HR by imresize.

    HR is cropped at the bottom and right to multiples of ``scale``. With ``lr`` alone there is no HR.

    Raises:
        SrbenchError: neither is given, a file is missing, unreadable or too small, the dataset or its image is
            unknown, or LR is not exactly HR / scale.

    >>> open_source("embedded/astronaut", None, 4).shape
    (504, 504)
    """
    if image is None:
        if lr is None:
            raise SrbenchError("no image was given; use --image FILE or DATASET/NAME, or --lr FILE for LR without HR.")
        return Source(Path(lr).name, scale, read_image(lr), None, "file, without HR")
    name, hr = _open_hr(image, scale)
    height, width = hr.shape[0] // scale, hr.shape[1] // scale
    if lr is None:
        made: NDArray[np.uint8] = imresize(hr, (height, width))
        return Source(name, scale, made, hr, "imresize of HR")
    given = read_image(lr)
    if given.shape[:2] != (height, width):
        raise SrbenchError(
            f"LR '{lr}' has {given.shape[1]}x{given.shape[0]} pixels, but the HR image of {hr.shape[1]}x{hr.shape[0]} "
            f"needs {width}x{height} at scale {scale}; give the LR file of this image and --scale, or leave --lr out."
        )
    return Source(name, scale, given, hr, f"file {Path(lr).name}")


def _open_hr(image: str, scale: int) -> tuple[str, NDArray[np.uint8]]:
    """(name, HR) of a file, else of DATASET/NAME; what exists as a file is one."""
    file = Path(image).expanduser()
    if file.is_file():
        return file.name, np.ascontiguousarray(modcrop(read_image(file), scale, file.name))
    if file.is_dir():
        raise SrbenchError(f"'{image}' is a folder; give one image, as FILE or DATASET/NAME.")
    dataset, separator, name = image.rpartition("/")
    if not separator or not is_registered(dataset):
        near = difflib.get_close_matches(dataset, dataset_names(), n=1)
        example = f"{near[0]}/{name}" if near else "embedded/astronaut"
        raise SrbenchError(
            f"image '{image}' does not exist; expected a file, or DATASET/NAME with one of the datasets "
            f"{', '.join(dataset_names())}, for example {example}."
        )
    return _from_dataset(dataset, name, scale)


def _from_dataset(dataset: str, name: str, scale: int) -> tuple[str, NDArray[np.uint8]]:
    """An image of a dataset by its name; an ending and the case of letters do not matter."""
    pairs = {pair.name: pair for pair in open_dataset(dataset, scale).images}
    found = pairs.get(name) or next((p for n, p in pairs.items() if n.lower() == Path(name).stem.lower()), None)
    if found is None:
        near = difflib.get_close_matches(name, pairs, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"it holds {', '.join(list(pairs)[:8])}, ..."
        raise SrbenchError(f"dataset '{dataset}' has no image '{name}'; {hint}")
    return f"{dataset}/{found.name}", found.load_hr()
