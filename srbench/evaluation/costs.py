"""What a model costs at one scale, in the two customary sizes: LR 256x256 and HR 1280x720."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from srbench.cost.figures import Memory, Runtime
from srbench.errors import SrbenchError
from srbench.models.notes import LoadNote
from srbench.plugins import import_attribute
from srbench.quantities import NetworkSubject, Quantity, counted_as
from srbench.results.collection import CHALLENGE_SIZE, hr720_size

if TYPE_CHECKING:
    from torch import Tensor, nn

    from srbench.cost.count import Given
    from srbench.models.card import ModelCard

CONVENTIONS = ("macs", "fvcore", "ntire-hooks")
SMALL_SIZE = (64, 64)
RUNTIME_SECONDS = 2.0
SLOW_MACS = 400 * 10**9
"""Above this many MACs at LR 256x256 a pass takes many seconds on two cores; the runtime is taken at LR 64x64."""

Size = tuple[int, int]


@dataclass(frozen=True)
class CostAt:
    """What was measured at one input size, LR (height, width); ``padded_from`` is the size asked for where it differs.

    ``values`` stand under the names of quantities, ``missing`` says why one of them has none.
    """

    input_size: Size
    padded_from: Size | None = None
    values: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    buffers: int = 0
    uncounted: dict[str, dict[str, int]] = field(default_factory=dict)
    runtime: Runtime | None = None
    memory: Memory | None = None
    notes: tuple[LoadNote, ...] = ()
    """What one should know of the network's form."""


@dataclass(frozen=True)
class CostRequest:
    """What is to be measured: on which device, whether runtimes too, and which quantities besides the usual ones."""

    device: str = "cpu"
    runtime: bool = True
    quantities: tuple[Quantity, ...] = ()
    forms: bool = False
    """Whether to look for a form that the network takes for inference alone."""
    timed: Callable[[Tensor], Tensor] | None = None
    """What is timed, where that is another way of running the network than torch's own."""
    timing: Callable[[], None] | None = None
    """Called before the runtime is measured."""


def sizes_wanted(scale: int, network: bool = True) -> tuple[Size, ...]:
    """The input sizes, LR (height, width), that costs are measured at."""
    return tuple(dict.fromkeys((CHALLENGE_SIZE, hr720_size(scale)))) if network else (CHALLENGE_SIZE,)


def model_cost(
    network: nn.Module | None, card: ModelCard, scale: int, request: CostRequest | None = None
) -> tuple[CostAt, ...]:
    """Parameters and counts at both sizes, peak memory and (if asked for) runtime of ``network``.

    An interpolation (``network`` None) has no parameters and nothing is counted for it. Counts and memory use fake
    tensors: nothing is computed and no weights are needed.

    Returns:
        One entry per input size; what this network does not let itself be measured in is ``missing`` there.
    """
    request = request or CostRequest()
    if network is None:
        return (CostAt(CHALLENGE_SIZE, values={"params": 0.0}),)
    from srbench.cost.params import parameters

    size = parameters(network)
    found = []
    for wanted in sizes_wanted(scale):
        fitted = _fitting(wanted, card)
        empty = CostAt(
            fitted, None if fitted == wanted else wanted, {"params": float(size.params)}, buffers=size.buffers
        )
        at = _counted(network, card, scale, empty)
        at = _with_memory(network, card, scale, at) if wanted == CHALLENGE_SIZE else at
        found.append(_with_others(network, card, scale, at, request))
    if request.forms:
        found = [replace(at, notes=_other_form(network, card, scale, at)) for at in found]
    if request.runtime:
        if request.timing is not None:
            request.timing()
        found = _with_runtime(request.timed or network, card, scale, found, request.device)
    return tuple(found)


def _fitting(size: Size, card: ModelCard) -> Size:
    """``size`` rounded up to what the network takes, as images are padded for it."""
    height, width = (max(-(-edge // card.size_multiple) * card.size_multiple, card.min_size) for edge in size)
    return height, width


def _counted(network: nn.Module, card: ModelCard, scale: int, at: CostAt) -> CostAt:
    """Counts under all conventions."""
    from srbench.cost.count import count

    try:
        results = count(
            network,
            input_size=at.input_size,
            channels=card.channels,
            conventions=CONVENTIONS,
            scale=scale,
            pre_upsampled=card.pre_upsampled,
        )
    except SrbenchError as error:
        return replace(at, missing={**at.missing, "macs": str(error)})
    values = dict(at.values)
    for name, result in results.items():
        values[counted_as("macs", name)] = float(result.macs)
        values[counted_as("activations", name)] = float(result.activations)
        values[counted_as("convs", name)] = float(result.num_conv)
    values["depth"] = float(next(iter(results.values())).depth)
    uncounted = {name: dict(sorted(result.uncounted.items())) for name, result in results.items() if result.uncounted}
    return replace(at, values=values, uncounted=uncounted)


def _other_form(network: nn.Module, card: ModelCard, scale: int, at: CostAt) -> tuple[LoadNote, ...]:
    """The form for inference of a network that is given in its form for training, with what that costs."""
    from srbench.cost.profile import profile
    from srbench.cost.source import Source

    try:
        found = profile(Source(card, network, scale), at.input_size)
    except Exception:  # a user's network may raise anything; its costs were taken, or the reason why not was given
        return ()
    form = found.deployment
    if form is None:
        return ()
    height, width = at.input_size
    costs = (
        f"{found.params.params:,} parameters and {found.counts['macs'].macs / 1e9:.3f} G MACs at LR {width}x{height}"
    )
    return (LoadNote("form", f"deployed by {form.method}()", "as built", f"it has {costs}"),)


def _given(card: ModelCard, scale: int) -> Given:
    from srbench.cost.count import Given

    return Given(card.channels, scale, card.pre_upsampled)


def _with_memory(network: nn.Module, card: ModelCard, scale: int, at: CostAt) -> CostAt:
    """Peak memory, by following every tensor of a pass on fake tensors."""
    from srbench.cost.memory import peak_memory

    try:
        found = peak_memory(network, at.input_size, fake=True, given=_given(card, scale))
    except SrbenchError as error:
        return replace(at, missing={**at.missing, "memory": str(error)})
    return replace(at, values={**at.values, "memory": float(found.total_bytes)}, memory=found)


def _with_others(network: nn.Module, card: ModelCard, scale: int, at: CostAt, request: CostRequest) -> CostAt:
    """Quantities of networks that are asked for besides the usual ones, such as those of plugins."""
    values, missing = dict(at.values), dict(at.missing)
    for quantity in request.quantities:
        if quantity.name in values or (quantity.needs == "timing" and not request.runtime):
            continue
        if quantity.name == "runtime":  # with its samples, below
            continue
        shape = _given(card, scale).shape(at.input_size)
        subject = NetworkSubject(network.eval(), scale, at.input_size, shape, request.device)
        try:
            if quantity.together:
                values[quantity.name] = float(import_attribute(quantity.together)(subject)[quantity.name])
            else:
                values[quantity.name] = float(quantity.function()(subject))
        except Exception as error:  # a plugin's function: anything can be raised
            raised = "" if isinstance(error, SrbenchError) else f"{type(error).__name__}: "
            missing[quantity.name] = f"{raised}{error}"
    return replace(at, values=values, missing=missing)


def _with_runtime(
    network: Callable[[Tensor], Tensor], card: ModelCard, scale: int, found: Sequence[CostAt], device: str
) -> list[CostAt]:
    """Samples of about :data:`RUNTIME_SECONDS` of passes; very slow networks get a smaller input."""
    from srbench.cost.runtime import Effort, measure

    first = found[0]
    macs = max(first.values.get(counted_as("macs", name), 0.0) for name in CONVENTIONS)
    slow = device == "cpu" and macs > SLOW_MACS
    size = _fitting(SMALL_SIZE, card) if slow else first.input_size
    samples = measure(
        network,
        size,
        given=_given(card, scale),
        device=device,
        effort=Effort(RUNTIME_SECONDS),
    )
    small = CostAt(size, None if size == SMALL_SIZE else SMALL_SIZE, {"params": first.values["params"]})
    place = small if slow else first
    timed = replace(place, values={**place.values, "runtime": samples.median_ms}, runtime=samples)
    return [*found, timed] if slow else [timed, *found[1:]]
