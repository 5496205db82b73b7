"""The training loop: plain PyTorch, resumable to the bit on a CPU."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.isolation.serve import words_of
from srbench.models.card import ModelCard
from srbench.models.find import find_card
from srbench.models.networks import build_network
from srbench.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from srbench.training.patches import TrainingPairs, draw_batch
from srbench.training.recipe import Recipe, decay_start, learning_rate, stage_at
from srbench.training.record import CurvePoint
from srbench.training.validation import ValidationSet, mean_values


@dataclass(frozen=True)
class Run:
    """What to train, on what, how long and where to; everything a checkpoint must agree with."""

    card: ModelCard
    scale: int
    recipe: Recipe
    pairs: TrainingPairs
    validation: ValidationSet
    out: Path
    total: int
    seed: int = 0
    device: str = "cpu"
    validate_every: int = 500
    checkpoint_every: int = 250
    excluded: tuple[str, ...] = ()
    overlap_checked: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.card.name

    def identity(self) -> dict[str, Any]:
        """What a checkpoint must share with the run to be resumed by it."""
        return {
            "model": self.model, "scale": self.scale, "recipe": self.recipe.digest(),
            "data": self.pairs.sha256, "seed": self.seed,
        }  # fmt: skip


@dataclass
class State:
    """What changes while a run trains."""

    network: nn.Module
    average: nn.Module
    optimizer: torch.optim.Adam
    step: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    curve: list[CurvePoint] = field(default_factory=list)


Progress = Callable[[int, float, float], None]


def train(run: Run, progress: Progress | None = None) -> State:
    """Train until ``run.total`` steps, resuming from the folder's checkpoint; returns the final state.

    ``progress(step, loss, rate)`` is called after every step. Checkpoints go to ``last.pt`` in ``run.out``,
    and to ``stable.pt`` where a trapezoid's decay begins, from which a longer run can go on.

    Raises:
        SrbenchError: a model that cannot be trained here, a foreign checkpoint, a loss that is not finite.
    """
    with _repeatable(run.device):
        return _train(run, progress)


@contextmanager
def the_networks_own(run: Run, when: str) -> Iterator[None]:
    """A user's network runs in this process while it is trained; whatever it raises is one sentence.

    It is not in a process of its own, as in other verbs: training is in its passes, and what it needs of the network
    (gradients, the state of its layers) is inside it. A crash costs the steps since the last checkpoint.
    """
    try:
        yield
    except (SrbenchError, MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a user's network raises anything, also what ends programs
        kind, _, text = words_of(error).partition(": ")
        raise SrbenchError(f"{run.model} raised {kind} {when}: {text or 'without a message'}") from error


@contextmanager
def _repeatable(device: str) -> Iterator[None]:
    """The same steps give the same weights (on the CPU); the process gets its own settings back afterwards."""
    settings: Any = torch.utils.deterministic
    asked, only_warned = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    fills = settings.fill_uninitialized_memory
    torch.use_deterministic_algorithms(device == "cpu")
    settings.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(asked, warn_only=only_warned)
        settings.fill_uninitialized_memory = fills


def _train(run: Run, progress: Progress | None) -> State:
    card = run.card
    state = _begin(run)
    _resume(run, state)
    clock = time.perf_counter()
    while state.step < run.total:
        loss, rate = _step(run, card, state)
        state.step += 1
        state.losses.append(loss)
        if not np.isfinite(loss):
            raise SrbenchError(
                f"the loss became {loss} at step {state.step} of {run.model}; lower the learning rate of the recipe "
                "(the last checkpoint is kept)."
            )
        if progress is not None:
            progress(state.step, loss, rate)
        if state.step % run.validate_every == 0 or state.step == run.total:
            with the_networks_own(run, "in a validation pass"):
                means = mean_values(state.average, card, run.validation, run.device)
            state.curve.append(CurvePoint(step=state.step, loss=float(np.mean(state.losses)), rate=rate, values=means))
            state.losses.clear()
            _require_finite(run, state)
        if state.step % run.checkpoint_every == 0 or state.step == run.total or state.step == _stable_step(run):
            now = time.perf_counter()
            state.seconds += now - clock
            clock = now
            _save(run, state)
    return state


def trainable_card(model: str, scale: int) -> ModelCard:
    """Card of a model, registered or in a file, that this trainer can train: an RGB network on the LR image.

    Raises:
        SrbenchError: unknown model or scale, no network, or a luma or pre-upsampled network.
    """
    card = find_card(model)
    if card.network is None:
        raise SrbenchError(f"'{model}' has no network to train; it is an interpolation.")
    if card.colour != "rgb" or card.pre_upsampled:
        raise SrbenchError(
            f"'{model}' works on luma or on pre-upsampled images; training takes networks from RGB LR to RGB SR."
        )
    if scale not in card.scales:
        raise SrbenchError(f"'{model}' has no x{scale}; it has {', '.join(f'x{s}' for s in card.scales)}.")
    return card


def _begin(run: Run) -> State:
    torch.manual_seed(run.seed)
    with the_networks_own(run, "while it was built"):
        network = build_network(run.card, run.scale).to(run.device)
        network = network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        average = copy.deepcopy(network).eval().requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise SrbenchError(f"{run.model} has no parameters to train.")
    optimizer = torch.optim.Adam(network.parameters(), lr=1.0, betas=run.recipe.betas, eps=run.recipe.epsilon)
    return State(network, average, optimizer)


def _step(run: Run, card: ModelCard, state: State) -> tuple[float, float]:
    """One optimisation step; returns the loss in [0,1] units and the learning rate used."""
    recipe = run.recipe
    rate = learning_rate(recipe, state.step, run.total)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    stage, local, _ = stage_at(recipe, state.step, run.total)
    if stage.warm_start and local == 0:
        state.optimizer.state.clear()
    low, high = draw_batch(
        run.pairs, seed=run.seed, step=state.step, batch=recipe.batch,
        lr_patch=recipe.lr_patch(run.scale, stage), augment=recipe.augment,
    )  # fmt: skip
    x, y = (_to_tensor(a, run.device) for a in (low, high))
    half = torch.autocast(torch.device(run.device).type, torch.bfloat16, enabled=recipe.precision == "bf16")
    with half, the_networks_own(run, "in a pass"):
        output = state.network(x * (card.input_range / 255))
    if not isinstance(output, Tensor) or output.shape != y.shape:
        got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise SrbenchError(f"{run.model} returned {got} in a pass; expected a tensor {tuple(y.shape)}.")
    error = output.float() / card.input_range - y / 255
    loss = error.abs().mean() if stage.loss == "l1" else error.square().mean()
    state.optimizer.zero_grad(set_to_none=True)
    with the_networks_own(run, "in a backward pass"):
        loss.backward()  # type: ignore[no-untyped-call]
    if recipe.clip_norm is not None:
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), recipe.clip_norm)
    state.optimizer.step()
    _update_average(state, recipe.ema)
    return float(loss.detach()), rate


def _require_finite(run: Run, state: State) -> None:
    """Refuse weights that are no numbers: the last step may have spoilt them after its loss was taken."""
    if not all(bool(value.isfinite().all()) for value in state.network.state_dict().values()):
        raise SrbenchError(
            f"the weights of {run.model} are not finite after step {state.step}; lower the learning rate of the recipe "
            "(the last checkpoint is kept)."
        )


def _to_tensor(images: np.ndarray[Any, np.dtype[np.uint8]], device: str) -> Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2)
    return tensor.float().contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _update_average(state: State, decay: float | None) -> None:
    """Exponential moving average of the weights; warmed up so that early steps do not linger."""
    weight = 0.0 if decay is None else min(decay, (state.step + 1) / (state.step + 10))
    pairs = zip(state.average.state_dict().values(), state.network.state_dict().values(), strict=True)
    for mean, value in pairs:
        if mean.is_floating_point():
            mean.lerp_(value, 1 - weight)
        else:
            mean.copy_(value)


def _stable_step(run: Run) -> int | None:
    """Step at which a single trapezoid stage begins to decay; None for other recipes."""
    if len(run.recipe.stages) != 1 or run.recipe.stages[0].schedule.kind != "trapezoid":
        return None
    return decay_start(run.recipe.stages[0].schedule, run.total)


def _save(run: Run, state: State) -> None:
    content: Checkpoint = {
        **run.identity(), "total": run.total, "step": state.step, "seconds": state.seconds,
        "losses": list(state.losses), "network": state.network.state_dict(), "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(), "curve": [p.model_dump() for p in state.curve],
    }  # fmt: skip
    save_checkpoint(run.out / "last.pt", content)
    if state.step == _stable_step(run):
        save_checkpoint(run.out / "stable.pt", content)


def _resume(run: Run, state: State) -> None:
    """Load the checkpoint to go on from, if there is one."""
    last, stable = run.out / "last.pt", run.out / "stable.pt"
    if not last.is_file():
        return
    found = load_checkpoint(last, run.identity())
    if found["total"] != run.total and found["step"] > 0:
        found = _extendable(run, found, stable)
    state.network.load_state_dict(found["network"])
    state.average.load_state_dict(found["average"])
    state.optimizer.load_state_dict(found["optimizer"])
    state.step, state.seconds, state.losses = found["step"], found["seconds"], list(found["losses"])
    state.curve = [CurvePoint(**point) for point in found["curve"]]


def _extendable(run: Run, found: Checkpoint, stable: Path) -> Checkpoint:
    """The checkpoint from which a run of another length can go on: one before any decay began."""
    begin = _stable_step(run)
    if begin is not None and stable.is_file():
        candidate = load_checkpoint(stable, run.identity())
        if candidate["step"] <= begin:
            return candidate
    share = run.recipe.stages[0].schedule.decay_share
    if begin is not None and found["step"] <= min(begin, found["total"] - round(share * found["total"])):
        return found
    raise SrbenchError(
        f"'{run.out}' holds a run of {found['total']} steps at step {found['step']}, which cannot become one of "
        f"{run.total}: its learning rate has already decayed; give the same --steps or another --out."
    )
