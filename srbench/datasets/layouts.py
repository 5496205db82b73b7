"""Finding HR and LR images in a folder laid out in any of the ways people have them on disk.

=============  ==================================================================================
layout         files
=============  ==================================================================================
selfexsr       ``Set5/image_SRF_4/img_001_SRF_4_{HR,LR}.png``
basicsr        ``Set5/GTmod12/baby.png``, ``Set5/LRbicx4/baby.png``
benchmark      ``Set5/HR/baby.png``, ``Set5/LR_bicubic/X4/babyx4.png`` (EDSR, KAIR, SwinIR)
div2k          ``DIV2K_valid_HR/0801.png``, ``DIV2K_valid_LR_bicubic/X4/0801x4.png``
ntire          ``DIV2K_LSDIR_valid_HR/000001.png``, ``DIV2K_LSDIR_valid_LR/000001x4.png``
imdn           ``Set5/baby.bmp``, ``Set5_LR/x4/babyx4.bmp``
flat           ``anything/baby.png``: HR only
=============  ==================================================================================

A folder is recognised by its root or by its HR folder. LR files may or may not carry the scale in their names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.imaging import IMAGE_SUFFIXES, read_image

NAMES = ("selfexsr", "basicsr", "benchmark", "div2k", "ntire", "imdn", "flat")


@dataclass(frozen=True)
class Found:
    """HR files, and LR files of one scale where there are any, by image name."""

    layout: str
    hr: dict[str, Path]
    lr: dict[str, Path]
    hr_folder: Path
    lr_folder: Path | None

    def check_partners(self, need_lr: bool, scale: int) -> None:
        """Raise when an LR has no HR, or (``need_lr``) when an HR has no LR.

        Raises:
            SrbenchError: names the images without a partner and the folder that lacks them.
        """
        if self.lr_folder is not None and (lonely := sorted(set(self.lr) - set(self.hr))):
            raise SrbenchError(
                f"HR has no partner for LR {_some(lonely)}: expected {'it' if len(lonely) == 1 else 'them'} in "
                f"{self.hr_folder} beside the {len(self.hr)} HR images there; add the missing files."
            )
        if not need_lr:
            return
        if self.lr_folder is None:
            raise SrbenchError(
                f"{self.hr_folder} (layout {self.layout}) has no LR files for scale {scale}; "
                "add them or use --lr imresize."
            )
        if lonely := sorted(set(self.hr) - set(self.lr)):
            raise SrbenchError(
                f"LR has no partner for HR {_some(lonely)}: expected {'it' if len(lonely) == 1 else 'them'} in "
                f"{self.lr_folder} at scale {scale}; add the missing files or use --lr imresize."
            )


def detect(folder: str | Path, scale: int) -> Found:
    """Find the images of ``folder`` for ``scale``.

    Raises:
        SrbenchError: no such folder, no images, several candidates, or names that collide.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise SrbenchError(
            f"'{folder}' is not a folder; give a folder of images or a dataset name (srbench list datasets)."
        )
    root = root.resolve()
    for layout in _LAYOUTS:
        if (found := layout(root, scale)) is not None:
            if not found.hr:
                raise SrbenchError(
                    f"{found.hr_folder} holds no HR images for scale {scale} (layout {found.layout}); "
                    f"expected {', '.join(IMAGE_SUFFIXES)} files."
                )
            return found
    raise SrbenchError(
        f"no images were found in {root}; expected HR images in it, or a layout such as HR + LR_bicubic/X{scale}, "
        f"GTmod12 + LRbicx{scale} or image_SRF_{scale}."
    )


def image_files(folder: Path) -> list[Path]:
    """Image files directly in ``folder``, sorted by name; hidden files are left out."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if _is_image(entry))
    return [folder / name for name in names]


def _names_in(folder: Path) -> list[str]:
    return os.listdir(folder)  # noqa: PTH208 - of 100,000 files, without a path of each


def _holds_images(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(map(_is_image, entries))


def _is_image(entry: os.DirEntry[str]) -> bool:
    suffix = os.path.splitext(entry.name)[1]  # noqa: PTH122 - of 100,000 names, without a path of each
    return suffix.lower() in IMAGE_SUFFIXES and not entry.name.startswith(".") and entry.is_file()


def _by_name(files: Iterable[Path], name_of: Callable[[Path], str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for file in files:
        name = name_of(file)
        if name in named:
            raise SrbenchError(
                f"'{named[name].name}' and '{file.name}' in {file.parent} are both named '{name}'; keep one of them."
            )
        named[name] = file
    return named


def _some(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _lr_by_name(folder: Path, hr: dict[str, Path], scale: int) -> dict[str, Path]:
    """LR files by the name of their HR: the same stem, or the stem without its ``x4``, ``_x4`` or ``_LRBI_x4``."""
    ending = re.compile(rf"(?:_LRBI|_LR)?_?x{scale}$", re.IGNORECASE)

    def name_of(file: Path) -> str:
        short = ending.sub("", file.stem)
        return file.stem if file.stem in hr and short not in hr else short

    return _by_name(image_files(folder), name_of)


def _paired(layout: str, hr_folder: Path, lr_folder: Path, scale: int) -> Found:
    hr = _by_name(image_files(hr_folder), lambda file: re.sub(rf"_HR_x{scale}$", "", file.stem))
    if not lr_folder.is_dir():
        return Found(layout, hr, {}, hr_folder, None)
    return Found(layout, hr, _lr_by_name(lr_folder, hr, scale), hr_folder, lr_folder)


def _child(folder: Path, *names: str) -> Path | None:
    """The sub-folder with one of ``names``, whatever its case."""
    if not folder.is_dir():
        return None
    wanted = {name.lower() for name in names}
    found = sorted(name for name in _names_in(folder) if name.lower() in wanted)
    return next((folder / name for name in found if (folder / name).is_dir()), None)


def _selfexsr(root: Path, scale: int) -> Found | None:
    if match := re.fullmatch(r"image_SRF_(\d+)", root.name):
        own, top = int(match[1]), root.parent
    else:
        own, top = 0, root
    named = {int(m[1]): top / name for name in _names_in(top) if (m := re.fullmatch(r"image_SRF_(\d+)", name))}
    folders = {of_scale: folder for of_scale, folder in named.items() if folder.is_dir()}
    if not folders:
        return None
    lr_scale = own or scale
    hr_scale = own or _selfexsr_hr_scale(folders, scale, top)
    files = image_files(folders[hr_scale])
    hr = _by_name((f for f in files if f.stem.endswith("_HR")), lambda f: re.sub(r"_SRF_\d+_HR$", "", f.stem))
    lr: dict[str, Path] = {}
    lr_folder = folders.get(lr_scale) if hr_scale == lr_scale == scale else None
    if lr_folder is not None:
        small = (f for f in image_files(lr_folder) if f.stem.endswith("_LR"))
        lr = _by_name(small, lambda f: re.sub(r"_SRF_\d+_LR$", "", f.stem))
    return Found("selfexsr", hr, lr, folders[hr_scale], lr_folder if lr else None)


def _selfexsr_hr_scale(folders: dict[int, Path], scale: int, top: Path) -> int:
    """The folder to take HR from: that of ``scale``, or the largest where another holds smaller images (Urban100)."""
    sizes = {k: _first_hr_side(folder) for k, folder in folders.items()}
    largest = max(folders, key=lambda k: (sizes[k], k))
    if min(sizes.values()) < 0.75 * sizes[largest]:
        return largest
    if fitting := [k for k in folders if scale % k == 0]:
        return max(fitting)
    raise SrbenchError(f"{top} has no image_SRF_{scale}; it has {', '.join(folders[k].name for k in sorted(folders))}.")


def _first_hr_side(folder: Path) -> int:
    first = next((file for file in image_files(folder) if file.stem.endswith("_HR")), None)
    return max(read_image(first).shape[:2]) if first else 0


def _basicsr(root: Path, scale: int) -> Found | None:
    top = root.parent if re.fullmatch(r"GT(mod\d+)?", root.name, re.IGNORECASE) else root
    hr = root if top != root else _child(root, "GTmod12", "GT")
    return _paired("basicsr", hr, _child(top, f"LRbicx{scale}") or top / f"LRbicx{scale}", scale) if hr else None


def _benchmark(root: Path, scale: int) -> Found | None:
    top = root.parent if root.name.upper() == "HR" else root
    hr = _child(top, "HR")
    if hr is None:
        return None
    if not image_files(hr) and (inner := _child(hr, f"X{scale}")):  # HR/X4 + LR_bicubic/X4
        hr = inner
    lr = _child(top, "LR_bicubic", "LR", "LRBI")
    return _paired("benchmark", hr, (_child(lr, f"X{scale}") if lr else None) or top / f"LR_bicubic/X{scale}", scale)


def _challenge(root: Path, scale: int) -> Found | None:
    """DIV2K (``*_HR`` and ``*_LR_bicubic/X4``) and NTIRE (``*_HR`` and ``*_LR``)."""
    if root.name.endswith("_HR"):
        hr = root
    else:
        ending = sorted(name for name in _names_in(root) if name.endswith("_HR"))
        candidates = [root / name for name in ending if (root / name).is_dir()]
        if not candidates:
            return None
        if len(candidates) > 1:
            names = ", ".join(p.name for p in candidates)
            raise SrbenchError(f"{root} holds several HR folders ({names}); give one of them instead.")
        hr = candidates[0]
    stem = hr.name.removesuffix("_HR")
    bicubic = _child(hr.parent, f"{stem}_LR_bicubic")
    if bicubic is not None:
        return _paired("div2k", hr, _child(bicubic, f"X{scale}") or bicubic / f"X{scale}", scale)
    plain = _child(hr.parent, f"{stem}_LR")
    if plain is None:
        return _paired("div2k", hr, hr.parent / f"{stem}_LR_bicubic" / f"X{scale}", scale)
    return _paired("ntire", hr, _child(plain, f"X{scale}") or _ntire_lr(plain, scale), scale)


def _ntire_lr(folder: Path, scale: int) -> Path:
    """``*_LR`` itself when its files are of ``scale`` (they carry it in their names), else a path that is not there."""
    marked = [m for f in image_files(folder) if (m := re.search(r"x(\d+)$", f.stem))]
    if marked and all(int(m[1]) != scale for m in marked):
        return folder / f"X{scale}"
    return folder


def _imdn(root: Path, scale: int) -> Found | None:
    top = root
    if not _holds_images(root):
        pairs = [p for p in root.iterdir() if p.is_dir() and _child(root, f"{p.name}_LR")]
        if len(pairs) != 1:
            return None
        top = pairs[0]
    lr = _child(top.parent, f"{top.name}_LR")
    if lr is None:
        return None
    return _paired("imdn", top, _child(lr, f"x{scale}") or lr / f"x{scale}", scale)


def _flat(root: Path, _scale: int) -> Found | None:
    files = image_files(root)
    return Found("flat", _by_name(files, lambda file: file.stem), {}, root, None) if files else None


_LAYOUTS: tuple[Callable[[Path, int], Found | None], ...] = (_selfexsr, _basicsr, _benchmark, _challenge, _imdn, _flat)
