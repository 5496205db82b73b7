"""From a request to weights and their record: what ``srbench train`` does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from srbench.errors import SrbenchError
from srbench.evaluation.resources import check_device
from srbench.models.source import source_hash
from srbench.training.checkpoint import export_weights
from srbench.training.loop import Progress, Run, State, train, trainable_card
from srbench.training.overlap import refuse_overlap
from srbench.training.patches import load_pairs
from srbench.training.recipe import load_recipe
from srbench.training.record import TrainingRecord
from srbench.training.validation import load_validation


@dataclass(frozen=True)
class TrainRequest:
    """What a user asks of ``srbench train``; ``steps`` None takes the recipe's own length."""

    model: str
    data: str
    out: Path
    scale: int = 4
    recipe: str = "common"
    steps: int | None = None
    seed: int = 0
    device: str = "cpu"
    threads: int | None = None
    validate: str = "embedded"
    validate_limit: int | None = None
    validate_every: int = 500
    checkpoint_every: int = 250
    half: bool = True
    exclude: tuple[str, ...] = ()


def prepare(request: TrainRequest) -> Run:
    """Check a request and load its data.

    Raises:
        SrbenchError: a model, recipe, dataset, folder or device that is not there.
    """
    card = trainable_card(request.model, request.scale)
    recipe = load_recipe(request.recipe)
    check_device(request.device)
    if request.threads is not None:
        torch.set_num_threads(request.threads)
    total = request.steps if request.steps is not None else sum(recipe.stage_steps())
    if total < 1:
        raise SrbenchError(f"--steps must be at least 1, got {total}.")
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SrbenchError(f"output folder '{request.out}' cannot be made: {error.strerror}.") from error
    pairs = load_pairs(request.data, request.scale, exclude=request.exclude)
    checked = refuse_overlap(pairs)
    validation = load_validation(request.validate, request.scale, request.validate_limit)
    return Run(
        card, request.scale, recipe, pairs, validation, request.out, total, request.seed, request.device,
        request.validate_every, request.checkpoint_every, request.exclude, checked,
    )  # fmt: skip


def weights_file(run: Run) -> Path:
    """Where a finished run leaves its weights: ``OUT/<model>_x<scale>.safetensors``."""
    return run.out / f"{run.model}_x{run.scale}.safetensors"


def execute(run: Run, *, half: bool = True, progress: Progress | None = None) -> TrainingRecord:
    """Train, then write the weights (the average where the recipe keeps one) and the record beside them."""
    state = train(run, progress)
    weights = weights_file(run)
    export_weights(weights, dict(state.average.state_dict()), half=half)
    record = _record(run, state, weights, half)
    temporary = weights.with_suffix(".json.part")
    temporary.write_text(record.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8")
    temporary.replace(weights.with_suffix(".json"))
    return record


def _record(run: Run, state: State, weights: Path, half: bool) -> TrainingRecord:
    from srbench.results.environment import versions

    return TrainingRecord(
        model=run.model, scale=run.scale, recipe=run.recipe.model_dump(mode="json"), recipe_sha256=run.recipe.digest(),
        steps=state.step, seed=run.seed, data=run.pairs.name,
        data_images=len(run.pairs.hr), data_sha256=run.pairs.sha256,
        excluded=run.excluded, overlap_checked=run.overlap_checked,
        model_source_sha256=source_hash(run.card), validation=run.validation.name, curve=tuple(state.curve),
        weights_sha256=hashlib.sha256(weights.read_bytes()).hexdigest(), weights_dtype="float16" if half else "float32",
        seconds=round(state.seconds, 1), device=run.device, threads=torch.get_num_threads(), versions=versions(),
    )  # fmt: skip
