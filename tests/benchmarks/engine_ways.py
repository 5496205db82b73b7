"""One way of computing PSNR of IMDN over a folder, in a process of its own; the last line of stdout is its result.

engine_ways.py loop FOLDER SCALE contiguous|channels_last shipped|warm [MODEL]
engine_ways.py engine FOLDER SCALE [--workers N] [--protocols N] [--models N] [--memory BYTES] [--channels-last 1]
engine_ways.py many FOLDER IMAGES RESULTS [stop]
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from srbench.cost.allocator import tune
from srbench.datasets.registry import open_dataset
from srbench.evaluation.cells import Request
from srbench.evaluation.engine.setting import Engine
from srbench.evaluation.plan import plan
from srbench.evaluation.run import Outcome, Setting, Watcher, execute
from srbench.metrics.protocols import score
from srbench.models import open_model
from srbench.models.find import find_card


class Clock:
    """Seconds from its making on, by the wall and by the CPUs, ended children included."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), _cpu_seconds()

    def read(self) -> dict[str, float]:
        """Since then."""
        return {"seconds": time.perf_counter() - self.wall, "cpu": _cpu_seconds() - self.cpu}


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def loop(folder: str, scale: int, form: str, allocator: str, name: str = "imdn") -> dict[str, Any]:
    """Forward passes over images that are decoded and resized already; scoring is not timed."""
    if allocator == "warm":
        tune()
    torch.manual_seed(0)
    weights = weights_of(scale)
    if Path(weights).is_file():
        network = open_model(name, scale, "none").network
        network.load_state_dict(torch.load(weights))
    else:
        network = open_model(name, scale, weights).network
    layout: Any = torch.channels_last if form == "channels_last" else torch.contiguous_format
    network = network.to(memory_format=layout)
    pairs = [pair.load() for pair in open_dataset(folder, scale).images]
    inputs = [torch.from_numpy(lr.astype(np.float32).transpose(2, 0, 1)[None] / 255) for lr, _ in pairs]
    outputs = []
    with torch.inference_mode():
        network(inputs[0].to(memory_format=layout))
        begin = Clock()
        for x in inputs:
            y = network(x.to(memory_format=layout))
            outputs.append(y.mul(255).clamp(0, 255).round()[0].permute(1, 2, 0).byte().numpy())
        spent = begin.read()
    values = [score(np.ascontiguousarray(sr), hr, scale).psnr for sr, (_, hr) in zip(outputs, pairs, strict=True)]
    return {**spent, "psnr": float(np.mean(values))}


def engine(folder: str, scale: int, setting: Engine, *, protocols: int, models: int) -> dict[str, Any]:
    """A run without costs and pages, from the plan to the records."""
    names = ("y-matlab", "rgb-ntire", "y-rounded")[:protocols]
    weights = weights_of(scale)
    cards = tuple(find_card(name) for name in ("imdn", "rfdn")[:models])
    planned = plan(Request(cards, weights=weights, scales=(scale,), datasets=(folder,), protocols=names, runtime=False))
    todo = type(planned)(cells=planned.cells)
    open_model("imdn", scale, "none")
    begin = Clock()
    outcome = execute(todo, Setting(None, engine=setting))
    spent = begin.read()
    assert not outcome.failures, outcome.failures
    computed = outcome.quality[0].computed
    tiles = None if computed is None or computed.tiles is None else computed.tiles.model_dump()
    return {**spent, "psnr": outcome.quality[0].values["psnr"], "tiles": tiles, "mebibytes": peak_mebibytes()}


def peak_mebibytes() -> int:
    """The most that this process has had in memory; getrusage has that of the one that started it, too."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


def weights_of(scale: int) -> str:
    """Bundled ones for x4; else the released ones, or a file of random ones, always the same, without a mirror."""
    import os
    import tempfile

    if scale == 4:
        return "bundled"
    if os.environ.get("SRBENCH_MIRROR"):
        return "released"

    torch.manual_seed(0)
    network = open_model("imdn", scale, "none").network
    file = Path(tempfile.mkdtemp()) / "imdn.pth"
    torch.save(network.state_dict(), file)
    return str(file)


class StopsBeforeTen(Watcher):
    """Stands for Ctrl-C when all but ten images are done."""

    def __init__(self, images: int) -> None:
        self.left = images - 10

    def image_done(self, image: str) -> None:
        """One fewer is left."""
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def many(folder: str, images: int, results: str, stop: bool) -> dict[str, Any]:
    """Bicubic x2 on the first ``images`` images; with ``stop``, not on the last ten."""
    begin = Clock()
    request = Request((find_card("bicubic"),), scales=(2,), datasets=(folder,), limit=images, runtime=False)
    planned = plan(request, Path(results))
    opened = begin.read()["seconds"]
    begin = Clock()
    outcome = Outcome()
    with contextlib.suppress(KeyboardInterrupt):
        outcome = execute(
            type(planned)(cells=planned.cells), Setting(Path(results)), StopsBeforeTen(images) if stop else None
        )
    spent = begin.read()
    assert not outcome.failures, outcome.failures
    psnr = outcome.quality[0].values["psnr"] if outcome.quality else None
    known = {"images": images, "opened": opened, "psnr": psnr, "computed": outcome.computed}
    return {**spent, **known, "mebibytes": peak_mebibytes()}


def main(arguments: list[str]) -> None:
    """Do as told."""
    way, folder, *rest = arguments
    if way == "loop":
        found = loop(folder, int(rest[0]), *rest[1:])
    elif way == "many":
        found = many(folder, int(rest[0]), rest[1], "stop" in rest[2:])
    else:
        options = {name: int(value) for name, value in zip(rest[1::2], rest[2::2], strict=True)}
        setting = Engine(
            workers=options.get("--workers"),
            memory=options.get("--memory"),
            memory_format="channels_last" if options.get("--channels-last") else "contiguous",
        )
        models, protocols = options.get("--models", 1), options.get("--protocols", 1)
        found = engine(folder, int(rest[0]), setting, protocols=protocols, models=models)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
