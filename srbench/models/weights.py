"""Which weights a model is run with: the choice is always explicit, and what was used instead is always said.

No torch is imported here; :mod:`srbench.models.checkpoints` reads the files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from srbench import download
from srbench.download import Progress, Unreachable
from srbench.errors import SrbenchError
from srbench.models import hub
from srbench.models.bundles import BUNDLED
from srbench.models.card import ModelCard, Weights
from srbench.models.notes import LoadNote

Origin = Literal["released", "bundled", "user", "none", "not needed"]
Status = Literal["cached", "fetchable", "bundled", "none", "not needed"]

CHOICES = ("auto", "released", "bundled", "none")


@dataclass(frozen=True)
class ResolvedWeights:
    """The weights a model runs with.

    ``name`` is ``MODEL.TAG``, ``user:FILE``, ``none`` or ``not needed``; ``path`` is None for the last two
    (and for released weights that :func:`resolve` was told not to fetch). ``instead`` says what is used instead
    of what was meant, and why; :func:`srbench.models.words.weights_sentence` puts it into words.
    """

    name: str
    origin: Origin
    sha256: str | None = None
    url: str | None = None
    licence: str | None = None
    note: str = ""
    path: Path | None = None
    key: str | None = None
    key_map: str | None = None
    instead: LoadNote | None = None


def bundled_dir() -> Path:
    """Folder of the weights that come with srbench."""
    return BUNDLED


def resolve(
    card: ModelCard,
    scale: int,
    choice: str | Path = "auto",
    *,
    fetch: bool = True,
    progress: Progress | None = None,
) -> ResolvedWeights:
    """Find the weights of ``card`` at ``scale``; download released ones into the cache where needed.

    ``choice`` is ``released``, ``bundled``, ``none``, a file (``{scale}`` in its name stands for the factor), or
    ``auto``: the file that the card itself names, else released if cached or fetchable, else bundled, else none.
    Only ``auto`` ever substitutes, and says so in ``.instead``.
    With ``fetch=False`` nothing is downloaded and the path of what is not cached is None; what can be told not to be
    there without opening a socket is not there.

    Raises:
        SrbenchError: the model has no such weights, or the file does not exist.
        Unreachable, HashMismatch: the download failed (not for ``auto`` where it is only unreachable).
    """
    text = str(choice)
    if not needs_weights(card):
        if text not in CHOICES:
            raise SrbenchError(f"'{card.name}' takes no weights, but '{text}' was given; leave it out.")
        return ResolvedWeights("not needed", "not needed")
    if text == "none":
        return ResolvedWeights("none", "none")
    if text == "auto" and card.checkpoint:
        return _from_file(card, _for_scale(card.checkpoint, scale))
    if text == "auto":
        return _automatic(card, scale, fetch, progress)
    if text in ("released", "bundled"):
        entry = _entry(card, scale, text)
        if entry is None:
            raise SrbenchError(_has_none(card, scale, text))
        return _released(card, entry, fetch, progress) if text == "released" else _bundled(card, entry)
    if hub.is_reference(text):
        file = hub.fetch(text.replace("{scale}", str(scale)))
        return replace(_from_file(card, file.path), url=file.pinned)
    return _from_file(card, _for_scale(text, scale))


def _for_scale(text: str, scale: int) -> Path:
    """``x{scale}.pth`` as the file of one factor."""
    return Path(text.replace("{scale}", str(scale))).expanduser()


def status(card: ModelCard, scale: int) -> Status:
    """What ``auto`` would use at ``scale``, found out without a socket or torch: 'cached' and 'fetchable' are released.

    'fetchable' means that trying makes sense (not offline, host not known to be silent).
    """
    if not needs_weights(card):
        return "not needed"
    if card.checkpoint:
        return "cached" if _for_scale(card.checkpoint, scale).is_file() else "none"
    released = _entry(card, scale, "released")
    if released is not None and released.url is not None:
        if download.is_cached(released.url, released.sha256):
            return "cached"
        if download.can_fetch(released.url):
            return "fetchable"
    return "bundled" if _entry(card, scale, "bundled") else "none"


def needs_weights(card: ModelCard) -> bool:
    """Whether quality depends on a file of weights: not for interpolations and self-contained networks."""
    return card.network is not None and not card.self_contained


def _entry(card: ModelCard, scale: int, origin: str) -> Weights | None:
    return next((w for w in card.weights if w.scale == scale and w.origin == origin), None)


def _released(card: ModelCard, entry: Weights, fetch: bool, progress: Progress | None) -> ResolvedWeights:
    if entry.url is None:
        raise SrbenchError(f"the card of '{card.name}' gives no address for its released weights.")
    path: Path | None = download.file_for(entry.url)
    if fetch:
        path = download.fetch(
            entry.url, entry.sha256, download.file_for(entry.url), size=entry.bytes, progress=progress
        )
    elif not download.is_cached(entry.url, entry.sha256):
        download.check_can_fetch(entry.url)
        path = None
    return _as_resolved(card, entry, path)


def _bundled(card: ModelCard, entry: Weights) -> ResolvedWeights:
    path = bundled_dir() / (entry.file or "")
    if not path.is_file():
        raise SrbenchError(f"the bundled weights of '{card.name}' are not in this installation (expected {path}).")
    if not download.has_hash(path, entry.sha256):
        raise SrbenchError(f"the bundled weights {path} are not those that the card names; reinstall srbench.")
    return _as_resolved(card, entry, path)


def _as_resolved(card: ModelCard, entry: Weights, path: Path | None) -> ResolvedWeights:
    return ResolvedWeights(
        name=f"{card.name}.{entry.tag}",
        origin=entry.origin,
        sha256=entry.sha256,
        url=entry.url,
        licence=entry.licence,
        note=entry.note,
        path=path,
        key=entry.key,
        key_map=entry.key_map,
    )


def _automatic(card: ModelCard, scale: int, fetch: bool, progress: Progress | None) -> ResolvedWeights:
    released, bundled = _entry(card, scale, "released"), _entry(card, scale, "bundled")
    why = "none were released" if released is None else ""
    if released is not None:
        try:
            return _released(card, released, fetch, progress)
        except Unreachable as error:
            why = f"the released ones cannot be had: {error.reason}"
    if bundled is not None:
        return replace(_bundled(card, bundled), instead=LoadNote("weights", "released", "bundled", why))
    return ResolvedWeights("none", "none", instead=LoadNote("weights", "released or bundled", "none", why))


def _has_none(card: ModelCard, scale: int, origin: str) -> str:
    there = sorted({w.origin for w in card.weights if w.scale == scale})
    others = [f"--weights {name}" for name in (*there, "none")]
    return f"'{card.name}' has no {origin} weights at x{scale}; use {' or '.join(others)} or the path of a file."


def _from_file(card: ModelCard, path: Path) -> ResolvedWeights:
    if not path.is_file():
        raise SrbenchError(
            f"'{path}' is neither a file nor one of {', '.join(CHOICES)}; give '{card.name}' one of these as weights."
        )
    digest = download.hash_file(path)
    known = next((w for w in card.weights if w.sha256 == digest), None)
    return ResolvedWeights(
        name=f"user:{path.name}",
        origin="user",
        sha256=digest,
        path=path,
        licence=known.licence if known else None,
        note=f"the same file as {card.name}.{known.tag}" if known else "",
        key=known.key if known else None,
        key_map=known.key_map if known else None,
    )
