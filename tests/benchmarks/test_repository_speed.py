"""A repository of 140 networks in one table, each counted in a process of its own at LR 256x256.

Run ``pytest tests/benchmarks/test_repository_speed.py --benchmark-enable``; without the switch four networks are
counted, and only the figures are judged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from srbench.cli.main import app

ALL, FEW = 140, 4
NETWORK = """import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.reduce, self.expand = nn.Conv2d(width, width // 4, 1), nn.Conv2d(width // 4, width, 1)

    def forward(self, x):
        small = nn.functional.max_pool2d(self.reduce(x), 7, 3)
        small = nn.functional.interpolate(small, x.shape[-2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(self.expand(small))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(*[m for _ in range(3) for m in (nn.Conv2d(width, width, 3, 1, 1), nn.SiLU())])
        self.attention = Attention(width)

    def forward(self, x):
        return x + self.attention(self.body(x))


class Team{number}(nn.Module):
    def __init__(self, in_chans=3, width={width}, blocks={blocks}, upscale=4):
        super().__init__()
        self.head = nn.Conv2d(in_chans, width, 3, 1, 1)
        self.body = nn.Sequential(*[Block(width) for _ in range(blocks)])
        self.tail = nn.Sequential(nn.Conv2d(width, 3 * upscale**2, 3, 1, 1), nn.PixelShuffle(upscale))

    def forward(self, x):
        x = self.head(x)
        return self.tail(x + self.body(x))
"""


def _macs(width: int, blocks: int) -> int:
    """MACs at LR 256x256, worked out by hand from the text above; bilinear interpolation is 4 per element."""
    narrow = width // 4
    block = 27 * width**2 + 2 * width * narrow + 4 * narrow
    return 256**2 * (27 * width + blocks * block + 9 * width * 48)


@pytest.mark.benchmark(group="srbench profile --repo: 140 networks at LR 256x256")
def test_a_repository_in_one_table(benchmark: Any, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    option = request.config.getoption
    number = FEW if option("benchmark_disable") and not option("benchmark_enable") else ALL
    expected = {}
    for i in range(number):
        width, blocks = 16 + 4 * (i % 9), 2 + i % 7
        (tmp_path / f"team{i:03}.py").write_text(NETWORK.format(number=i, width=width, blocks=blocks))
        expected[f"team{i:03}.py:Team{i}"] = _macs(width, blocks)
    arguments = ["profile", "--repo", str(tmp_path), "--scale", "4", "--size", "256x256", "--format", "json"]
    done = benchmark.pedantic(lambda: CliRunner().invoke(app, arguments), rounds=1)
    assert done.exit_code == 0, done.output
    found = {one["label"]: one["counts"]["macs"]["macs"] for one in json.loads(done.stdout)["models"]}
    assert found == expected
