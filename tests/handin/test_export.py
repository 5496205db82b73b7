"""``srbench export``: what is written equals torch, and what does not is removed."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from srbench.errors import CheckFailed, SrbenchError
from srbench.evaluation.export import export
from srbench.models.opening import open_model

Srbench = Callable[..., Any]
WITH_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2))


class FixedByTracing(nn.Module):
    """What depends on the size in Python, so that a trace at one size is wrong at another."""

    def __init__(self) -> None:
        super().__init__()
        self.body = small()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) * (0.5 if x.shape[-1] == 64 else 0.9)


def test_torchscript_equals_torch_and_says_how_to_feed_it(tmp_path: Path) -> None:
    found = export(open_model(small(), 2), "torchscript", tmp_path / "n.pt")
    assert [one.largest_level for one in found] == [0, 0]
    facts = json.loads((tmp_path / "n.pt.json").read_text())
    assert facts["scale"] == 2
    assert facts["input"]["range"] == 1


def test_a_trace_that_holds_at_one_size_alone_is_found_and_removed(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match=r"differs from torch by .* give --size HxW"):
        export(open_model(FixedByTracing(), 2), "torchscript", tmp_path / "n.pt")
    assert not (tmp_path / "n.pt").exists()
    assert export(open_model(FixedByTracing(), 2), "torchscript", tmp_path / "n.pt", (48, 64))


@pytest.mark.skipif(not WITH_ONNX, reason="onnx, onnxscript and onnxruntime are not installed (srbench[onnx])")
def test_onnx_equals_torch_at_sizes_it_was_not_written_at(tmp_path: Path) -> None:
    found = export(open_model(small(), 2), "onnx", tmp_path / "n.onnx")
    assert all(one.holds and one.lr_size != (48, 64) for one in found)


@pytest.mark.skipif(WITH_ONNX, reason="the packages of srbench[onnx] are installed")
def test_without_the_extra_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SrbenchError, match=r"pip install 'srbench\[onnx\]'"):
        export(open_model(small(), 2), "onnx", tmp_path / "n.onnx")


def test_bicubic_has_nothing_to_export(srbench: Srbench, tmp_path: Path) -> None:
    srbench("export", "bicubic", "--torchscript", tmp_path / "b.pt").one_sentence("nothing to export")
    srbench("export", "bicubic").one_sentence("nothing to write")
