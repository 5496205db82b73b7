"""Pairing SR and HR files by name: suffixes such as ``x4``, ``_SR`` or ``_SRF_4_HR`` are no part of a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from srbench.errors import SrbenchError
from srbench.imaging import IMAGE_SUFFIXES, modcrop, read_image

_MOST_NAMED = 5


@dataclass(frozen=True)
class FilePair:
    """One image: its name without suffixes, and its two files."""

    name: str
    sr: Path
    hr: Path


def plain_name(stem: str, scale: int) -> str:
    """The name of an image without the suffixes that say its role and scale, lower case.

    >>> [plain_name(stem, 4) for stem in ("babyx4", "baby_SR", "baby_HR_x4", "img_001_SRF_4_HR", "0801x4_bicubic")]
    ['baby', 'baby', 'baby', 'img_001', '0801']
    """
    suffix = re.compile(rf"(?:_SRF_{scale}|[_-]?x{scale}|[_-](?:SR|HR|LR|GT|out|bicubic|LRBI))$", re.IGNORECASE)
    name = stem
    while (shorter := suffix.sub("", name)) and shorter != name:
        name = shorter
    return name.lower()


def pair_files(sr: str | Path, hr: str | Path, scale: int) -> tuple[FilePair, ...]:
    """Pair the images of two folders (or two single files), sorted by name.

    Files pair by their stem; those left over pair by their stem without suffixes. Two single files pair whatever their
    names. In a folder with both ``*_LR`` and ``*_HR`` (or ``*_SR``) files, only those of the wanted role count.

    Raises:
        SrbenchError: missing or empty folders, a folder against a file, files without partner, or names that collide.
    """
    sr_path, hr_path = Path(sr).expanduser(), Path(hr).expanduser()
    for path in (sr_path, hr_path):
        if not path.exists():
            raise SrbenchError(f"'{path}' does not exist; give a folder of images or one image.")
    if sr_path.is_file() and hr_path.is_file():
        return (FilePair(plain_name(hr_path.stem, scale), sr_path, hr_path),)
    if sr_path.is_file() or hr_path.is_file():
        raise SrbenchError(f"'{sr_path}' and '{hr_path}' are a file and a folder; give two folders or two files.")
    sr_files, hr_files = _images(sr_path, "SR"), _images(hr_path, "HR")
    sr_named, hr_named = _named(sr_files, lambda stem: stem), _named(hr_files, lambda stem: stem)
    same = sr_named.keys() & hr_named.keys()
    pairs = [FilePair(name, sr_named[name], hr_named[name]) for name in same]
    sr_left = _named((sr_named[n] for n in sr_named if n not in same), lambda stem: plain_name(stem, scale))
    hr_left = _named((hr_named[n] for n in hr_named if n not in same), lambda stem: plain_name(stem, scale))
    _refuse_unpaired(sr_path, hr_path, sr_left, hr_left)
    pairs += [FilePair(name, sr_left[name], hr_left[name]) for name in sr_left]
    return tuple(sorted(pairs, key=lambda pair: pair.name))


def lone_files(sr: str | Path) -> tuple[Path, ...]:
    """The SR images of a folder, sorted by name, or the one file; for what is measured without a reference.

    Raises:
        SrbenchError: there is no such folder, or no image in it.
    """
    place = Path(sr).expanduser()
    if not place.exists():
        raise SrbenchError(f"'{place}' does not exist; give a folder of images or one image.")
    return (place,) if place.is_file() else tuple(_images(place, "SR"))


def _images(folder: Path, role: str) -> list[Path]:
    """Image files of a folder; those marked as LR are left out when others are marked as ``role``."""
    files = sorted(
        p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".") and p.is_file()
    )
    if any(p.stem.upper().endswith(f"_{role}") for p in files):
        files = [p for p in files if not p.stem.upper().endswith("_LR")]
    if not files:
        raise SrbenchError(f"'{folder}' holds no images; expected {', '.join(IMAGE_SUFFIXES)} files.")
    return files


def _named(files: Iterable[Path], name_of: Callable[[str], str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for file in files:
        name = name_of(file.stem)
        if name in named:
            raise SrbenchError(
                f"'{named[name].name}' and '{file.name}' in '{file.parent}' name the same image; keep one."
            )
        named[name] = file
    return named


def _refuse_unpaired(sr: Path, hr: Path, sr_left: dict[str, Path], hr_left: dict[str, Path]) -> None:
    lonely_sr = [sr_left[name].name for name in sorted(sr_left.keys() - hr_left.keys())]
    lonely_hr = [hr_left[name].name for name in sorted(hr_left.keys() - sr_left.keys())]
    parts = [
        f"{_some(names)} in '{folder}' {'has' if len(names) == 1 else 'have'} no partner in '{other}'"
        for names, folder, other in ((lonely_sr, sr, hr), (lonely_hr, hr, sr))
        if names
    ]
    if parts:
        raise SrbenchError(f"{' and '.join(parts)}; images pair by name, so rename, add or remove files.")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def load_pair(
    pair: FilePair, scale: int, *, keep_grey: bool = False, crops: tuple[int, ...] = ()
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """SR and HR as uint8 HxWx3; HR is modcropped when that is what makes it SR's size.

    With ``keep_grey`` the HR of a file with a single channel is HxW. ``crops`` are other numbers of pixels that HR may
    have been cropped to multiples of.

    Raises:
        SrbenchError: a file cannot be read, or the sizes differ; names both files.
    """
    sr, hr = read_image(pair.sr), read_image(pair.hr, keep_grey=keep_grey)
    whole = hr
    for multiple in (scale, *crops):
        if sr.shape[:2] != hr.shape[:2] and min(whole.shape[:2]) >= multiple:
            cropped = modcrop(whole, multiple)
            hr = cropped if multiple == scale or cropped.shape[:2] == sr.shape[:2] else hr
    if sr.shape[:2] != hr.shape[:2]:
        raise SrbenchError(
            f"SR '{pair.sr}' is {sr.shape[0]}x{sr.shape[1]} but HR '{pair.hr}' is {hr.shape[0]}x{hr.shape[1]} "
            f"(height x width, modcropped by {scale}); check --scale and which folder is which."
        )
    return sr, hr
