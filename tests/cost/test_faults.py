"""Faults are counted: pages touched for the first time, and none where the memory is kept."""

from __future__ import annotations

import mmap

import pytest

pytest.importorskip("resource")

from srbench.cost.clock import UsageMeter

PAGES = 20_000


def test_touched_pages_are_faults_once() -> None:
    with mmap.mmap(-1, PAGES * mmap.PAGESIZE) as block:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            block.madvise(mmap.MADV_NOHUGEPAGE)
        counts = []
        for _ in range(2):
            meter = UsageMeter()
            for page in range(PAGES):
                block[page * mmap.PAGESIZE] = 1
            found = meter.read()
            counts.append(found.faults)
            assert 0 <= found.kernel_s <= found.cpu_s + 0.1
    assert counts[0] >= PAGES
    assert counts[1] < PAGES / 10
