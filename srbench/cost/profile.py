"""Everything that can be said about a model's cost without weights and without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

from srbench.cost.conventions import check_conventions
from srbench.cost.count import CountResult, from_trace, input_shape
from srbench.cost.deploy import DECLARED, Deployed, candidates
from srbench.cost.figures import Memory
from srbench.cost.memory import Live
from srbench.cost.params import ParamsResult, parameters
from srbench.cost.preserve import unchanged, without_compiler
from srbench.cost.record import Trace
from srbench.cost.remarks import (
    function_convs_note,
    hooks_note,
    inference_params,
    left_out,
    merging_note,
    real_pass_note,
)
from srbench.cost.source import Source
from srbench.cost.source_image import natural_image
from srbench.cost.trace import network_dtype, trace
from srbench.errors import SrbenchError
from srbench.models.advice import untracked

DEPLOY_TOLERANCE = 1e-3
_SMALL = (32, 32)


@dataclass(frozen=True)
class Deployment:
    """The two forms of a model that knows how to merge its branches; the deployed one is what is measured."""

    training_form: dict[str, CountResult]
    training_params: int
    difference: float
    """Largest difference of the two outputs on a small real input, as a share of the largest output."""
    method: str = "deploy"
    """What was called to get the deployed form."""

    @property
    def equal(self) -> bool:
        """Whether both forms compute the same up to rounding."""
        return self.difference <= DEPLOY_TOLERANCE


@dataclass(frozen=True)
class Profile:
    """Cost of one model at one size."""

    name: str
    title: str
    scale: int
    input_size: tuple[int, int]
    """LR (height, width) that was counted: what was asked for, rounded up to what the network takes."""
    measured: str
    """'as built' or 'deployed'."""
    params: ParamsResult
    counts: dict[str, CountResult]
    memory: Memory
    deployment: Deployment | None = None
    inference: dict[str, CountResult] | None = None
    """Counts without what merges weights, where the pass does that or leaves parameters untouched."""
    inference_params: int = 0
    """Parameters of that form."""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """What ``--strict`` fails on."""


def profile(source: Source, size: tuple[int, int], conventions: Sequence[str] = ("macs",)) -> Profile:
    """Count ``source`` at LR ``size`` on shapes alone.

    Args:
        source: the network and its card.
        size: LR (height, width).
        conventions: names out of :data:`srbench.cost.conventions.CONVENTIONS`.

    Raises:
        SrbenchError: the network fails on this size, or its ``deploy()`` does.
    """
    card, fitted = source.card, source.fitting(size)
    wanted = check_conventions(conventions)
    names = tuple(dict.fromkeys(("macs", "ntire-hooks", *wanted)))
    deployment, found = _deployment(source, fitted, names)
    network = found.network if found is not None else source.network
    seen, memory = _measured(source, network, fitted)
    counts = {name: from_trace(seen, name, fitted) for name in names}
    params = parameters(network, seen, deploy=False)
    inferring = inference_params(seen, params.params)
    inference = None
    if inferring < params.params:
        alone = replace(seen, ops=[op for op in seen.ops if op.of_image])
        inference = {name: from_trace(alone, name, fitted) for name in wanted}
    if deployment is not None and found is not None:
        merged = max(0, deployment.training_params - params.params)
        params = replace(params, training_only=merged + seen.unused_params)
    hidden = _hidden_note(network)
    notes, problems = _remarks(size, fitted, {name: counts[name] for name in wanted}, counts, memory, deployment)
    return Profile(
        name=card.name,
        title=card.title,
        scale=source.scale,
        input_size=fitted,
        measured="deployed" if found is not None else "as built",
        params=params,
        counts={name: counts[name] for name in wanted},
        memory=memory,
        deployment=deployment,
        inference=inference,
        inference_params=inferring,
        notes=(*notes, hidden) if hidden else notes,
        problems=problems,
    )


def _hidden_note(network: nn.Module) -> str:
    """Parameters that ``network.parameters()`` does not list, so that they are not among Params."""
    hidden = untracked(network)
    if not hidden:
        return ""
    places = ", ".join(hidden)
    return f"{sum(hidden.values()):,} parameters more lie in {places}, which network.parameters() does not list"


def _measured(source: Source, network: nn.Module, size: tuple[int, int]) -> tuple[Trace, Memory]:
    """Costs and memory of one form, from one pass."""
    card = source.card
    live = Live(network)
    shape = input_shape(size, card.channels, source.scale, card.pre_upsampled)
    seen = trace(network, shape, observer=live, peak=float(card.input_range))
    return seen, live.result(network, "tracker-fake" if seen.real_pass is None else "tracker")


def _deployment(
    source: Source, size: tuple[int, int], names: Sequence[str]
) -> tuple[Deployment | None, Deployed | None]:
    """Both forms, and the deployed one; nothing where there is none, or where one that was only found is wrong."""
    found, difference = None, 0.0
    for candidate in candidates(source.network):
        try:
            difference = _difference(source, candidate.network)
        except SrbenchError:
            if candidate.declared:
                raise
            continue
        if candidate.declared or (difference <= DEPLOY_TOLERANCE and _smaller(candidate.network, source.network)):
            found = candidate
            break
    if found is None:
        return None, None
    card = source.card
    shape = input_shape(size, card.channels, source.scale, card.pre_upsampled)
    seen = trace(source.network, shape, peak=float(card.input_range))
    counts = {name: from_trace(seen, name, size) for name in names}
    params = sum(p.numel() for p in source.network.parameters())
    return Deployment(counts, params, difference, found.method), found


def _smaller(one: nn.Module, other: nn.Module) -> bool:
    """Whether ``one`` has fewer parameters: a method that only sounds like merging leaves them."""
    return sum(p.numel() for p in one.parameters()) < sum(p.numel() for p in other.parameters())


def _difference(source: Source, twin: nn.Module) -> float:
    """Run both forms on a small photograph."""
    card, network = source.card, source.network
    shape = input_shape(source.fitting(_SMALL), card.channels, source.scale, card.pre_upsampled)
    x = natural_image(shape, network_dtype(network), "cpu", float(card.input_range))
    try:
        with unchanged(network), torch.no_grad(), without_compiler():
            before, after = network.eval()(x), twin(x)
    except Exception as error:  # a user's network can raise anything
        raise SrbenchError(f"the deployed form of {card.name} does not run: {type(error).__name__}: {error}") from error
    if before.shape != after.shape:
        return float("inf")
    return float((before - after).abs().max() / before.abs().max().clamp_min(1e-12))


def _remarks(
    size: tuple[int, int],
    fitted: tuple[int, int],
    wanted: dict[str, CountResult],
    counts: dict[str, CountResult],
    memory: Memory,
    deployment: Deployment | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(notes, problems) in plain words."""
    every = counts["macs"]
    seen, params = every.trace, sum(own for _, own in every.trace.layer_params.values())
    notes: list[str | None] = []
    problems = [sentence for name, result in wanted.items() for sentence in left_out(name, result, every)]
    if fitted != size:
        notes.append(f"counted at {fitted[0]}x{fitted[1]}, padded from {size[0]}x{size[1]}, which it does not take")
    notes += [real_pass_note(seen), function_convs_note(every)]
    if "ntire-hooks" in wanted:
        notes.append(hooks_note(counts["ntire-hooks"], every))
    kept = memory.kept_bytes / 2**20
    if kept >= 0.05:
        notes.append(f"its first call keeps {kept:.1f} MiB allocated; later calls reuse them")
    if deployment is not None:
        if deployment.equal:
            way = f" after {deployment.method}()" if deployment.method != DECLARED else ""
            notes.append(f"the deployed form{way} is measured; both forms give the same output")
        else:
            problems.append(
                f"the deployed form, which is measured, differs from the trained one by {deployment.difference:.1e} "
                "of the largest output"
            )
    notes.append(merging_note(seen, params))
    return tuple(note for note in notes if note), tuple(problems)
