"""The organiser's HR images: read one by one, and what is wrong with them blamed on the organiser."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy.typing as npt

from srbench.challenge.score.archive import Contents, UnreadableError, open_contents
from srbench.challenge.score.names import Named, sort_files
from srbench.challenge.score.plan import Limits, Plan
from srbench.challenge.score.png import PngError, check_header, read_header, read_pixels
from srbench.challenge.score.verdict import Problem

Pixels = npt.NDArray[Any]


class References:
    """HR images, opened once for any number of submissions; the last one read is kept."""

    def __init__(self, contents: Contents, named: Named, problems: list[Problem], limits: Limits) -> None:
        self.images, self.problems = named.images, problems
        self._contents, self._limits = contents, limits
        self._last_data: tuple[str, bytes] = ("", b"")
        self._last_pixels: tuple[str, Pixels] | None = None

    def size(self, stem: str, scale: int) -> tuple[int, int]:
        """Width and height [px] of SR for an image: HR's, cropped to multiples of the scale.

        Raises:
            PngError: the reference is no 8-bit RGB PNG, or cannot be read.
        """
        header = read_header(self._bytes(stem)[:33])
        check_header(header, header.width, header.height)
        return header.width - header.width % scale, header.height - header.height % scale

    def pixels(self, stem: str, scale: int) -> Pixels:
        """HR (uint8 HxWx3), cropped at the bottom and right to multiples of the scale.

        Raises:
            PngError: as for :meth:`size`.
        """
        if self._last_pixels is None or self._last_pixels[0] != stem:
            data = self._bytes(stem)
            self._last_pixels = (stem, read_pixels(data, read_header(data[:33]), self._limits)[0])
        pixels = self._last_pixels[1]
        height, width = pixels.shape[:2]
        return pixels[: height - height % scale, : width - width % scale]

    def _bytes(self, stem: str) -> bytes:
        if self._last_data[0] != stem:
            try:
                self._last_data = (stem, self._contents.read(self.images[stem], self._limits.file_bytes))
            except UnreadableError as error:
                raise PngError(error.problem.what, found=error.problem.found) from error
        return self._last_data[1]


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
            problems.append(organisers("there are no reference images"))
        yield References(contents, named, problems, plan.limits)


def organisers(what: str, expected: str = "", found: str = "") -> Problem:
    """A problem of the references."""
    mend = "this is the organisers' to mend, not the participant's"
    return Problem("references", f"reference data: {what}", expected, found, mend, "organiser")


def identities(references: Path) -> frozenset[tuple[int, int]]:
    """(device, inode) of every reference file, which no submission may link to."""
    files = references.rglob("*") if references.is_dir() else [references]
    found = (file.stat() for file in files if file.is_file())
    return frozenset((about.st_dev, about.st_ino) for about in found)
