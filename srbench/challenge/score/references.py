"""The organiser's HR images: read one by one, and what is wrong with them blamed on the organiser."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from srbench.challenge.score.archive import Contents, UnreadableError, open_contents
from srbench.challenge.score.names import Named, sort_files
from srbench.challenge.score.pairing import tiny
from srbench.challenge.score.plan import Limits, Plan
from srbench.challenge.score.png import WRONG_SIZE, PngError, check_header, read_header, read_pixels
from srbench.challenge.score.verdict import Problem

Pixels = npt.NDArray[Any]


class Reference:
    """One HR image, decoded by the first thread that asks for its pixels; the others wait for it.

    Raises:
        PngError: it is no 8-bit RGB PNG.
    """

    def __init__(self, data: bytes, scale: int, limits: Limits) -> None:
        self._header = read_header(data[:33])
        check_header(self._header, self._header.width, self._header.height)
        self._data, self._limits, self._scale = data, limits, scale
        self._pixels: Pixels | None = None
        self._tiny: Pixels | None = None
        self._lock = threading.Lock()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [px] of SR for it: HR's, cropped to multiples of the scale."""
        header, scale = self._header, self._scale
        return header.width - header.width % scale, header.height - header.height % scale

    def pixels(self) -> Pixels:
        """HR (uint8 HxWx3), cropped at the bottom and right to multiples of the scale.

        Raises:
            PngError: it is damaged.
        """
        with self._lock:
            return self._cropped()

    def tiny(self) -> Pixels:
        """HR made tiny, as :func:`pairing.tiny` does; raises as :meth:`pixels` does."""
        with self._lock:
            if self._tiny is None:
                self._tiny = tiny(self._cropped())
            return self._tiny

    def _cropped(self) -> Pixels:
        if self._pixels is None:
            self._pixels, self._data = read_pixels(self._data, self._header, self._limits)[0], b""
        width, height = self.size
        return self._pixels[:height, :width]


class References:
    """HR images, opened once for any number of submissions; none is kept."""

    def __init__(self, contents: Contents, named: Named, problems: list[Problem], plan: Plan) -> None:
        self.images, self.problems = named.images, problems
        self._contents, self._plan = contents, plan

    def read(self, stem: str) -> Reference:
        """The HR image of a name; its pixels are not decoded yet.

        Raises:
            PngError: it is no 8-bit RGB PNG, or cannot be read.
        """
        limits = self._plan.limits
        try:
            data = self._contents.read(self.images[stem], limits.file_bytes)
        except UnreadableError as error:
            raise PngError(error.problem.what, found=error.problem.found) from error
        return Reference(data, self._plan.scale, limits)


@contextlib.contextmanager
def open_references(path: Path, plan: Plan) -> Iterator[References]:
    """Open a folder, zip or tar of HR images; what is wrong with it is in its ``problems``, blamed on the organiser."""
    with open_contents(path, plan.limits) as contents:
        named = sort_files(contents.sizes, plan.scale)
        found = [*contents.problems, *named.problems]
        problems = [organisers(p.what, p.expected, p.found) for p in found]
        missing = sorted(set(plan.stems) - set(named.images))
        if missing:
            problems.append(organisers(f"{len(missing)} references are missing, the first is {missing[0]}"))
        if not named.images and not problems:
            problems.append(organisers(f"there are no reference images in '{path.name}'"))
        yield References(contents, named, problems, plan)


def organisers(what: str, expected: str = "", found: str = "") -> Problem:
    """A problem of the references."""
    mend = "this is the organisers' to mend, not the participant's"
    return Problem("references", f"reference data: {what}", expected, found, mend, "organiser")


LR_LIKE = "the references look like LR images"


def without_lr_images(problems: Sequence[Problem], count: int, scale: int) -> list[Problem]:
    """One problem of the references instead of all wrong sizes, where every one of ``count`` images is ``scale`` times
    as large as its reference, which may have been cropped to a multiple of the scale."""
    sizes = [problem for problem in problems if problem.what.endswith(f": {WRONG_SIZE}")]
    if not sizes or len(sizes) < count or not all(is_times(each.found, each.expected, scale) for each in sizes):
        return [*problems]
    what = f"{LR_LIKE}: every image is {scale} times as large as its reference"
    mend = "give HR images as --references, LR images as 'validate --lr'"
    return [Problem("references", what, mend=mend, blame="organiser"), *(p for p in problems if p not in sizes)]


def is_times(large: str, small: str, scale: int) -> bool:
    """Whether a size is ``scale`` times the other, which may have been cropped to a multiple of the scale.

    >>> is_times("200x240", "48x60", 4)
    True
    """
    pairs = zip(map(int, large.split("x")), map(int, small.split("x")))  # noqa: B905  (Python 3.9)
    return all(scale * low <= high < scale * (low + scale) for high, low in pairs)


def identities(references: Path) -> frozenset[tuple[int, int]]:
    """(device, inode) of every reference file, which no submission may link to."""
    files = references.rglob("*") if references.is_dir() else [references]
    found = (file.stat() for file in files if file.is_file())
    return frozenset((about.st_dev, about.st_ino) for about in found)
