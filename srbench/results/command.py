"""The command that makes one result, out of the command that made many."""

from __future__ import annotations

import shlex

_LISTS = {"--models": "model", "--scale": "scale", "--datasets": "dataset", "--protocol": "protocol",
          "--protocols": "protocol"}  # fmt: skip
_ABOUT_IMAGES = ("--datasets", "--protocol", "--protocols", "--limit", "--lr", "--weights", "--quantities",
                 "--save-images", "--checkpoint", "--key")  # fmt: skip
_PLACES = ("--results", "--html", "--format")
_WHO_COMPUTES = ("--workers", "--devices", "--shard", "--executor", "--address")


def own_command(command: str, model: str, scale: int, dataset: str | None = None, protocol: str | None = None) -> str:
    """``command`` with what concerns this one result only: its model, scale and, for quality, dataset and protocol.

    Lists are cut down to the own entry; where they do not hold it (a file of the user's, a folder), they stay.
    Where results, pages and images went and who computed them is left out. A result of costs has no dataset: what is
    said of images is left out too.

    >>> own_command("srbench run --models imdn,rfdn --scale 2,4 --datasets set5,set14 --results x", "rfdn", 4, "set5")
    'srbench run --models rfdn --scale 4 --datasets set5'
    >>> own_command("srbench run --models imdn,rfdn --datasets set5 --workers 2 --no-runtime", "rfdn", 4)
    'srbench run --models rfdn --no-runtime'
    """
    own = {"model": model, "scale": str(scale), "dataset": dataset, "protocol": protocol}
    try:
        words = shlex.split(command)
    except ValueError:  # not a command line
        return command
    kept: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        name, joined, value = word.partition("=")
        takes = name in _LISTS or name in _ABOUT_IMAGES or name in _PLACES or name in _WHO_COMPUTES
        if takes and not joined and index + 1 < len(words):
            index += 1
            value = words[index]
        index += 1
        if (
            name in _PLACES
            or name in _WHO_COMPUTES
            or name in ("--no-html", "--force")
            or (dataset is None and name in _ABOUT_IMAGES)
        ):
            continue
        if takes:
            kept += [name, _own_part(value, own.get(_LISTS.get(name, "")))]
        else:
            kept.append(word)
    return shlex.join(kept)


def _own_part(value: str, own: str | None) -> str:
    if own is None:
        return value
    parts = [part.strip() for part in value.split(",")]
    if own in parts:
        return own
    name = own.partition("@")[0]  # a protocol may be asked for without its version
    return name if name in parts else value
