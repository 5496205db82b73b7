"""What the LR images of a challenge say: the name and the size of every SR image, without any reference."""

from __future__ import annotations

from pathlib import Path

from srbench.challenge.score.archive import UnreadableError, open_contents
from srbench.challenge.score.names import Named, file_name, image_stem, is_ignored, sort_files
from srbench.challenge.score.plan import Plan
from srbench.challenge.score.png import PngError, read_header
from srbench.errors import SrbenchError

_HEADER_BYTES = 33


def sizes_from_lr(path: Path, plan: Plan) -> dict[str, tuple[int, int]]:
    """Wanted width and height [px] of every SR image by name, from a folder, zip or tar of LR images.

    Raises:
        SrbenchError: nothing there is a PNG, one of them cannot be read, or one image is there under two names.
    """
    sizes: dict[str, tuple[int, int]] = {}
    with open_contents(path, plan.limits) as contents:
        if contents.problems:
            raise SrbenchError(f"the LR images '{path}': {contents.problems[0].sentence()}")
        named = sort_files(contents.sizes, plan.scale)
        twice = [file_name(path) for path in contents.sizes if not _is_first(path, named, plan.scale)]
        if twice:
            raise SrbenchError(f"'{path}' holds an image twice, the second is '{twice[0]}'; give the LR images alone.")
        for stem, name in named.images.items():
            try:
                header = read_header(contents.read(name, plan.limits.file_bytes)[:_HEADER_BYTES])
            except UnreadableError as error:
                raise SrbenchError(f"the LR image '{name}': {error.problem.sentence()}") from error
            except PngError as error:
                raise SrbenchError(f"the LR image '{name}': {error.what}; give the folder of LR images.") from error
            sizes[stem] = header.width * plan.scale, header.height * plan.scale
    if not sizes:
        raise SrbenchError(f"'{path}' holds no PNG images; give --lr DIR with the LR images.")
    return sizes


def _is_first(path: str, named: Named, scale: int) -> bool:
    """Whether a file is no image, or the one that is taken for its name."""
    stem = None if is_ignored(path) else image_stem(path.rpartition("/")[2], scale)
    return stem is None or named.images.get(stem, path) == path
