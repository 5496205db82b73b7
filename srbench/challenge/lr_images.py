"""What the LR images of a challenge say: name, size and look of every SR image, without any reference."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from srbench.challenge.score.archive import Contents, UnreadableError, open_contents
from srbench.challenge.score.names import Named, file_name, image_stem, is_ignored, sort_files
from srbench.challenge.score.plan import Limits, Plan
from srbench.challenge.score.png import Header, PngError, check_header, read_header, read_pixels
from srbench.errors import SrbenchError

_HEADER_BYTES = 33


@dataclass(frozen=True)
class LrImages:
    """LR images, opened; none is kept. ``sizes`` are the wanted width and height [px] of every SR image by name."""

    sizes: Mapping[str, tuple[int, int]]
    _headers: Mapping[str, Header]
    _paths: Mapping[str, str]
    _contents: Contents
    _limits: Limits

    def pixels(self, stem: str) -> npt.NDArray[Any]:
        """One LR image (uint8 HxWx3).

        Raises:
            SrbenchError: it is damaged, or no 8-bit RGB image.
        """
        header, path = self._headers[stem], self._paths[stem]
        try:
            check_header(header, header.width, header.height)
            return read_pixels(self._contents.read(path, self._limits.file_bytes), header, self._limits)[0]
        except UnreadableError as error:
            raise SrbenchError(f"the LR image '{path}': {error.problem.sentence()}") from error
        except PngError as error:
            raise SrbenchError(f"the LR image '{path}': {error.what}.") from error


@contextlib.contextmanager
def open_lr(path: Path, plan: Plan) -> Iterator[LrImages]:
    """Open a folder, zip or tar of LR images; only their headers are read at first.

    Raises:
        SrbenchError: nothing there is a PNG, one of them cannot be read, or one image is there under two names.
    """
    if not path.exists():
        raise SrbenchError(f"'{path}' does not exist; give --lr DIR with the LR images.")
    with open_contents(path, plan.limits) as contents:
        if contents.problems:
            raise SrbenchError(f"the LR images '{path}': {contents.problems[0].sentence()}")
        named = sort_files(contents.sizes, plan.scale)
        twice = [file_name(path) for path in contents.sizes if not _is_first(path, named, plan.scale)]
        if twice:
            raise SrbenchError(f"'{path}' holds an image twice, the second is '{twice[0]}'; give the LR images alone.")
        headers: dict[str, Header] = {}
        for stem, name in named.images.items():
            try:
                headers[stem] = read_header(contents.read(name, plan.limits.file_bytes)[:_HEADER_BYTES])
            except UnreadableError as error:
                raise SrbenchError(f"the LR image '{name}': {error.problem.sentence()}") from error
            except PngError as error:
                raise SrbenchError(f"the LR image '{name}': {error.what}; give the folder of LR images.") from error
        if not headers:
            raise SrbenchError(f"'{path}' holds no PNG images; give --lr DIR with the LR images.")
        sizes = {stem: (each.width * plan.scale, each.height * plan.scale) for stem, each in headers.items()}
        yield LrImages(sizes, headers, named.images, contents, plan.limits)


def _is_first(path: str, named: Named, scale: int) -> bool:
    """Whether a file is no image, or the one that is taken for its name."""
    stem = None if is_ignored(path) else image_stem(path.rpartition("/")[2], scale)
    return stem is None or named.images.get(stem, path) == path
