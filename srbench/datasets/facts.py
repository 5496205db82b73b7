"""What is known of test sets, whether their images are at hand or not: titles, numbers of images, sizes, sources."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class DatasetFacts:
    """A test set as papers print it. ``mean_hr_pixels`` is that of an HR image; ``source`` says where it is from."""

    name: str
    title: str
    images: int | None = None
    mean_hr_pixels: int | None = None
    source: str = ""
    aliases: tuple[str, ...] = ()


@cache
def dataset_facts() -> Mapping[str, DatasetFacts]:
    """Facts by name of the dataset, in the order in which tables show them (``facts.toml``).

    >>> dataset_facts()["bsd100"].images, list(dataset_facts())[:3]
    (100, ['embedded', 'set5', 'set14'])
    """
    data = tomllib.loads(Path(__file__).with_name("facts.toml").read_text(encoding="utf-8"))
    return {
        name: DatasetFacts(name, **{**fields, "aliases": tuple(fields.get("aliases", ()))})
        for name, fields in data.items()
    }


def dataset_title(name: str) -> str:
    """The name as papers print it; one that nobody prints as it is.

    A folder goes by its own name, unless that is the name of a test set, which it may not be.

    >>> dataset_title("BSD100"), dataset_title("folder:photos"), dataset_title("folder:set5")
    ('BSD100', 'photos', 'folder:set5')
    """
    found = dataset_facts().get(name.lower())
    if found:
        return found.title
    own = name.removeprefix("folder:")
    return name if own.partition("@")[0].lower() in dataset_facts() else own
