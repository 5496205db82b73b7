"""References of a bundle beside the rules: their number, sets that are left out, LR images among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from srbench.challenge.platforms.platform import BundleOptions
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.png import PngError, read_header
from srbench.challenge.verdict import Note, Problem
from srbench.rules import Rules


def reference_counts(rules: Rules, options: BundleOptions) -> dict[str, int]:
    """Number of reference images by dataset of the rules, where references are given."""
    return {name: len(_images(folder, rules.scale)) for name, folder in options.references.items()}


def remarks(rules: Rules, options: BundleOptions) -> list[Note]:
    """Numbers of references that are not those of the rules, and datasets that get no phase."""
    counts = reference_counts(rules, options)
    notes = []
    for dataset in rules.datasets:
        count = counts.get(dataset.id)
        if count is not None and dataset.images is not None and count != dataset.images:
            text = f"{dataset.id}: {count} references, the rules say {dataset.images}; the pages say {count}"
            notes.append(Note("count", text))
        if counts and count is None:
            text = f"{dataset.id} is left out of the bundle; it has a phase with --references {dataset.id}=DIR"
            notes.append(Note("left out", text))
    for name, folder in options.references.items():
        notes += _odd_sizes(name, folder, rules.scale)
    return notes


def _odd_sizes(name: str, folder: Path, scale: int) -> list[Note]:
    """Most references have sides that are no multiples of the scale: HR images of challenges are cropped to them."""
    paths = _images(folder, scale)
    sizes = {path: _size(folder / path) for path in paths}
    odd = [path for path, size in sizes.items() if size and any(side % scale for side in size)]
    if 2 * len(odd) <= len(paths):
        return []
    width, height = sizes[odd[0]] or (0, 0)
    text = (
        f"{name}: {len(odd)} of {len(paths)} references have sides that are no multiples of {scale} "
        f"({odd[0]}: {width}x{height}); are they LR images?"
    )
    return [Note("LR size", text)]


def _size(path: Path) -> tuple[int, int] | None:
    """Width and height [px]; None of a file that is no PNG, which the bundle's check names."""
    with path.open("rb") as file:
        try:
            header = read_header(file.read(33))
        except PngError:
            return None
    return header.width, header.height


def wrong_references(rules: Rules, options: BundleOptions) -> list[Problem]:
    """References that are named like LR images, as ``0801x4.png``."""
    found = []
    for name, folder in options.references.items():
        paths = _images(folder, rules.scale)
        if paths and all(re.search(rf"x{rules.scale}\.png$", path, re.IGNORECASE) for path in paths):
            what = f"the references of {name} look like LR images: all names end in x{rules.scale}"
            mend = "give the folder of the HR images; rename them where they are"
            found.append(Problem("references", what, "0801.png", sorted(paths)[0], mend, "organiser"))
    return found


def _images(folder: Path, scale: int) -> Sequence[str]:
    return tuple(sort_files((path.name for path in folder.iterdir() if path.is_file()), scale).images.values())
