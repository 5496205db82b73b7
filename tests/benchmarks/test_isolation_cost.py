"""What isolation costs: forward times inside and outside of a sandbox, image by image in turns, in one run."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from srbench.challenge.passing import run, start
from srbench.challenge.spec import EntrySpec
from srbench.cost.samples import paired_ratio
from srbench.datasets.embedded import pairs
from srbench.isolation.limits import Limits
from srbench.isolation.process import Setting
from srbench.isolation.sandbox import choose

NET = """
import torch.nn as nn
class Net(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 48, 3, 1, 1), *[nn.Conv2d(48, 48, 3, 1, 1) for _ in range(6)], nn.PixelShuffle(4)
        )
"""
MOST = 1.02


def test_a_pass_takes_as_long_inside_as_outside(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("benchmark_enable"):
        pytest.skip("speed is judged where benchmarks are run (--benchmark-enable)")
    (tmp_path / "net.py").write_text(NET)
    torch.set_num_threads(1)
    names: dict[str, type[nn.Module]] = {}
    exec(NET, names)  # type: ignore[arg-type]
    network = names["Net"]().eval()
    hr = next(pair for pair in pairs(1) if pair.name == "chelsea").hr()
    lr = np.ascontiguousarray(np.tile(hr, (2, 2, 1))[:256, :256])
    spec = EntrySpec(id="0", title="net", folder=str(tmp_path), reference="net.py:Net", data_range=1.0)
    entry = start(spec, Setting(choose("auto"), Limits(), threads=1), lr.shape[:2])
    try:
        image = torch.from_numpy(lr).permute(2, 0, 1)[None].float() / 255
        inside, outside = [], []
        for turn in range(24):
            begin = time.monotonic()
            with torch.no_grad():
                np.ascontiguousarray(network(image).numpy())
            outside.append((time.monotonic() - begin) * 1000)
            inside.append(run(entry, lr).forward)
            if turn < 4:  # both warm up
                inside.clear()
                outside.clear()
    finally:
        entry.process.close()
    ratio = paired_ratio(inside, outside)
    assert ratio is not None
    print(f"inside / outside: {ratio.ratio:.4f} ({ratio.low:.4f} to {ratio.high:.4f}), {np.median(outside):.1f} ms")
    assert ratio.ratio < MOST or ratio.low < 1.0, ratio
