"""Which models keep the bounds of a budget, and which of those no other beats: what ``srbench choose`` answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srbench.datasets.facts import dataset_title
from srbench.errors import SrbenchError
from srbench.quantities import DEFAULT_CONVENTION, DEFAULT_QUALITY, Quantity, find_quantity, get_quantity
from srbench.report.handin.budget import Bound, dominated
from srbench.report.handin.build import of_models
from srbench.report.handin.entries import Entry
from srbench.results.collection import Results

if TYPE_CHECKING:
    from srbench.cost.backends import Variant
    from srbench.cost.figures import Runtime

Say = Callable[[str], None]
RUNTIME = "runtime"
USUAL_DATASET = "set5"
ALWAYS = ("params", "macs", "memory")
"""Costs that are shown whether or not they are bounded."""


@dataclass(frozen=True)
class Budget:
    """What is asked for.

    Attributes:
        bounds: limits, of any quantities.
        scale: factor between LR and HR.
        size: LR (height, width) that costs are of.
        dataset: name of the test set that quality is of; None: Set5 where it was measured, else what most models have.
        protocol: of the quality; None: that of the papers where it is there.
        models: only these; by default all of the results.
        timing: whether runtimes are measured here, with or without a bound.
        variant: how they are measured: backend, device, threads; None: plainly, on the CPU.
        most: how many models are timed at most.
    """

    bounds: tuple[Bound, ...]
    scale: int
    size: tuple[int, int]
    dataset: str | None = None
    protocol: str | None = None
    models: tuple[str, ...] = ()
    timing: bool = False
    variant: Variant | None = None
    most: int = 8

    @property
    def timed(self) -> bool:
        """Whether runtimes have to be measured."""
        return self.timing or any(bound.quantity.needs == "timing" for bound in self.bounds)


@dataclass(frozen=True)
class Candidate:
    """A model with what is known of it, as stored; ``refused`` is why it could not be timed."""

    name: str
    title: str
    values: Mapping[str, float]
    trained_by_us: bool = False
    on_front: bool = False
    refused: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """The models that keep all bounds: those that no other beats in ``quality`` and ``cost`` first, cheapest first.

    ``beyond`` says how many models break each bound, ``nearest`` which models break one alone, best first: those of
    which all bounded quantities are known, else those that break one of what is known. ``timed`` are the models that
    were timed, fastest first; ``untimed`` those that keep the other bounds and were not.
    """

    dataset: str
    quality: Quantity
    cost: Quantity
    rows: tuple[Candidate, ...]
    beyond: Mapping[str, int]
    nearest: tuple[tuple[Candidate, Bound], ...] = ()
    untimed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    timed: tuple[Candidate, ...] = ()


def choose(results: Results, budget: Budget, say: Say = lambda _text: None) -> Choice:
    """The models of ``results`` within a budget.

    Quality is taken from the results. Costs at the size asked for are taken from them too where they are there, and
    counted otherwise. Runtimes are never taken from results: they are measured here, after all other bounds.

    Raises:
        SrbenchError: an unknown model, dataset or protocol, a quantity that nobody has a value of, or no results.
    """
    if not results:
        raise SrbenchError("there are no results to choose from; give folders that srbench run wrote, or 'measured'.")
    known = of_models(results, budget.models, (budget.dataset,) if budget.dataset else (), budget.protocol)
    entries = [entry for entry in known.entries if budget.scale in entry.scales]
    title = dataset_title(budget.dataset) if budget.dataset else _usual_dataset(entries, budget.scale)
    quality = next(
        (bound.quantity for bound in budget.bounds if bound.quantity.of_images), get_quantity(DEFAULT_QUALITY[0])
    )
    candidates = [_with_quality(entry, budget, title) for entry in entries]
    having = [one for one in candidates if quality.name in one.values]
    if not having:
        raise SrbenchError(
            f"no result has {quality.title} at x{budget.scale} on {title or 'any dataset'}; "
            "give another --scale, --dataset or other results."
        )
    beyond: Counter[str] = Counter()
    left = _within(having, [bound for bound in budget.bounds if bound.quantity.of_images], beyond)
    bounds = [bound for bound in budget.bounds if not bound.quantity.of_images and bound.quantity.needs != "timing"]
    counted = [_with_costs(one, results, budget, say) for one in left]
    unknown = tuple(f"{one.title}: {one.refused}" for one in counted if one.refused)
    kept = _within([one for one in counted if not one.refused], bounds, beyond)
    cost = _cost_of(budget)
    untimed: tuple[str, ...] = ()
    timed: list[Candidate] = []
    if budget.timed and kept:
        kept, untimed = _timed(kept, budget, quality, say)
        unknown += tuple(f"{one.title}: {one.refused}" for one in kept if one.refused)
        timing = [bound for bound in budget.bounds if bound.quantity.needs == "timing"]
        timed = sorted((one for one in kept if not one.refused), key=lambda one: one.values[RUNTIME])
        kept = _within(timed, timing, beyond)
    rows = _ordered(kept, quality, cost)
    nearest = () if rows else _nearest((*having, *counted, *timed), budget.bounds)
    return Choice(title, quality, cost, rows, dict(beyond), nearest, untimed, unknown, tuple(timed))


def _usual_dataset(entries: Sequence[Entry], scale: int) -> str:
    """The title of the field's first test set where it was measured, else of the one that most models have."""
    counts = Counter(
        title for entry in entries for title in {s.dataset for s in entry.figures if s.scale == scale and s.dataset}
    )
    usual = dataset_title(USUAL_DATASET)
    return usual if usual in counts else max(counts, key=lambda title: counts[title], default="")


def _with_quality(entry: Entry, budget: Budget, title: str) -> Candidate:
    found = {spot.quantity: figure.value for spot, figure in entry.figures.items()
             if spot.scale == budget.scale and spot.dataset == title and title}  # fmt: skip
    return Candidate(entry.name, entry.title, found, entry.trained_by_us)


def _within(candidates: Sequence[Candidate], bounds: Sequence[Bound], beyond: Counter[str]) -> list[Candidate]:
    """Those that keep all bounds; ``beyond`` counts who breaks which, a missing value among them."""
    kept = []
    for one in candidates:
        broken = [bound for bound in bounds if not _keeps(one, bound)]
        beyond.update(bound.text for bound in broken)
        if not broken:
            kept.append(one)
    return kept


def _keeps(one: Candidate, bound: Bound) -> bool:
    value = one.values.get(bound.quantity.name)
    return value is not None and bound.holds(value)


def _with_costs(one: Candidate, results: Results, budget: Budget, say: Say) -> Candidate:
    """What a model costs at the size asked for: from the results, else counted."""
    wanted = {*ALWAYS, *(b.quantity.name for b in budget.bounds if b.quantity.needs == "network")}
    stored: dict[str, float] = {}
    for cost in results.costs:
        if (cost.model.name, cost.scale, cost.size_asked) == (one.name, budget.scale, budget.size):
            known = {name: find_quantity(name) for name in cost.values}
            stored |= {name: cost.values[name] for name, q in known.items() if q is not None and q.needs == "network"}
    known_broken = any(b.quantity.name in stored and not b.holds(stored[b.quantity.name]) for b in budget.bounds)
    if wanted <= set(stored) or known_broken:
        return replace(one, values={**one.values, **stored})
    say(f"counting {one.title} at LR {budget.size[1]}x{budget.size[0]}")
    try:
        counted = count_costs(one.name, budget.scale, budget.size, tuple(sorted(wanted)))
    except SrbenchError as error:
        return replace(one, refused=str(error))
    return replace(one, values={**one.values, **counted, **stored})


def count_costs(model: str, scale: int, size: tuple[int, int], names: Sequence[str]) -> dict[str, float]:
    """Costs of a model at LR (height, width), as stored, by the quantities' own functions.

    Raises:
        SrbenchError: no such model, no network, or one that fails.
    """
    from srbench.cost.profile import profile
    from srbench.cost.source import open_network
    from srbench.models import find_card
    from srbench.quantities import counted_as

    card = find_card(model)
    if card.network is None:
        raise SrbenchError("it is an interpolation without a network, so it has no costs")
    conventions = {get_quantity(name).convention for name in names} - {""} | {DEFAULT_CONVENTION}
    found = profile(open_network(card, scale), size, tuple(sorted(conventions)))
    values: dict[str, float] = {"params": found.params.params, "memory": float(found.memory.total_bytes)}
    for name, counts in found.counts.items():
        values |= {counted_as("macs", name): counts.macs, counted_as("activations", name): counts.activations,
                   counted_as("convs", name): counts.num_conv}  # fmt: skip
        values["depth"] = counts.depth
    return values


def _cost_of(budget: Budget) -> Quantity:
    """What the front weighs quality against."""
    if budget.timed:
        return get_quantity(RUNTIME)
    bounded = [bound.quantity for bound in budget.bounds if bound.most and not bound.quantity.of_images]
    return bounded[0] if bounded else get_quantity("macs")


def _timed(
    candidates: Sequence[Candidate], budget: Budget, quality: Quantity, say: Say
) -> tuple[list[Candidate], tuple[str, ...]]:
    """The most promising models with runtimes of this machine, and the titles of the others."""
    from srbench.cost.backends import Variant
    from srbench.cost.rounds import Entry as Timed
    from srbench.cost.rounds import Schedule, compare
    from srbench.models import find_card

    ordered = _ordered(candidates, quality, get_quantity("macs"))
    chosen, others = ordered[: budget.most], ordered[budget.most :]
    variant = budget.variant or Variant()
    entries = [Timed(one.name, budget.scale, variant, find_card(one.name)) for one in chosen]
    timings = compare(entries, [budget.size], Schedule(rounds=3, warm_seconds=3.0), baseline=None, report=say)
    found = []
    for one, timing in zip(chosen, timings, strict=True):
        if timing.result is None:
            found.append(replace(one, refused=timing.error or "it could not be timed"))
        else:
            values = {**one.values, RUNTIME: timing.result.median_ms}
            found.append(replace(one, values=values, warnings=_doubts(timing.result)))
    return found, tuple(one.title for one in others)


def _doubts(runtime: Runtime) -> tuple[str, ...]:
    return tuple(runtime.warnings)


def _ordered(candidates: Sequence[Candidate], quality: Quantity, cost: Quantity) -> tuple[Candidate, ...]:
    """The front first, each part from the cheapest on."""
    sign = -1.0 if quality.direction == "higher" else 1.0

    def point(one: Candidate) -> tuple[float, float]:
        return one.values.get(cost.name, float("inf")), sign * quality.rounded(one.values[quality.name])

    points = [point(one) for one in candidates]
    marked = [replace(one, on_front=not dominated(own, points)) for one, own in zip(candidates, points, strict=True)]
    return tuple(sorted(marked, key=lambda one: (not one.on_front, point(one), one.name)))


def _nearest(candidates: Sequence[Candidate], bounds: Sequence[Bound]) -> tuple[tuple[Candidate, Bound], ...]:
    """Models that break one bound alone, the least excess first; of each the last of ``candidates`` counts.

    Where there is none, those that break one of what is known of them: what was not measured is no bound kept.
    """
    latest = {(one.name, one.title): one for one in candidates}
    broken = {key: [bound for bound in bounds if bound.quantity.name in one.values and not _keeps(one, bound)]
              for key, one in latest.items()}  # fmt: skip
    once = [(latest[key], found[0]) for key, found in broken.items() if len(found) == 1]
    found = [pair for pair in once if not unknown_of(pair[0], bounds)] or once

    def excess(pair: tuple[Candidate, Bound]) -> float:
        one, bound = pair
        return abs(one.values[bound.quantity.name] - bound.limit) / max(abs(bound.limit), 1e-12)

    return tuple(sorted(found, key=lambda pair: (excess(pair), pair[0].name))[:3])


def unknown_of(one: Candidate, bounds: Sequence[Bound]) -> tuple[Quantity, ...]:
    """The bounded quantities that are not known of a model."""
    return tuple(bound.quantity for bound in bounds if bound.quantity.name not in one.values)
