"""Everything that can be said about a model's cost without weights and without running it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from srbench.cost.conventions import check_conventions
from srbench.cost.count import CountResult, count, input_shape
from srbench.cost.memory import MemoryResult, peak_memory
from srbench.cost.params import ParamsResult, deployed, parameters
from srbench.cost.preserve import unchanged
from srbench.cost.source import Source
from srbench.cost.trace import network_dtype
from srbench.errors import SrbenchError

HR_SIZES = {"720p": (720, 1280), "1080p": (1080, 1920), "2k": (1080, 2048), "4k": (2160, 3840), "8k": (4320, 7680)}
DEPLOY_TOLERANCE = 1e-3
_SMALL = (32, 32)


@dataclass(frozen=True)
class Deployment:
    """The two forms of a model that declares ``deploy()``; the deployed one is what is measured."""

    training_form: dict[str, CountResult]
    training_params: int
    difference: float
    """Largest difference of the two outputs on a small real input, as a share of the largest output."""

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
    memory: MemoryResult
    deployment: Deployment | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """What ``--strict`` fails on."""


def parse_size(text: str, scale: int) -> tuple[int, int]:
    """LR (height, width) of ``256x256`` (LR height x width) or of a named HR size divided by ``scale``.

    >>> parse_size("256x256", 4), parse_size("720p", 4), parse_size("720p", 3)
    ((256, 256), (180, 320), (240, 427))

    Raises:
        SrbenchError: neither of the two.
    """
    named = HR_SIZES.get(text.lower())
    if named is not None:
        return round(named[0] / scale), round(named[1] / scale)
    match = re.fullmatch(r"([1-9]\d*)[xX]([1-9]\d*)", text.strip())
    if match is None:
        raise SrbenchError(
            f"'{text}' is not a size; expected HxW of the LR image, such as 256x256, "
            f"or the name of an HR size: {', '.join(HR_SIZES)}."
        )
    return int(match.group(1)), int(match.group(2))


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
    names = tuple(dict.fromkeys(("macs", *check_conventions(conventions))))
    twin = deployed(source.network)
    network = twin if twin is not None else source.network

    def counted(form: nn.Module) -> dict[str, CountResult]:
        return count(form, fitted, card.channels, names, source.scale, card.pre_upsampled)

    counts = counted(network)
    deployment = None
    if twin is not None:
        deployment = Deployment(
            counted(source.network),
            sum(p.numel() for p in source.network.parameters()),
            _difference(source, twin),
        )
    memory = peak_memory(network, fitted, True, card.channels, source.scale, card.pre_upsampled)
    unused = counts["macs"].unused_params
    params = parameters(network, counts["macs"].trace, deploy=False)
    if deployment is not None:
        merged = max(0, deployment.training_params - params.params)
        params = ParamsResult(params.params, params.buffers, merged + unused, params.weight_bytes)
    wanted = {name: counts[name] for name in check_conventions(conventions)}
    notes, problems = _remarks(size, fitted, wanted, counts["macs"], memory, deployment)
    return Profile(
        name=card.name,
        title=card.title,
        scale=source.scale,
        input_size=fitted,
        measured="deployed" if twin is not None else "as built",
        params=params,
        counts=wanted,
        memory=memory,
        deployment=deployment,
        notes=notes,
        problems=problems,
    )


def _difference(source: Source, twin: nn.Module) -> float:
    """Run both forms on a small random input."""
    card = source.card
    shape = input_shape(source.fitting(_SMALL), card.channels, source.scale, card.pre_upsampled)
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(network_dtype(source.network))
    try:
        with unchanged(source.network), torch.no_grad():
            before, after = source.network.eval()(x), twin(x)
    except Exception as error:  # a user's network can raise anything
        raise SrbenchError(f"the deployed form of {card.name} does not run: {type(error).__name__}: {error}") from error
    if before.shape != after.shape:
        return float("inf")
    return float((before - after).abs().max() / before.abs().max().clamp_min(1e-12))


def _remarks(
    size: tuple[int, int],
    fitted: tuple[int, int],
    counts: dict[str, CountResult],
    all_macs: CountResult,
    memory: MemoryResult,
    deployment: Deployment | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(notes, problems) in plain words."""
    notes, problems = [], []
    if fitted != size:
        notes.append(f"counted at {fitted[0]}x{fitted[1]}, since it takes no {size[0]}x{size[1]}")
    for name, result in counts.items():
        if not result.uncounted:
            continue
        listed = ", ".join(f"{op} x{n}" for op, n in sorted(result.uncounted.items()))
        problems.append(f"{name} leaves out {listed}")
    hidden = [op for op in all_macs.trace.ops if op.cost.conv and not op.hooked]
    if hidden:
        macs = sum(op.cost.macs for op in hidden)
        notes.append(
            f"{len(hidden)} convolution{'s' if len(hidden) > 1 else ''} written as a function "
            f"({macs / 1e9:.3f} G MACs), which module hooks do not see"
        )
    if memory.kept_bytes > 0:
        kept = memory.kept_bytes / 2**20
        notes.append(f"its first call keeps {kept:.1f} MiB allocated; later calls reuse them")
    if deployment is not None:
        if deployment.equal:
            notes.append("the deployed form is measured; both forms give the same output")
        else:
            problems.append(
                f"the deployed form, which is measured, differs from the trained one by {deployment.difference:.1e} "
                "of the largest output"
            )
    if all_macs.unused_params:
        notes.append(f"{all_macs.unused_params:,} parameters are not used by inference at this scale")
    return tuple(notes), tuple(problems)
