"""Datasets by name: the built-in ones, those of plugins and entry points, and any folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from srbench.datasets import embedded, layouts
from srbench.datasets.builtin import COLLECTIONS, Collection
from srbench.datasets.dataset import LR_KINDS, Dataset, FolderImages, ImagePair, LrKind, changed
from srbench.datasets.facts import dataset_title
from srbench.download import RemoteFile, can_fetch, fetch_all, is_cached
from srbench.errors import SrbenchError, unknown_name
from srbench.registry import Registry

Status = Literal["cached", "fetchable", "unavailable"]


def _no_files(_scale: int, _lr: LrKind) -> tuple[RemoteFile, ...]:
    return ()


@dataclass(frozen=True)
class DatasetCard:
    """A registered dataset: what it is, and how to open it.

    ``pairs(scale, lr)`` gives the images (they are read on use); ``files(scale, lr)`` names what must be downloaded
    before, and is empty for data that is already here.
    """

    name: str
    title: str
    pairs: Callable[[int, LrKind], Sequence[ImagePair]]
    files: Callable[[int, LrKind], tuple[RemoteFile, ...]] = _no_files
    images: int | None = None
    scales: tuple[int, ...] = (2, 3, 4)
    lr_scales: tuple[int, ...] = ()
    licence: str = "unstated"
    attribution: str = ""
    note: str = ""

    @property
    def info(self) -> str:
        """What the set is, whose it is and under which terms, in one line."""
        return " ".join(part for part in (self.note, self.attribution, f"Licence: {self.licence}.") if part)


@dataclass(frozen=True)
class _FolderPairs:
    """The images of a folder in any layout of :mod:`srbench.datasets.layouts`; it is looked at when they are opened."""

    folder: Path

    def __call__(self, scale: int, lr: LrKind) -> FolderImages:
        found = layouts.detect(self.folder, scale)
        found.check_partners(need_lr=lr == "files", scale=scale)
        names = tuple(found.hr)
        lr_folder = found.lr_folder if lr == "files" else None
        return FolderImages(
            scale, names, found.hr_folder, _endings(names, found.hr),
            lr_folder, () if lr_folder is None else _endings(names, found.lr),
        )  # fmt: skip


def _endings(names: Sequence[str], files: Mapping[str, Path]) -> tuple[str, ...]:
    """What the files' names have behind the images', as one text for all that have the same."""
    return tuple(sys.intern(files[name].name.removeprefix(name)) for name in names)


def _built_in() -> tuple[DatasetCard, ...]:
    own = DatasetCard(
        name="embedded",
        title=dataset_title("embedded"),
        pairs=_embedded_pairs,
        files=_embedded_files,
        images=len(embedded.FILES),
        licence=embedded.LICENCE,
        attribution=embedded.ATTRIBUTION,
        note=embedded.NOTE,
    )
    return (*map(_collection_card, COLLECTIONS), own)


def _of_entry_point(name: str, value: Any) -> tuple[DatasetCard, ...]:
    """A card, several of them, or a folder (str or Path) under the entry point's own name."""
    if isinstance(value, (str, Path)):
        value = DatasetCard(name=name, title=name, pairs=_FolderPairs(Path(value)))
    return tuple(value) if isinstance(value, Iterable) else (value,)


DATASETS: Registry[DatasetCard] = Registry(
    "dataset", DatasetCard, built_in=_built_in, group="srbench.datasets", from_entry_point=_of_entry_point
)
"""Datasets by name; an entry point may also be a folder."""


def register_dataset(card: DatasetCard | str, folder: str | Path | None = None, **about: Any) -> DatasetCard:
    """Make a dataset known by name, for example in a ``--plugin`` file. Registering the same one again is harmless.

    Args:
        card: a card, or the name for a ``folder``.
        folder: a folder in any layout of :mod:`srbench.datasets.layouts`; it is looked at when it is opened.
        about: for a folder: ``title``, ``licence``, ``attribution``, ``note``.

    Raises:
        SrbenchError: the name is taken or is not a name, or a name comes without a folder.
    """
    if isinstance(card, str):
        if folder is None:
            raise SrbenchError(
                f"dataset '{card}' was registered without a folder; give register_dataset(name, folder)."
            )
        about.setdefault("title", card)
        card = DatasetCard(name=card, pairs=_FolderPairs(Path(folder)), **about)
    if isinstance(card, DatasetCard) and not re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", card.name):
        raise SrbenchError(f"'{card.name}' is not a dataset name; expected lower-case letters, digits and . + - only.")
    DATASETS.add(card)
    return card


def cards() -> tuple[DatasetCard, ...]:
    """Every dataset there is: built in, from entry points, registered."""
    return tuple(DATASETS)


def dataset_names() -> tuple[str, ...]:
    """Names of all datasets, built-in ones first."""
    return DATASETS.names()


def get_dataset(name: str) -> DatasetCard:
    """The card of a dataset, or of a crop of it: ``set5@mod12`` is Set5 with HR cropped to multiples of 12.

    Names are taken in upper or lower case.

    Raises:
        SrbenchError: no dataset has this name.

    >>> get_dataset("Set5").title, get_dataset("SET5@mod12").name
    ('Set5', 'set5@mod12')
    """
    base, multiple = split_crop(name)
    card = DATASETS.get(base)
    return card if multiple is None else _cropped(card, multiple)


def is_registered(name: str) -> bool:
    """Whether ``name`` is a dataset, or a crop of one (``set5@mod12``)."""
    return split_crop(name)[0] in DATASETS


def split_crop(name: str) -> tuple[str, int | None]:
    """The name of a dataset without its crop, and the number of pixels that HR is cropped to multiples of.

    >>> split_crop("set5@mod12"), split_crop("set5")
    (('set5', 12), ('set5', None))
    """
    found = re.fullmatch(r"(.+)@mod([1-9]\d*)", name, re.IGNORECASE)
    return (found[1], int(found[2])) if found else (name, None)


def pairs_of(card: DatasetCard, scale: int, lr: LrKind) -> Sequence[ImagePair]:
    """The images of a dataset, whose LR is read or made as ``lr`` says."""
    if lr != "double":
        pairs = card.pairs(scale, lr)
        return pairs if isinstance(pairs, FolderImages) else tuple(pairs)
    return changed(card.pairs(scale, "imresize"), round_once=True)


def available(name: str, scale: int, lr: LrKind = "imresize") -> Status:
    """Whether a dataset can be opened, as far as can be told without opening a socket.

    "cached": all its files are here and have the right hash; "fetchable": the rest may be downloaded (that its host
    answers is not known yet); "unavailable": offline, absent from the mirror, host known not to answer, or not
    offered at this scale.
    """
    try:
        lacking = missing_files(name, scale, lr)
    except SrbenchError:
        if not is_registered(name):
            raise
        return "unavailable"
    if not lacking:
        return (
            "cached" if get_dataset(split_crop(name)[0]).name != "embedded" or not embedded.missing() else "unavailable"
        )
    return "fetchable" if all(can_fetch(file.url) for file in lacking) else "unavailable"


def missing_files(name: str, scale: int, lr: LrKind = "imresize") -> tuple[RemoteFile, ...]:
    """Files of a dataset that are not in the cache.

    Raises:
        SrbenchError: unknown dataset, or it has no such scale or LR files.
    """
    return tuple(f for f in get_dataset(name).files(scale, lr) if not is_cached(f.url, f.sha256))


def open_dataset(
    name_or_folder: str | Path,
    scale: int,
    lr: LrKind = "imresize",
    limit: int | None = None,
    fetch: bool = True,
    on_bytes: Callable[[int], None] | None = None,
) -> Dataset:
    """Open a dataset by name, or a folder in any known layout, at one scale.

    Args:
        name_or_folder: a name of :func:`dataset_names`, which wins, or a folder (``./set5`` for one of such a name);
            ``@mod12`` behind it crops HR to multiples of 12, as some papers do at every scale.
        scale: the factor between LR and HR, an integer >= 1.
        lr: "imresize" makes LR of HR as MATLAB does on uint8, rounding after each pass; "double" as it does in double
            precision, rounding once; "files" takes the LR files that come with the dataset.
        limit: only the first images.
        fetch: download what is missing; False raises instead.
        on_bytes: told the number of bytes that have arrived since it was last called.

    Raises:
        SrbenchError: unknown name, no such folder, images without partner, no such scale.
        Unreachable, HashMismatch, CacheUnwritable: see :func:`srbench.download.fetch`.
    """
    if scale < 1 or (limit is not None and limit < 1) or lr not in LR_KINDS:
        raise SrbenchError(
            f"cannot open '{name_or_folder}' with scale {scale}, limit {limit}, lr '{lr}'; "
            f"expected positive integers, and one of {', '.join(LR_KINDS)}."
        )
    name = str(name_or_folder)
    if isinstance(name_or_folder, str) and is_registered(name):
        card = get_dataset(name)
        _require(card, scale, lr, fetch, on_bytes)
    else:
        card = _folder_card(name)
    pairs = pairs_of(card, scale, lr)
    if not pairs:
        raise SrbenchError(f"dataset '{card.name}' holds no images at scale {scale}.")
    return Dataset(card.name, scale, lr, pairs[:limit], limit)


def fetch_dataset(
    name: str, scale: int, lr: LrKind = "imresize", on_bytes: Callable[[int], None] | None = None
) -> tuple[RemoteFile, ...]:
    """Download what is missing of a dataset; returns the files that were downloaded. Errors as :func:`open_dataset`."""
    lacking = missing_files(name, scale, lr)
    fetch_all(lacking, on_bytes)
    return lacking


def _require(card: DatasetCard, scale: int, lr: LrKind, fetch: bool, on_bytes: Callable[[int], None] | None) -> None:
    lacking = missing_files(card.name, scale, lr)
    if lacking and not fetch:
        raise SrbenchError(
            f"{len(lacking)} files of dataset '{card.name}' at scale {scale} are not in the cache; "
            f"run: srbench fetch {card.name} --scale {scale}"
        )
    fetch_all(lacking, on_bytes)


def _looks_like_path(name: str) -> bool:
    return os.sep in name or name.startswith((".", "~")) or "/" in name


def _folder_card(name: str) -> DatasetCard:
    path, multiple = (name, None) if Path(name).expanduser().is_dir() else split_crop(name)
    folder = Path(path).expanduser()
    if not folder.is_dir() and not folder.is_file() and not _looks_like_path(name):
        raise unknown_name("dataset", name, dataset_names(), also="the path of a folder of images")
    called = f"folder:{folder.resolve().name}"
    card = DatasetCard(name=called, title=called, pairs=_FolderPairs(Path(path)))
    return card if multiple is None else _cropped(card, multiple)


def _cropped(card: DatasetCard, multiple: int) -> DatasetCard:
    """``card`` with its HR images cropped to multiples of ``multiple``; it has no LR files, which fit another crop."""
    return replace(
        card,
        name=f"{card.name}@mod{multiple}",
        title=f"{card.title}, HR cropped to multiples of {multiple}",
        pairs=partial(_cropped_pairs, card, multiple),
        lr_scales=(),
    )


def _cropped_pairs(card: DatasetCard, multiple: int, scale: int, lr: LrKind) -> Sequence[ImagePair]:
    if multiple % scale:
        raise SrbenchError(f"'{card.name}@mod{multiple}' has no scale {scale}, which does not divide {multiple}.")
    if lr == "files":
        raise SrbenchError(
            f"'{card.name}@mod{multiple}' has no LR files: those of '{card.name}' fit its own crop; use --lr imresize."
        )
    return changed(card.pairs(scale, lr), multiple=multiple)


def _collection_card(collection: Collection) -> DatasetCard:
    return DatasetCard(
        name=collection.name,
        title=collection.title,
        pairs=collection.pairs,
        files=collection.files,
        images=len(collection.hr_entries(4)),
        scales=collection.scales(),
        lr_scales=collection.lr_scales(),
        licence=collection.licence,
        attribution=collection.attribution,
        note=collection.note,
    )


def _embedded_files(_scale: int, lr: LrKind) -> tuple[RemoteFile, ...]:
    if lr == "files":
        raise SrbenchError("dataset 'embedded' has no LR files; use --lr imresize.")
    return ()


def _embedded_pairs(scale: int, _lr: LrKind) -> tuple[ImagePair, ...]:
    return embedded.pairs(scale)


__all__ = [
    "DATASETS", "DatasetCard", "Status", "available", "cards", "dataset_names", "fetch_dataset", "get_dataset",
    "missing_files", "open_dataset", "register_dataset",
]  # fmt: skip
