"""The processes of models: which model gets one, started when first wanted, kept for the next cell, ended together."""

from __future__ import annotations

import ast
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from srbench.errors import SrbenchError
from srbench.evaluation.apart.model import ModelApart
from srbench.evaluation.apart.setting import Apart
from srbench.import_scope import imported_elsewhere
from srbench.isolation.limits import Limits
from srbench.isolation.process import IsolatedProcess, Setting, Stopped
from srbench.isolation.sandbox import OWN
from srbench.models import hub
from srbench.models.card import ModelCard
from srbench.models.find import CHECKPOINTS, find_card, is_registered
from srbench.models.notes import LoadNote
from srbench.models.options import ModelOptions
from srbench.models.reference import parse_reference
from srbench.models.registry import MODELS
from srbench.models.weights import ResolvedWeights
from srbench.results.store import Way

HANDLER = "srbench.evaluation.apart.handler:ModelHandler"
START_S = 120.0
"""For importing and building a network, counting and timing it, each, where the limit of an image is not longer."""
_EVERYTHING = 1 << 50

Key = tuple[str, str | None, bool, str, tuple[str, ...], int]
_idle: dict[Key, IsolatedProcess] = {}


def is_ours(card: ModelCard) -> bool:
    """Whether a model's code is srbench's or a plugin's, which runs in this process.

    >>> is_ours(MODELS.get("imdn"))
    True
    """
    named = (card.network, card.interpolation)
    if card.name in MODELS and (MODELS.get(card.name).network, MODELS.get(card.name).interpolation) == named:
        return True
    if card.variant_of in MODELS and MODELS.get(str(card.variant_of)).network == card.network:
        return True
    return parse_reference(str(card.network or card.interpolation)).place.partition(".")[0] == "srbench"


def card_apart(reference: Any, options: ModelOptions | None = None, *, plugins: tuple[str, ...] = ()) -> ModelCard:
    """As :func:`srbench.models.find.find_card`; what is not ours is imported in a process of its own.

    ``plugins`` are files that are imported there before it.

    Raises:
        SrbenchError: as there; or that process ended, or was stopped after :data:`START_S` seconds.
    """
    options = options or ModelOptions()
    text = str(reference).strip()
    path = Path(text).expanduser()
    if not isinstance(reference, str) or ":" not in text or is_registered(text) or hub.is_reference(text):
        return find_card(reference, options)
    if path.suffix in CHECKPOINTS and path.is_file():
        return find_card(reference, options)
    apart = Apart(timeout=START_S, plugins=plugins)
    key = _key(parse_reference(text).place, options.root, options.shims, apart)
    process = _process(key, apart)
    try:
        found = process.ask("card", pickle.dumps((text, options))).header
    except Stopped as error:
        raise SrbenchError(f"'{text}': its process {error}") from error
    card = _card(found, text)
    place = parse_reference(str(card.network or card.interpolation)).place
    if place.endswith(".py"):
        root = Path(card.root).resolve() if card.root else None
        imported_elsewhere[Path(place), root] = tuple(Path(str(file)) for file in found.get("files", ()))
    again = _key(place, card.root, card.shims, apart)
    if again != key and again not in _idle:
        _idle[again] = _idle.pop(key)
    return card


def _card(found: dict[str, Any], text: str) -> ModelCard:
    try:
        arguments = ast.literal_eval(str(found.get("arguments")))
        return ModelCard.model_validate({**found["card"], "arguments": arguments})
    except (ValidationError, KeyError, TypeError, ValueError, SyntaxError) as error:
        raise SrbenchError(f"'{text}': its arguments or its card cannot be passed to another process.") from error


def open_apart(card: ModelCard, scale: int, weights: ResolvedWeights, way: tuple[str, Way], apart: Apart) -> ModelApart:
    """Open a model in a process of its own, the one that is there for it already if it is.

    Args:
        card: the model.
        scale: factor between LR and HR.
        weights: resolved.
        way: device and how it is run.
        apart: how its process is run.

    Raises:
        SrbenchError: as :func:`srbench.models.opening.open_model`; or the process ended or took too long.
    """
    process = process_of(card, apart)
    try:
        found = process.ask("open", pickle.dumps((card, scale, weights, *way)), warm=apart.warm).header
        notes = TypeAdapter(tuple[LoadNote, ...]).validate_python(found.get("notes"))
    except Stopped as error:
        raise SrbenchError(f"{card.name} x{scale}: its process {error}") from error
    except ValidationError as error:
        raise SrbenchError(f"{card.name} x{scale}: its process gave an answer that is none.") from error
    return ModelApart(
        card, scale, None, weights, way[0], notes=notes, self_ensemble=way[1].self_ensemble,
        precision=way[1].precision, backend=way[1].backend, process=process,
    )  # fmt: skip


def process_of(card: ModelCard, apart: Apart) -> IsolatedProcess:
    """The process of a model's file, started if there is none that lives.

    Raises:
        SrbenchError: it cannot be started.
    """
    place = parse_reference(str(card.network or card.interpolation)).place
    return _process(_key(place, card.root, card.shims, apart), apart)


def close_all() -> None:
    """End all processes of models."""
    while _idle:
        _idle.popitem()[1].close()


def _key(place: str, root: str | None, shims: bool, apart: Apart) -> Key:
    file = Path(place).expanduser()
    at = str(file.resolve()) if place.endswith(".py") else place
    return at, root, shims, os.getcwd(), apart.plugins, apart.copy  # noqa: PTH109


def _process(key: Key, apart: Apart) -> IsolatedProcess:
    """The process for models of one file, started if there is none that lives, with its limits as ``apart`` says."""
    there = _idle.get(key)
    if there is not None and not there.stopped and there.alive:
        there.setting = replace(there.setting, limits=_limits(apart))
        return there
    if there is not None:
        _idle.pop(key).close()
    process = IsolatedProcess(HANDLER, Path.cwd(), Setting(OWN, _limits(apart), echo=True, option="--timeout"))
    _idle[key] = process
    process.ask("start", plugins=list(apart.plugins))
    return process


def _limits(apart: Apart) -> Limits:
    return Limits(
        start_s=START_S, request_s=apart.timeout, memory_bytes=_EVERYTHING, file_bytes=_EVERYTHING, processes=64,
        open_files=1 << 20, cpu_s=1 << 40,
    )  # fmt: skip
