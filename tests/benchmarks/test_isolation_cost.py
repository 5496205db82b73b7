"""What isolation costs: forward times inside and outside of a sandbox, in many short turns on one core.

    taskset -c 0,1 python -m pytest -s --benchmark-enable tests/benchmarks/test_isolation_cost.py

A turn is outside, inside, inside, outside, so that what drifts evenly cancels. Both sides run on one core by turns;
what only watches runs elsewhere. The ratio is the median over the turns, its interval a bootstrap over them, so that a
turn that another program has broken into counts no more than any other. ``SRBENCH_TURNS`` (150) says how many.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from srbench.challenge.passing import Entry, run, start
from srbench.challenge.spec import EntrySpec
from srbench.cost.allocator import tune
from srbench.datasets.embedded import pairs
from srbench.isolation.limits import Limits
from srbench.isolation.process import Setting
from srbench.isolation.sandbox import choose
from srbench.isolation.tree import descendants

NET = """
import torch.nn as nn
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 48, 3, 1, 1), *[nn.Conv2d(48, 48, 3, 1, 1) for _ in range(6)], nn.PixelShuffle(4)
        )
"""
EDGE = 128
MOST, WIDEST = 1.02, 0.04
WARM_UP = 5


def pin(entry: Entry) -> int | None:
    """Put this thread and every thread of the entry on one core; None where there is only one, or none can be set."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    if len(os.sched_getaffinity(0)) < 2:
        return None
    os.sched_setaffinity(threading.get_native_id(), {core})
    for pid in descendants(entry.process.pid):
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})
    return core


def computed(entry: Entry) -> float:
    """Milliseconds that all threads of the entry have computed so far; 0 where the system does not say."""
    total = 0
    for pid in descendants(entry.process.pid):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, ValueError):
                total += int((task / "schedstat").read_text().split()[0])
    return total / 1e6


def outside(network: nn.Module, image: torch.Tensor) -> float:
    """Milliseconds until the numbers lie in plain memory."""
    begin = time.monotonic()
    with torch.no_grad():
        np.ascontiguousarray(network(image).numpy()[0])
    return (time.monotonic() - begin) * 1000


def interval(ratios: np.ndarray) -> tuple[float, float, float]:  # type: ignore[type-arg]
    """(median, low, high): 95 % by a bootstrap over the turns."""
    rng = np.random.default_rng(0)
    medians = np.median(ratios[rng.integers(0, len(ratios), (4000, len(ratios)))], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return float(np.median(ratios)), float(low), float(high)


def test_a_pass_takes_as_long_inside_as_outside(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("benchmark_enable"):
        pytest.skip("speed is judged where benchmarks are run (--benchmark-enable)")
    (tmp_path / "net.py").write_text(NET)
    torch.set_num_threads(1)
    tune()  # as the process of an entry does
    names: dict[str, type[nn.Module]] = {}
    exec(NET, names)  # type: ignore[arg-type]
    network = names["Net"]().eval()
    lr = np.ascontiguousarray(next(pair for pair in pairs(1) if pair.name == "chelsea").hr()[:EDGE, :EDGE])
    image = torch.from_numpy(lr).permute(2, 0, 1)[None].float().contiguous() / 255
    spec = EntrySpec(id="0", title="net", folder=str(tmp_path), reference="net.py:Net", data_range=1.0)
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    entry = start(spec, Setting(choose("auto"), Limits(), threads=1), lr.shape[:2])
    try:
        core = pin(entry)
        ratios, plain, cpu = [], [], []
        for turn in range(int(os.environ.get("SRBENCH_TURNS", "150")) + WARM_UP):
            own = time.thread_time()
            first = outside(network, image)
            own, before = time.thread_time() - own, computed(entry)
            one, two = run(entry, lr), run(entry, lr)
            theirs, again = computed(entry) - before, time.thread_time()
            last = outside(network, image)
            own += time.thread_time() - again
            if turn >= WARM_UP:
                cpu.append(theirs / (own * 1000))
                ratios.append((one.forward + two.forward) / (first + last))
                plain.append((first + last) / 2)
    finally:
        entry.process.close()
        if affinity:
            os.sched_setaffinity(threading.get_native_id(), affinity)
    ratio, low, high = interval(np.asarray(ratios))
    print(
        f"inside / outside: {ratio:.4f} ({low:.4f} to {high:.4f}), {len(ratios)} turns of {np.median(plain):.1f} ms, "
        f"core {core}, {choose('auto').kind}; "
        "time that was computed, transfers included: {:.4f} ({:.4f} to {:.4f})".format(*interval(np.asarray(cpu)))
    )
    assert high - low < WIDEST, f"the machine is not quiet enough to tell: {low:.4f} to {high:.4f}"
    assert ratio < MOST, f"{ratio:.4f} ({low:.4f} to {high:.4f})"
