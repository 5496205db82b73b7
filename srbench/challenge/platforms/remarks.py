"""A bundle beside the rules: the number of its references, sets that are left out, LR images, other rules."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from srbench.challenge.planning import plan_of
from srbench.challenge.platforms.looking import bundle_folder, named_like_lr, unpacked, wrong
from srbench.challenge.platforms.platform import BundleOptions
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.plan import PlanError, plan_from_json
from srbench.challenge.score.png import PngError, read_header
from srbench.challenge.verdict import Note, Problem, printable
from srbench.rules import Rules

_REFERENCES = re.compile(r"ref(?:erences)?_(?P<dataset>[a-z0-9]+)(?:\.zip)?")
"""How a bundle calls its references, a folder or a zip."""


def reference_counts(rules: Rules, options: BundleOptions) -> dict[str, int]:
    """Number of reference images by dataset of the rules, where references are given."""
    return {name: len(_images(folder, rules.scale)) for name, folder in options.references.items()}


def remarks(rules: Rules, options: BundleOptions) -> list[Note]:
    """Numbers of references that are not those of the rules, and datasets that get no phase."""
    counts = reference_counts(rules, options)
    notes: list[Note] = []
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
    if 2 * len(odd) <= len(paths) or named_like_lr(paths, scale):  # the check of the bundle says the latter
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


def beside_rules(bundle: Path, rules: Rules) -> tuple[list[Problem], list[Note]]:
    """What a bundle that is there already has other than ``rules`` say, and the remarks on its references.

    Raises:
        SrbenchError: the bundle cannot be opened.
    """
    problems: list[Problem] = []
    references: dict[str, Path] = {}
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(bundle_folder(bundle))
        for path in sorted(root.rglob("*")):
            named = _REFERENCES.fullmatch(path.name)
            folder = path
            if path.suffix == ".zip" and path.is_file():
                folder = stack.enter_context(unpacked(path)) or path
            if named is not None and folder.is_dir():
                references[named["dataset"]] = folder
            elif folder.is_dir() and (folder / "plan.json").is_file():
                problems += _other_rules(folder / "plan.json", path.name, rules)
        notes = remarks(rules, BundleOptions(references))
    return problems, notes


def _other_rules(file: Path, where: str, rules: Rules) -> list[Problem]:
    """Whether a plan follows from other rules; one that cannot be read is a problem of the platform's own check."""
    try:
        plan = plan_from_json(file.read_text(encoding="utf-8"))
    except (PlanError, OSError, UnicodeDecodeError):
        return []
    if plan.rules != rules.id:
        mend = f"give --rules {plan.rules}, or write the bundle again"
        return [wrong(f"{where} scores by other rules", rules.id, printable(plan.rules), mend)]
    wanted = plan_of(rules, stems=plan.stems, equal_to_reference=plan.equal_to_reference, limits=plan.limits)
    if plan != wanted:
        return [wrong(f"{where} scores by {rules.id} as these rules were before", mend="write the bundle again")]
    return []


def _images(folder: Path, scale: int) -> Sequence[str]:
    return tuple(sort_files((path.name for path in folder.iterdir() if path.is_file()), scale).images.values())
