"""Counting the registered models at LR 256x256: one pass over shapes, a forward pass with hooks, fvcore, ptflops.

Run ``tox -e bench`` (or ``pytest tests/benchmarks/test_counting_speed.py --benchmark-enable``). Each test counts
all the models, one after the other. Models above :data:`HEAVY` GMACs at LR 256x256 are left out, since the real
passes would take minutes; they would only widen the gap. Without the benchmark switch the input is tiny, and the
tests only check that the counters agree.
"""

from __future__ import annotations

import copy
import io
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import torch
from torch import nn

from srbench.cost.count import count, input_shape
from srbench.cost.hooks import HOOKED_MODULES, hook_macs
from srbench.cost.source import open_network
from srbench.models.registry import cards

HEAVY = 70.0
SMALL = (24, 24)
GROUP = "count all models at LR 256x256"


@dataclass(frozen=True)
class Case:
    """One model, and how it takes its input."""

    name: str
    network: nn.Module
    size: tuple[int, int]
    channels: int
    scale: int
    pre_upsampled: bool

    def count(self) -> dict[str, int]:
        found = count(self.network, self.size, self.channels, scale=self.scale, pre_upsampled=self.pre_upsampled)
        return {convention: result.macs for convention, result in found.items()}

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return input_shape(self.size, self.channels, self.scale, self.pre_upsampled)


@cache
def all_cases(small: bool) -> tuple[Case, ...]:
    found = []
    for card in cards():
        if card.network is None or card.paper == "tests":
            continue
        scale = card.scales[-1]
        source = open_network(card.name, scale)
        case = Case(card.name, source.network, source.fitting((256, 256)), card.channels, scale, card.pre_upsampled)
        if case.count()["macs"] > HEAVY * 1e9:
            continue
        small_case = Case(card.name, source.network, source.fitting(SMALL), card.channels, scale, card.pre_upsampled)
        found.append(small_case if small else case)
    return tuple(found)


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> tuple[Case, ...]:
    """All the models; a few of them, at a tiny size, when nothing is benchmarked."""
    option = request.config.getoption
    if option("benchmark_disable") and not option("benchmark_enable"):
        return tuple(c for c in all_cases(True) if c.name in ("imdn", "lrfdn", "fsrcnn"))
    return all_cases(False)


def by_hooks(case: Case) -> int:
    """What the challenges' scripts do: hooks on every module, then a real forward pass."""
    total = 0

    def hook(module: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        nonlocal total
        total += hook_macs(module, inputs[0].shape, output.shape)[0]

    handles = [m.register_forward_hook(hook) for m in case.network.modules() if isinstance(m, HOOKED_MODULES)]
    try:
        with torch.no_grad():
            case.network(torch.zeros(case.shape))
    finally:
        for handle in handles:
            handle.remove()
    return total


def by_fvcore(case: Case) -> int:
    from fvcore.nn import FlopCountAnalysis

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = FlopCountAnalysis(case.network, torch.zeros(case.shape))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        return int(analysis.total())


def by_ptflops(case: Case) -> int:
    from ptflops import get_model_complexity_info

    network = copy.deepcopy(case.network)  # it leaves its attributes behind
    with torch.no_grad():
        total, _ = get_model_complexity_info(
            network, case.shape[1:], as_strings=False, print_per_layer_stat=False, ost=io.StringIO()
        )
    return int(total)


@pytest.mark.benchmark(group=GROUP)
def test_one_pass_over_shapes(benchmark: Any, cases: tuple[Case, ...]) -> None:
    found = benchmark.pedantic(lambda: [case.count() for case in cases], rounds=5, warmup_rounds=1)
    assert all(counts["macs"] > 0 for counts in found)


@pytest.mark.benchmark(group=GROUP)
def test_forward_with_hooks(benchmark: Any, cases: tuple[Case, ...]) -> None:
    found = benchmark.pedantic(lambda: [by_hooks(case) for case in cases], rounds=1)
    assert found == [case.count()["ntire-hooks"] for case in cases]


@pytest.mark.benchmark(group=GROUP)
def test_fvcore(benchmark: Any, cases: tuple[Case, ...]) -> None:
    found = benchmark.pedantic(lambda: [by_fvcore(case) for case in cases], rounds=1)
    assert found == [case.count()["fvcore"] for case in cases]


@pytest.mark.benchmark(group=GROUP)
def test_ptflops(benchmark: Any, cases: tuple[Case, ...]) -> None:
    found = benchmark.pedantic(lambda: [by_ptflops(case) for case in cases], rounds=1)
    assert all(theirs >= case.count()["torch"] for theirs, case in zip(found, cases, strict=True))


@pytest.mark.benchmark(group="count IMDN at LR 256x256 and for 8K")
@pytest.mark.parametrize("size", [(256, 256), (1080, 1920)], ids=["256x256", "8K"])
def test_a_large_input_takes_no_longer(benchmark: Any, size: tuple[int, int]) -> None:
    network = open_network("imdn", 4).network
    result = benchmark.pedantic(lambda: count(network, size)["macs"], rounds=20, warmup_rounds=2)
    assert result.output_size == (4 * size[0], 4 * size[1])
