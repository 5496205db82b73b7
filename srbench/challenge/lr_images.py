"""What the LR images of a challenge say: the name and the size of every SR image, without any reference."""

from __future__ import annotations

from pathlib import Path

from srbench.challenge.score.archive import UnreadableError, open_contents
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.plan import Plan
from srbench.challenge.score.png import PngError, read_header
from srbench.errors import SrbenchError

_HEADER_BYTES = 33


def sizes_from_lr(path: Path, plan: Plan) -> dict[str, tuple[int, int]]:
    """Wanted width and height [px] of every SR image by name, from a folder, zip or tar of LR images.

    Raises:
        SrbenchError: nothing there is a PNG, or one of them cannot be read.
    """
    sizes: dict[str, tuple[int, int]] = {}
    with open_contents(path, plan.limits) as contents:
        if contents.problems:
            raise SrbenchError(f"the LR images '{path}': {contents.problems[0].sentence()}")
        for stem, name in sort_files(contents.sizes, plan.scale).images.items():
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
