"""The memory format of a run: as asked for, or as a trial finds, which stands in the record and is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from srbench.evaluation.cells import Cell, Request
from srbench.evaluation.engine import trial
from srbench.evaluation.engine.setting import Engine
from srbench.evaluation.engine.tiles import reach_of
from srbench.evaluation.plan import plan
from srbench.evaluation.run import Setting, run_cell
from srbench.imaging import write_image
from srbench.models import find_card, open_model
from srbench.models.memory_format import with_memory_format
from srbench.results.record import FormatTrial


def trial_of(contiguous: float, channels_last: float | None) -> FormatTrial:
    return FormatTrial(
        lr_size=(8, 8), contiguous_ms=contiguous, channels_last_ms=channels_last, differing=0, values=192
    )


@pytest.mark.parametrize(
    ("contiguous", "channels_last", "chosen"),
    [(10, 5, "channels_last"), (10, 9.9, "contiguous"), (10, 20, "contiguous"), (10, None, "contiguous")],
)
def test_the_clearly_faster_one_is_chosen(contiguous: float, channels_last: float | None, chosen: str) -> None:
    assert trial.fastest(trial_of(contiguous, channels_last)) == chosen


@pytest.fixture
def cell(tmp_path: Path) -> Cell:
    """A small network with weights of a file, on one small image."""
    torch.manual_seed(0)
    network = open_model("espcn-rgb", 4, "none").network
    assert network is not None
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    image = np.random.default_rng(0).integers(0, 256, (80, 96, 3), dtype=np.uint8)
    write_image(tmp_path / "images" / "a.png", image)
    request = Request(
        (find_card("espcn-rgb"),), weights=str(tmp_path / "weights.pth"), datasets=(str(tmp_path / "images"),),
        runtime=False,
    )  # fmt: skip
    return plan(request).cells[0]


def test_the_format_stands_in_the_record_and_changes_last_bits_only(cell: Cell) -> None:
    plain, other = (
        run_cell(cell, Setting(None, engine=Engine(memory_format=name))) for name in ("contiguous", "channels_last")
    )
    assert plain.computed is not None
    assert other.computed is not None
    assert (plain.computed.memory_format, other.computed.memory_format) == ("contiguous", "channels_last")
    assert other.computed.format_trial is None
    assert other.values["psnr"] == pytest.approx(plain.values["psnr"], abs=1e-3)
    assert cell.way == replace(cell.way, memory_format="channels_last"), "one answers the other"


def test_a_trial_is_made_once_and_recorded(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, ...]] = []

    def timed(part: np.ndarray, contiguous: trial.Run, channels_last: trial.Run) -> FormatTrial:
        made.append(part.shape)
        assert np.abs(contiguous(part).astype(int) - channels_last(part)).max() <= 1
        return trial_of(10, 5)

    monkeypatch.setattr(trial, "_timed", timed)
    first, again = (run_cell(cell, Setting(None, engine=Engine(memory_format="fastest"))) for _ in range(2))
    assert len(made) == 1
    assert max(made[0][:2]) <= trial.LARGEST
    assert first.computed is not None
    assert first.computed.memory_format == "channels_last"
    assert first.computed.format_trial == trial_of(10, 5)
    assert again.computed == first.computed
    assert again.values == first.values


def test_both_are_timed_and_compared() -> None:
    model = open_model(nn.Upsample(scale_factor=2), 2)  # what models are: no keys of dictionaries
    assert trial._timed(np.zeros((8, 8, 3), np.uint8), model, model).differing == 0
    part = np.zeros((8, 8, 3), np.uint8)
    found = trial._timed(part, lambda lr: lr, lambda lr: lr + (lr == 0))
    assert (found.lr_size, found.differing, found.values) == ((8, 8), 192, 192)
    assert found.contiguous_ms >= 0

    def raises(lr: np.ndarray) -> np.ndarray:
        raise RuntimeError("view size is not compatible")

    assert trial._timed(part, lambda lr: lr, raises).channels_last_ms is None


def test_a_network_in_channels_last_looks_as_far_and_gives_the_same() -> None:
    class Sees(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2))

        def forward(self, x: Tensor) -> Tensor:
            self.last = not x.is_contiguous()
            return self.body(x)

    model = open_model(Sees().eval(), 2)
    other = with_memory_format(model, "channels_last")
    assert reach_of(other) == reach_of(model)
    lr = np.random.default_rng(0).integers(0, 256, (12, 15, 3), dtype=np.uint8)
    assert np.abs(model(lr).astype(int) - other(lr)).max() <= 1
    assert other.network is not None
    assert other.network.network.last  # type: ignore[union-attr]
