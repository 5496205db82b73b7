"""What a run uses when it is not told: Set5 where it can be had, else the embedded images, and said so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from srbench.download import Unreachable
from srbench.errors import SrbenchError
from srbench.models.reference import parse_reference
from srbench.results.record import Substitution

if TYPE_CHECKING:
    from srbench.datasets.dataset import Dataset, LrKind
    from srbench.models.card import ModelCard
    from srbench.models.weights import ResolvedWeights

OnBytes = Callable[[int], None]
"""Told the number of bytes that have arrived since it was last called."""

DEFAULT_DATASET = "set5"
FALLBACK_DATASET = "embedded"


def datasets_for(
    named: Sequence[str], scales: Sequence[int], lr: LrKind, *, fetch: bool = True, on_bytes: OnBytes | None = None
) -> tuple[tuple[str, ...], tuple[Substitution, ...]]:
    """Names of the datasets to use, and what they stand in for when they are not the default ones.

    Datasets that were named are taken as they are: they are never replaced.
    """
    if named:
        return tuple(named), ()
    from srbench.datasets import registry

    try:
        for scale in scales:
            if not fetch and registry.available(DEFAULT_DATASET, scale, lr) == "unavailable":
                raise Unreachable("they are not in the cache and cannot be fetched")
            open_dataset(DEFAULT_DATASET, scale, lr, None, fetch, on_bytes)
    except Unreachable as error:
        instead = Substitution("dataset", "Set5", "the embedded images (scikit-image)", error.reason)
        return (FALLBACK_DATASET,), (instead,)
    return (DEFAULT_DATASET,), ()


def open_dataset(
    name: str, scale: int, lr: LrKind, limit: int | None, fetch: bool = True, on_bytes: OnBytes | None = None
) -> Dataset:
    """Open a dataset or folder; see :func:`srbench.datasets.registry.open_dataset`.

    Without ``fetch`` a registered dataset is listed though its files may be missing; reading them then fails.

    Raises:
        SrbenchError: unknown, incomplete or unreachable, or it holds no image.
    """
    from srbench.datasets import registry
    from srbench.datasets.dataset import Dataset

    if fetch or not registry.is_registered(name):
        return registry.open_dataset(name, scale, lr=lr, limit=limit, on_bytes=on_bytes)
    card = registry.get_dataset(name)
    return Dataset(card.name, scale, lr, registry.pairs_of(card, scale, lr)[:limit], limit)


def check_precision(precision: str, device: str) -> None:
    """Refuse a precision that there is not, or not on this device, before anything is downloaded or computed.

    Raises:
        SrbenchError: one sentence.
    """
    if precision != "fp32":
        from srbench.models.precision import check_precision as checked

        checked(precision, device)


def check_backend(backend: str, device: str, precision: str) -> None:
    """Refuse a backend that there is not, or that does not go with the rest, before anything is computed.

    Raises:
        SrbenchError: one sentence.
    """
    if backend != "eager":
        from srbench.evaluation.backends import check_backend as checked

        checked(backend, device, precision)


def check_device(device: str) -> None:
    """Refuse a device that is not here, before anything is downloaded or computed.

    Raises:
        SrbenchError: neither cpu nor cuda, or cuda without a GPU that torch can use.
    """
    kind, _, number = device.partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
        raise SrbenchError(f"device '{device}' is not known; expected cpu, cuda or cuda:N.")
    if kind == "cuda":
        import torch

        there = torch.cuda.device_count()
        if int(number or 0) >= there:
            raise SrbenchError(
                f"--device {device} needs a GPU, and torch {torch.__version__} finds {there} with CUDA here; "
                "use --device cpu."
            )


def references_of(cards: Iterable[ModelCard]) -> dict[str, str]:
    """``net.py:Net``, as ``--models`` may name a network of a file, to the name of its card; in lower case.

    The file stands with and without its folder, as long as that names one card alone.
    """
    found: dict[str, set[str]] = {}
    for card in cards:
        if card.network is not None and ".py:" in card.network:
            reference = parse_reference(card.network)
            path = Path(reference.place)
            for place in {str(path), os.path.relpath(path), path.name}:
                found.setdefault(f"{place}:{reference.attribute}".lower(), set()).add(card.name)
    return {reference: next(iter(names)) for reference, names in found.items() if len(names) == 1}


def weights_choices(text: str, models: Iterable[str], references: Mapping[str, str] | None = None) -> dict[str, str]:
    """What ``--weights`` asks of each model: a choice for all, ``MODEL=CHOICE`` for single ones, ``MODEL@2=CHOICE`` for
    one scale of them (under ``MODEL@2`` in the answer). ``references`` are what else names a model.

    Raises:
        SrbenchError: a model that is not evaluated, two choices for all, or an empty one.

    >>> weights_choices("mynet=mynet.pth", ["mynet", "imdn"])
    {'mynet': 'mynet.pth', 'imdn': 'auto'}
    >>> weights_choices("imdn@2=b.pth", ["imdn"])
    {'imdn': 'auto', 'imdn@2': 'b.pth'}
    """
    names = list(models)
    single: dict[str, str] = {}
    for_all: list[str] = []
    for part in text.split(","):
        name, sign, choice = part.strip().partition("=")
        model, at, scale = name.strip().lower().partition("@")
        model = (references or {}).get(model, model)
        if sign and model in names and choice and (not at or scale.removeprefix("x").isdigit()):
            key = f"{model}@{scale.removeprefix('x')}" if at else model
            if key in single:
                raise SrbenchError(f"--weights gives '{key}' two choices, {single[key]} and {choice}; give one.")
            single[key] = choice
        elif sign and not Path(part.strip()).exists():
            raise SrbenchError(
                f"--weights '{part.strip()}' names no model that is evaluated; expected MODEL=CHOICE or "
                f"MODEL@2=CHOICE with one of: {', '.join(names)}."
            )
        else:
            for_all.append(part.strip())
    if len(for_all) > 1 or "" in for_all:
        raise SrbenchError(
            f"--weights '{text}' gives {len(for_all)} choices for all models; expected one, or MODEL=CHOICE for each."
        )
    return {**dict.fromkeys(names, for_all[0] if for_all else "auto"), **single}


def resolve_weights(
    card: ModelCard, scale: int, choice: str, fetch: bool = True, on_bytes: OnBytes | None = None
) -> ResolvedWeights:
    """Find or download the weights of a model; see :func:`srbench.models.weights.resolve`.

    Raises:
        SrbenchError: there are none of that choice, or they cannot be had.
    """
    from srbench.models import weights

    here = 0

    def arrived(now: int, _total: int | None) -> None:
        nonlocal here
        if on_bytes is not None and now > here:
            on_bytes(now - here)
        here = now

    return weights.resolve(card, scale, choice, fetch=fetch, progress=arrived)
