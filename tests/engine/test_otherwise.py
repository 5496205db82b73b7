"""Stored records that were computed otherwise than asked: which answer, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from srbench.evaluation.engine.setting import Engine
from srbench.evaluation.otherwise import computed_with, inexact_tiles
from srbench.results.image_rows import ImageRows
from srbench.results.record import Computed, FormatTrial, QualityRecord, Tiles

INEXACT = Tiles(tile=64, overlap=2, exact=False, tile_asked=64, overlap_asked=2)
EXACT = Tiles(tile=64, overlap=9, exact=True, tile_asked=64)
TRIAL = FormatTrial(lr_size=(8, 8), contiguous_ms=2, channels_last_ms=1, differing=0, values=192)


def record(device: str = "cpu", **computed: Any) -> QualityRecord:
    rows = ImageRows()
    rows.append("a", (200, 90), {}, False)
    return QualityRecord.model_construct(device=device, computed=Computed(**computed), images=rows)


@pytest.mark.parametrize(
    ("tiles", "engine", "answers"),
    [
        (INEXACT, Engine(), False),
        (INEXACT, Engine(tile=64), False),
        (INEXACT, Engine(tile=32, overlap=2), False),
        (INEXACT, Engine(memory=1 << 30), False),
        (INEXACT, Engine(tile=64, overlap=2), True),
        (INEXACT.model_copy(update={"tile_asked": None, "overlap_asked": None}), Engine(memory=1 << 30), True),
        (EXACT, Engine(), True),
        (None, Engine(tile=64, overlap=2), True),
    ],
)
def test_inexact_tiles_answer_only_who_asks_for_them(tiles: Tiles | None, engine: Engine, answers: bool) -> None:
    assert (inexact_tiles(record(tiles=tiles), engine) is None) == answers


def test_tiles_that_a_full_gpu_led_to_answer() -> None:
    tiles = Tiles(tile=64, overlap=32, exact=False)
    assert inexact_tiles(record("cuda", tiles=tiles), Engine()) is None
    assert inexact_tiles(record(tiles=tiles), Engine()) == tiles


@pytest.mark.parametrize(
    ("computed", "engine", "said"),
    [
        ({}, Engine(), ()),
        ({"memory_format": "channels_last"}, Engine(), ("channels_last",)),
        ({"memory_format": "channels_last"}, Engine(memory_format="channels_last"), ()),
        ({}, Engine(memory_format="channels_last"), ("contiguous",)),
        ({}, Engine(memory_format="fastest"), ("contiguous, without a trial",)),
        ({"format_trial": TRIAL}, Engine(memory_format="fastest"), ()),
        ({"tiles": EXACT}, Engine(), ("tiles of 64 with 9 around them",)),
        ({"tiles": EXACT}, Engine(tile=64), ()),
        ({}, Engine(tile=64, overlap=2), ("whole images",)),
        ({}, Engine(tile=200, overlap=2), ()),
        ({}, Engine(tile=64), ("whole images",)),
        ({}, Engine(tile=200), ()),
    ],
)
def test_what_is_not_as_asked_is_named(computed: dict[str, Any], engine: Engine, said: tuple[str, ...]) -> None:
    assert computed_with(record(**computed), engine) == said
