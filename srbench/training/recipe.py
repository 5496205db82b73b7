"""Recipes: how a paper (or our controlled comparison) trains, as data under ``recipes/*.toml``."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from srbench.errors import SrbenchError
from srbench.registry import Registry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDER = Path(__file__).parent / "recipes"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Schedule(_Frozen):
    """Learning rate as a function of the step within a stage.

    ``constant``; ``halve`` every ``every`` steps; ``cosine`` and ``linear`` from the stage's rate to
    ``final``; ``trapezoid``: constant, then linear to ``final`` over the last ``decay_share`` of the stage.
    """

    kind: Literal["constant", "halve", "cosine", "linear", "trapezoid"]
    every: int | None = Field(default=None, gt=0, description="Steps between halvings.")
    every_epochs: int | None = Field(default=None, gt=0, description="Epochs between halvings.")
    final: float = Field(default=0.0, ge=0)
    decay_share: float = Field(default=0.3, gt=0, le=1)
    warmup: int = Field(default=0, ge=0, description="Steps of linear warm-up from 0.")


class Stage(_Frozen):
    """One stage of training: a loss, a learning rate, a length in steps or in epochs; each goes on from the last.

    ``warm_start``: the weights of the stage before it, but an optimiser that remembers nothing.
    """

    loss: Literal["l1", "l2"]
    rate: float = Field(gt=0)
    schedule: Schedule
    steps: int | None = Field(default=None, gt=0)
    epochs: int | None = Field(default=None, gt=0)
    warm_start: bool = False
    hr_patch: int | None = Field(default=None, gt=0, description="Where it differs from the recipe's.")

    @model_validator(mode="after")
    def _has_a_length(self) -> Stage:
        if self.steps is None and self.epochs is None:
            raise ValueError("a stage has steps or epochs, this one has neither")
        return self


class Recipe(_Frozen):
    """A training recipe. What the source leaves out is listed in ``unstated``, with the choice made here."""

    name: str
    title: str
    source: str = Field(description="Paper and section that the settings come from.")
    paper_data: str = Field(description="Training images of the source, in words.")
    hr_patch: int = Field(gt=0, le=1 << 16, description="Side of the square HR patch in pixels.")
    batch: int = Field(gt=0, le=1 << 16)
    augment: tuple[Literal["hflip", "vflip", "rot90"], ...] = ("hflip", "rot90")
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    ema: float | None = Field(default=None, gt=0, lt=1)
    clip_norm: float | None = Field(default=None, gt=0)
    precision: Literal["fp32", "bf16"] = "fp32"
    steps_per_epoch: int = Field(default=1000, gt=0)
    stages: tuple[Stage, ...] = Field(min_length=1)
    unstated: tuple[str, ...] = ()

    def stage_steps(self, total: int | None = None) -> tuple[int, ...]:
        """Length of every stage in steps; with ``total``, scaled in proportion to sum to it exactly."""
        lengths = [s.steps if s.steps is not None else (s.epochs or 0) * self.steps_per_epoch for s in self.stages]
        if total is None:
            return tuple(lengths)
        ends = [round(total * sum(lengths[: i + 1]) / sum(lengths)) for i in range(len(lengths))]
        return tuple(end - begin for begin, end in zip([0, *ends[:-1]], ends, strict=True))

    def lr_patch(self, scale: int, stage: Stage | None = None) -> int:
        """Side of the square LR patch in pixels at ``scale``; of a stage, where that has its own."""
        own = stage.hr_patch if stage is not None else None
        return max(1, (own or self.hr_patch) // scale)

    def digest(self) -> str:
        """SHA-256 over the settings that decide what a step does.

        Words (title, source, what is unstated) are left out, and so is the length of a single stage: a run
        states its own length.
        """
        words = {"name", "title", "source", "paper_data", "unstated"}
        settings = self.model_dump(mode="json", exclude=words)
        for stage in settings["stages"]:  # recipes from before these settings keep their hash
            for name in ("warm_start", "hr_patch"):
                if not stage[name]:
                    del stage[name]
        if len(self.stages) == 1:
            settings["stages"][0].update(steps=None, epochs=None)
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def stage_at(recipe: Recipe, step: int, total: int | None = None) -> tuple[Stage, int, int]:
    """Stage of a global ``step`` (0-based), the step within it, and the stage's length."""
    begin = 0
    lengths = recipe.stage_steps(total)
    for stage, length in zip(recipe.stages, lengths, strict=True):
        if step < begin + length:
            return stage, step - begin, length
        begin += length
    return recipe.stages[-1], lengths[-1], lengths[-1]


def learning_rate(recipe: Recipe, step: int, total: int | None = None) -> float:
    """Learning rate of global ``step`` (0-based): a pure function, so that a resumed run needs no state for it."""
    stage, local, length = stage_at(recipe, step, total)
    plan, rate = stage.schedule, stage.rate
    if local < plan.warmup:
        return rate * (local + 1) / plan.warmup
    if plan.kind == "constant":
        return rate
    if plan.kind == "halve":
        every = plan.every or (plan.every_epochs or 1) * recipe.steps_per_epoch
        return float(rate * 0.5 ** (local // every))
    if plan.kind == "trapezoid":
        begin = decay_start(plan, length)
        share = max(0.0, (local - begin) / max(1, length - begin))
        return rate + (plan.final - rate) * share
    share = (local - plan.warmup) / max(1, length - plan.warmup)
    if plan.kind == "linear":
        return rate + (plan.final - rate) * share
    return plan.final + (rate - plan.final) * 0.5 * (1 + math.cos(math.pi * share))


def decay_start(plan: Schedule, length: int) -> int:
    """First step of a trapezoid's decay, counted within its stage."""
    return length - round(plan.decay_share * length)


def read_recipe(file: Path) -> Recipe:
    """Read a recipe from a ``.toml`` file; it is called as the file.

    Raises:
        SrbenchError: unreadable file, or a setting that the schema does not know.
    """
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return Recipe(name=file.stem, **data)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, TypeError) as error:
        raise SrbenchError(f"recipe '{file}' cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SrbenchError(f"recipe '{file}' is not valid at '{where}': {first['msg']}.") from error


def _shipped() -> tuple[Recipe, ...]:
    return tuple(read_recipe(file) for file in sorted(_FOLDER.glob("*.toml")))


RECIPES: Registry[Recipe] = Registry("recipe", Recipe, built_in=_shipped, group="srbench.recipes")
"""Recipes by name: those under ``recipes/``, then those of plugins."""


def recipe_names() -> tuple[str, ...]:
    """Names of all recipes."""
    return RECIPES.names()


def load_recipe(name: str) -> Recipe:
    """Load a recipe by name, or from the path of a ``.toml`` file.

    Raises:
        SrbenchError: unknown name, unreadable file, or a setting that the schema does not know.
    """
    if not name.endswith(".toml"):
        return RECIPES.get(name)
    file = Path(name)
    if not file.is_file():
        raise SrbenchError(
            f"recipe file '{name}' does not exist; give a .toml file or one of: {', '.join(recipe_names())}."
        )
    return read_recipe(file)
