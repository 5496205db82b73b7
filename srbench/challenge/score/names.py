"""Files of a submission by name: what is ignored, which image a file is, which are missing, extra or double."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from srbench.challenge.score.plan import Limits
from srbench.challenge.score.verdict import Note, Problem, printable

_SHOWN = 10
_RENAME = "rename it after its LR image, or leave it out"
_IGNORED_NAMES = {"thumbs.db", "desktop.ini", "metadata", "ehthumbs.db", "icon\r"}
_PNG = re.compile(r"(?P<stem>.+?)(?:x(?P<scale>\d+))?\.png$", re.IGNORECASE | re.DOTALL)


def path_problem(path: str, limits: Limits) -> Problem | None:
    """Why a path inside an archive is refused; None where it is harmless."""
    shown = printable(path)

    def refuse(why: str, mend: str = "give files plain names, such as 0801x4.png") -> Problem:
        return Problem("names", f"'{shown}' {why}", mend=mend)

    if any(not c.isprintable() for c in path):
        return refuse("has control or direction characters, or is not UTF-8")
    if len(path) > limits.name_characters:
        return refuse(f"is longer than {limits.name_characters} characters")
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        return refuse("is an absolute path", "store names only: zip -j results.zip results/*.png readme.txt")
    if "\\" in path:
        return refuse("has a backslash", "zip it with forward slashes, or without folders")
    if ".." in path.split("/"):
        return refuse("leads out of the archive", "store names only: zip -j results.zip results/*.png readme.txt")
    if len([part for part in path.split("/") if part]) > limits.depth:
        return refuse(f"lies deeper than {limits.depth} levels", "put the images at the top of the archive")
    return None


def is_ignored(path: str) -> bool:
    """Whether a file is left by an operating system or the platform: hidden, ``__MACOSX``, ``metadata`` and so on."""
    parts = path.split("/")
    return "__MACOSX" in parts or any(p.startswith(".") for p in parts if p) or parts[-1].lower() in _IGNORED_NAMES


def is_readme(path: str) -> bool:
    """Whether a file's name begins with "readme", in any case."""
    return path.rpartition("/")[2].lower().startswith("readme")


def image_stem(name: str, scale: int) -> str | None:
    """The image that a PNG's name stands for: without the suffix ``x{scale}``; None for other files.

    >>> [image_stem(n, 4) for n in ("0801x4.png", "0801.PNG", "0801x2.png", "0801x4.jpg")]
    ['0801', '0801', '0801x2', None]
    """
    match = _PNG.fullmatch(name)
    if match is None:
        return None
    written = match.group("scale")
    if written is None or int(written[:9]) != scale:
        return name[: -len(".png")]
    return match.group("stem")


@dataclass(frozen=True)
class Named:
    """Images by stem, sorted; the readme's path or None; problems and notes of the names."""

    images: dict[str, str]
    readme: str | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


def sort_files(paths: Iterable[str], scale: int) -> Named:
    """Tell the files of a submission (or of a folder of references) apart by their names."""
    every = list(paths)
    kept = [path for path in every if not is_ignored(path)]
    problems: list[Problem] = []
    notes: list[Note] = []
    if len(kept) < len(every):
        names = [printable(path) for path in every if is_ignored(path)]
        notes.append(Note("ignored", f"ignored: {listed(names)}"))
    folder = common_folder([path for path in kept if path.lower().endswith(".png")])
    if folder:
        notes.append(Note("folder", f"all images lie in the folder '{printable(folder)}', which is taken as the top"))
    images: dict[str, str] = {}
    readmes: list[str] = []
    for path in sorted(kept):
        name = path[len(folder) :] if path.startswith(folder) else path
        stem = image_stem(name, scale) if "/" not in name else None
        if stem is None and is_readme(name):
            readmes.append(path)
        elif stem is None:
            problems.append(_stranger(path, name))
        elif stem in images:
            both = f"'{printable(images[stem][len(folder) :])}' and '{printable(name)}'"
            problems.append(Problem("names", f"duplicate {printable(stem)}: {both}", mend="keep one of them"))
        else:
            images[stem] = path
    if len(readmes) > 1:
        notes.append(Note("readme", f"more than one readme; '{printable(readmes[0])}' is read"))
    return Named(images, readmes[0] if readmes else None, tuple(problems), tuple(notes))


def common_folder(paths: Iterable[str]) -> str:
    """The folder with its slash that all files lie in, where images lie nowhere else; empty where there is none."""
    every = list(paths)
    if not every or any("/" not in path for path in every):
        return ""
    first = every[0].rpartition("/")[0].split("/")
    for path in every[1:]:
        parts = path.rpartition("/")[0].split("/")
        while first != parts[: len(first)]:
            first = first[:-1]
    return "/".join(first) + "/" if first else ""


def _stranger(path: str, name: str) -> Problem:
    shown = printable(path)
    lower = name.lower()
    if lower.endswith((".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")):
        return Problem("names", f"'{shown}' is an archive inside the archive", mend="it is not opened; send the images")
    if lower.endswith((".npy", ".npz", ".pkl", ".mat")):
        return Problem("names", f"'{shown}' holds arrays", "PNG images", mend="it is not opened; save uint8 RGB PNGs")
    if lower in ("metadata.yaml", "metadata.yml"):
        return Problem("names", f"'{shown}' would make a platform run this as code", mend="leave it out")
    if "/" in name:
        return Problem("names", f"'{shown}' lies in a folder", mend="zip -j results.zip results/*.png readme.txt")
    if lower.endswith((".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")):
        return Problem("names", f"'{shown}' is no PNG by its name", "PNG images", mend="save it as PNG")
    return Problem("names", f"'{shown}' is neither an image nor a readme", mend="leave it out")


def match_stems(
    images: Mapping[str, str], references: Iterable[str], scale: int, whose: str = "reference"
) -> tuple[Problem, ...]:
    """Which images are missing and which are extra, all by name.

    ``images`` are the submission's paths by stem; ``whose`` says what images belong to.
    """
    given, wanted = set(images), set(references)
    missing, extra = sorted(wanted - given), sorted(given - wanted)
    shared = _shared_addition(missing, extra)
    if shared:
        what = f"all {len(extra)} names {shared}"
        return (
            Problem(
                "names",
                what,
                f"{missing[0]}.png or {missing[0]}x{scale}.png",
                file_name(images[extra[0]]),
                "rename them",
            ),
        )
    if extra and missing and len(extra) == len(given) > 1:
        what = f"none of the {len(given)} images is named after its {whose}"
        wanted_name = f"{missing[0]}.png or {missing[0]}x{scale}.png"
        advice = _advice(extra[0], wanted)
        mend = "rename them" if advice == _RENAME else advice
        return (Problem("names", what, wanted_name, file_name(images[extra[0]]), mend),)
    problems = []
    if missing:
        what = f"{len(missing)} of {len(wanted)} images missing: {listed([printable(s) for s in missing])}"
        mend = f"add them, as {missing[0]}.png or {missing[0]}x{scale}.png"
        if extra:
            mend = f"rename what belongs to no {whose}, or {mend}"
        problems.append(Problem("names", what, mend=mend))
    for stem in extra[:_SHOWN]:
        what = f"'{file_name(images[stem])}' belongs to no {whose}"
        problems.append(Problem("names", what, mend=_advice(stem, wanted)))
    if len(extra) > _SHOWN:
        more = f"{len(extra) - _SHOWN} more images belong to no {whose}"
        problems.append(Problem("names", more, found=listed([file_name(images[s]) for s in extra[_SHOWN:]])))
    return tuple(problems)


def file_name(path: str) -> str:
    """The name of a file without its folder, made printable."""
    return printable(path.rpartition("/")[2])


def _shared_addition(missing: list[str], extra: list[str]) -> str:
    """What all names have in front of or behind the wanted ones ("end in '_SR'"); empty where that explains nothing.

    >>> _shared_addition(["0801", "0802"], ["0801_SR", "0802_SR"])
    "end in '_SR'"
    """
    if len(extra) < 2 or len(extra) != len(missing):
        return ""
    tail, head = extra[0][len(missing[0]) :], extra[0][: -len(missing[0])]
    if tail and extra == [name + tail for name in missing]:
        return f"end in '{printable(tail)}'"
    if head and extra == [head + name for name in missing]:
        return f"begin with '{printable(head)}'"
    return ""


def _advice(stem: str, wanted: set[str]) -> str:
    """What such a name was probably meant to be."""
    unscaled = re.sub(r"[xX]\d+$", "", stem)
    if unscaled != stem and unscaled in wanted:
        return f"the suffix names another scale or is not written as in {unscaled}.png"
    if stem.isdigit():
        padded = [name for name in sorted(wanted) if name.isdigit() and int(name) == int(stem)]
        if padded:
            return f"write the number as {padded[0]}"
    return _RENAME


def listed(names: list[str]) -> str:
    """Up to ten names and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
