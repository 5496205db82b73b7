"""Faults are counted: pages touched for the first time, and none where the memory is kept."""

from __future__ import annotations

import mmap

import pytest

pytest.importorskip("resource")

from srbench.cost.faults import FaultMeter

PAGES = 20_000


def test_touched_pages_are_faults_once() -> None:
    with mmap.mmap(-1, PAGES * mmap.PAGESIZE) as block:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            block.madvise(mmap.MADV_NOHUGEPAGE)
        counts = []
        for _ in range(2):
            meter = FaultMeter()
            for page in range(PAGES):
                block[page * mmap.PAGESIZE] = 1
            found = meter.read()
            assert found is not None
            counts.append(found.minor)
            assert 0 <= found.system_share <= 1
    assert counts[0] >= PAGES
    assert counts[1] < PAGES / 10
