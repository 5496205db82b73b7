"""Whether a folder of images holds the pixels of a built-in dataset, and if not, which known variant it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from srbench.datasets import layouts
from srbench.datasets.builtin import COLLECTIONS, Collection
from srbench.datasets.dataset import Image, pixel_hash
from srbench.datasets.manifest import Entry
from srbench.download import hash_file
from srbench.errors import CheckFailed, SrbenchError, unknown_name
from srbench.imaging import imresize, modcrop, read_image

Verdict = Literal["same", "other-crop", "half-size", "other-size", "other-pixels", "not-pinned"]
LrVerdict = Literal["imresize", "published-files", "pillow-bicubic", "other-size", "other"]

_URBAN100_LONG_SIDE = 1024
_LR_MEANING: dict[LrVerdict, str] = {
    "imresize": "made by MATLAB's imresize",
    "published-files": "the published LR files",
    "pillow-bicubic": "made by Pillow's bicubic, not MATLAB's; scores on them are lower",
    "other-size": "of another size than HR divided by the scale",
    "other": "made in an unknown way",
}


@dataclass(frozen=True)
class ImageVerdict:
    """One image of the folder against the manifest; ``reference`` is its name there, where known."""

    file: str
    reference: str | None
    verdict: Verdict
    detail: str
    lr: LrVerdict | None = None


@dataclass(frozen=True)
class Verification:
    """The outcome for a folder. ``summary`` is one sentence; ``variant`` names what the folder is instead.

    ``missing``: images of the dataset without a file; empty where files that are not recognised could be all of them.
    """

    dataset: str
    scale: int
    folder: str
    layout: str
    matches: bool
    variant: str | None
    summary: str
    missing: tuple[str, ...]
    images: tuple[ImageVerdict, ...]


class _Reference:
    """Look-up of a collection's HR images by decoded pixels per crop, by file hash and by name."""

    def __init__(self, collection: Collection, scale: int) -> None:
        hr = [entry for entry in collection.entries() if entry.kind == "HR"]
        self.scale = scale
        self.names = tuple(dict.fromkeys(entry.name for entry in hr))
        self.by_file = {entry.file.sha256: entry for entry in hr}
        self.by_pixels: dict[int, dict[str, str]] = {}
        self.sizes: dict[str, tuple[int, int]] = {}
        for entry in hr:
            self._add(entry)
        wanted = collection.hr_entries(scale)
        self.sizes.update({entry.name: entry.size for entry in wanted if entry.size})
        self.own_scale = wanted[0].scale
        self.lr = {e.name: e.pixels for e in collection.entries() if e.kind == "LR" and e.scale == scale and e.pixels}

    def _add(self, entry: Entry) -> None:
        if entry.pixels:
            self.by_pixels.setdefault(entry.scale, {})[entry.pixels] = entry.name
        if entry.mod12:
            self.by_pixels.setdefault(12, {})[entry.mod12] = entry.name
        if entry.size:
            self.sizes.setdefault(entry.name, entry.size)

    def name_for(self, stem: str) -> str | None:
        """The manifest's name for a file name: the same, or the one at the place that ``img_003`` counts."""
        lowered = {name.lower(): name for name in self.names}
        if stem.lower() in lowered:
            return lowered[stem.lower()]
        number = stem.removeprefix("img_")
        in_order = sorted(self.names)
        return in_order[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(in_order) else None

    def crops(self, image: Image) -> dict[int, str]:
        """{k: name} for every k for which the image cropped to multiples of k is a known HR image (k=0: as it is)."""
        found = {}
        for k, known in self.by_pixels.items():
            if min(image.shape[:2]) >= max(k, 1) and (name := known.get(pixel_hash(modcrop(image, k) if k else image))):
                found[k] = name
        return found


def verify(folder: str | Path, name: str | None, scale: int = 4) -> Verification:
    """Compare the decoded pixels of a folder, in any known layout, with a built-in dataset at one scale.

    Raises:
        SrbenchError: no name was given, the dataset has no manifest, or the folder cannot be read as images.
    """
    known = [collection.name for collection in COLLECTIONS]
    if name is None:
        raise SrbenchError(f"say with --as which dataset '{folder}' should be: {', '.join(sorted(known))}.")
    collection = next((c for c in COLLECTIONS if c.name == name.lower()), None)
    if collection is None:
        raise unknown_name("dataset with a manifest", name, known, always_list=True)
    found = layouts.detect(folder, scale)
    reference = _Reference(collection, scale)
    images = tuple(_judge(stem, path, found.lr.get(stem), reference) for stem, path in found.hr.items())
    images = _half_size_urban100(images, found.hr.values(), collection)
    present = {image.reference for image in images if image.reference}
    absent = tuple(n for n in reference.names if n not in present)
    unknown = sum(image.reference is None for image in images)  # each may be one of the absent
    missing = absent if len(absent) > unknown else ()
    bad_lr = Counter(i.lr for i in images if i.lr not in (None, "imresize", "published-files"))
    all_same = all(image.verdict == "same" for image in images)
    matches = all_same and not missing and not bad_lr
    variant = None if all_same else _variant(images)
    return Verification(
        dataset=collection.name,
        scale=scale,
        folder=str(folder),
        layout=found.layout,
        matches=matches,
        variant=variant,
        summary=_summary(collection, scale, images, absent, variant, reference),
        missing=missing,
        images=images,
    )


def _judge(stem: str, path: Path, lr_path: Path | None, reference: _Reference) -> ImageVerdict:
    image = read_image(path)
    scale = reference.scale
    crops = reference.crops(image)
    entry = reference.by_file.get(hash_file(path))
    if entry is not None:
        crops.setdefault(entry.scale, entry.name)
    name = next(iter(crops.values()), None) or reference.name_for(stem)
    lr = _judge_lr(image, lr_path, name, reference) if lr_path is not None else None
    own = reference.own_scale
    known_scales = [k for k in crops if k != 12]
    if own in crops or (known_scales and not reference.by_pixels.get(own)):
        how = "" if own in crops else f", compared as cropped for x{max(known_scales)}"
        cropped = modcrop(image, scale).shape[:2]
        uncropped = "" if cropped == image.shape[:2] else f" after cropping to {cropped[0]}x{cropped[1]}"
        return ImageVerdict(stem, name, "same", f"same pixels{uncropped}{how}", lr)
    if crops:
        k = next((k for k in sorted(crops) if k and modcrop(image, k).shape == image.shape), max(crops))
        expected = reference.sizes.get(name or "")
        wanted = f", expected {expected[0]}x{expected[1]}" if expected else ""
        detail = f"cropped to multiples of {k}: {image.shape[0]}x{image.shape[1]}{wanted}"
        return ImageVerdict(stem, name, "other-crop", detail, lr)
    return _differing(stem, name, image, lr, reference)


def _differing(stem: str, name: str | None, image: Image, lr: LrVerdict | None, reference: _Reference) -> ImageVerdict:
    height, width = image.shape[:2]
    expected = reference.sizes.get(name or "")
    if name is None:
        return ImageVerdict(stem, None, "other-pixels", "matches no image of the dataset", lr)
    if expected is None:
        return ImageVerdict(
            stem, name, "not-pinned", "another file than the published one; its pixels are not known", lr
        )
    size = f"{height}x{width}, expected {expected[0]}x{expected[1]}"
    if abs(2 * height - expected[0]) <= 12 and abs(2 * width - expected[1]) <= 12:
        return ImageVerdict(stem, name, "half-size", size, lr)
    cropped = modcrop(image, reference.scale).shape[:2] if min(height, width) >= reference.scale else (height, width)
    if cropped != expected:
        return ImageVerdict(stem, name, "other-size", size, lr)
    return ImageVerdict(stem, name, "other-pixels", "right size, other pixels (JPEG, or resampled?)", lr)


def _judge_lr(hr: Image, lr_path: Path, name: str | None, reference: _Reference) -> LrVerdict:
    """How an LR file was made, found by making it again from the HR beside it."""
    lr = read_image(lr_path)
    cropped = modcrop(hr, reference.scale)
    size = (cropped.shape[0] // reference.scale, cropped.shape[1] // reference.scale)
    if lr.shape[:2] != size:
        return "other-size"
    if np.array_equal(lr, imresize(np.ascontiguousarray(cropped), size)):
        return "imresize"
    if name is not None and reference.lr.get(name) == pixel_hash(lr):
        return "published-files"
    from PIL import Image as Pillow

    by_pillow = Pillow.fromarray(np.ascontiguousarray(cropped)).resize((size[1], size[0]), Pillow.Resampling.BICUBIC)
    return "pillow-bicubic" if np.array_equal(lr, np.asarray(by_pillow)) else "other"


def _half_size_urban100(
    images: tuple[ImageVerdict, ...], files: Iterable[Path], collection: Collection
) -> tuple[ImageVerdict, ...]:
    """Tell Urban100's half-size files by their long side, since only the hashes of its published files are known."""
    if collection.name != "urban100" or all(image.verdict == "same" for image in images):
        return images
    judged = []
    for image, path in zip(images, files, strict=True):
        height, width = read_image(path).shape[:2]
        if image.verdict == "not-pinned" and abs(2 * max(height, width) - _URBAN100_LONG_SIDE) <= 32:
            detail = f"{height}x{width}: half of the {_URBAN100_LONG_SIDE} pixels that Urban100's long side has"
            image = ImageVerdict(image.file, image.reference, "half-size", detail, image.lr)
        judged.append(image)
    return tuple(judged)


def _variant(images: tuple[ImageVerdict, ...]) -> str:
    """The one thing that is different about the images, in words."""
    verdict, count = Counter(image.verdict for image in images if image.verdict != "same").most_common(1)[0]
    share = f"{count} of {len(images)} images"
    example = next(image for image in images if image.verdict == verdict)
    words = {
        "half-size": "HR at half size, as in image_SRF_2 of SelfExSR's Urban100; take HR from image_SRF_4",
        "other-crop": "cropped for another scale or to multiples of 12 (as BasicSR's GTmod12)",
        "other-size": "HR of another size",
        "other-pixels": "HR with other pixels",
        "not-pinned": "files that are not the published ones, whose pixels are not known here",
    }
    return f"{words[verdict]} ({share}, e.g. {example.file}: {example.detail})"


def _summary(
    collection: Collection,
    scale: int,
    images: tuple[ImageVerdict, ...],
    absent: tuple[str, ...],
    variant: str | None,
    reference: _Reference,
) -> str:
    same = sum(image.verdict == "same" for image in images)
    parts = [f"{same} of {len(reference.names)} HR images have the pixels of {collection.title} at scale {scale}"]
    if variant:
        parts.append(variant)
    if absent:
        shown = ", ".join(absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        unknown = sum(image.reference is None for image in images)
        fewer = f" ({len(absent) - unknown} more than there are other files)" if len(absent) > unknown else ""
        parts.append(f"no file is recognised as {shown}{fewer}" if unknown else f"missing: {shown}")
    for kind, count in Counter(image.lr for image in images if image.lr).most_common():
        parts.append(f"{count} LR files are {_LR_MEANING[kind]}")
    return "; ".join(parts) + "."


def require_match(result: Verification) -> None:
    """Raise when the folder does not match.

    Raises:
        CheckFailed: with the summary, for exit code 3.
    """
    if not result.matches:
        raise CheckFailed(f"{result.folder} is not {result.dataset}: {result.summary}")


__all__ = ["ImageVerdict", "Verification", "require_match", "verify"]
