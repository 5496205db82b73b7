"""A small network in a user's file with weights of its own, and a folder of small images."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from run_checks import Answer, Run

NET = '''
import os, time
import torch
from torch import nn

class Net(nn.Module):
    """Nearest-neighbour upsampling, learned; slow when told to be, on images wider than told."""

    def __init__(self, scale=4):
        super().__init__()
        self.scale = scale
        self.conv = nn.Conv2d(3, 3 * scale * scale, 1)

    def forward(self, x):
        if x.shape[-1] > int(os.environ.get("TOY_WIDTH", "0")):
            time.sleep(float(os.environ.get("TOY_SLEEP", "0")))
        return nn.functional.pixel_shuffle(self.conv(x), self.scale)

class Raises(Net):
    def forward(self, x):
        raise ValueError("no such thing as a forward pass\\nwith a second line")

class NotANumber(Net):
    def forward(self, x):
        return super().forward(x) * float("nan")

class WrongShape(Net):
    def forward(self, x):
        return super().forward(x)[..., 1:]

class OutOfMemory(Net):
    def forward(self, x):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
'''


def natural(height: int, width: int, seed: int) -> np.ndarray:
    """A smooth colour image with some edges, uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 90 * np.sin(x / rng.uniform(3, 9) + y / rng.uniform(3, 9) + phase) for phase in range(3)]
    return np.stack(waves, axis=-1).clip(0, 255).astype(np.uint8)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A flat folder of three HR images of 48x60."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for number, name in enumerate(("a", "b", "c")):
        Image.fromarray(natural(48, 60, number)).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A Python file with the class ``Net`` and some that fail."""
    file = tmp_path / "net.py"
    file.write_text(NET)
    return file


@pytest.fixture
def net_weights(tmp_path: Path) -> Path:
    """Weights of ``Net`` at x4 that copy every pixel sixteen times."""
    import torch

    weight = torch.zeros(48, 3, 1, 1)
    for channel in range(48):
        weight[channel, channel // 16] = 1
    path = tmp_path / "net.pth"
    torch.save({"conv.weight": weight, "conv.bias": torch.zeros(48)}, path)
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run ``srbench run`` in this process, with results in ``tmp_path / "out"``."""
    from srbench.cli.main import main

    def call(*arguments: str | Path, results: Path = tmp_path / "out") -> Answer:
        words = ["srbench", "run", *map(str, arguments), "--results", str(results)]
        monkeypatch.setattr(sys, "argv", words)
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
