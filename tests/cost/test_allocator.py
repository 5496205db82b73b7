"""The tuned allocator, each time in a process of its own: tuning lasts as long as the process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from srbench.cost import allocator

FAULTS = """
import json, resource, sys, torch
from dataclasses import asdict
from srbench.cost.allocator import tune
tuning = tune() if sys.argv[1] == "warm" else None
def fill(): torch.empty(1 << 24).fill_(1.0)
for _ in range(20): fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5): fill()
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(json.dumps({"faults": faults, "tuning": tuning and asdict(tuning)}))
"""


def _faults(how: str) -> dict:
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator only")
def test_a_tuned_process_keeps_its_pages():
    shipped, warm = _faults("shipped"), _faults("warm")
    if not warm["tuning"]["applied"]:
        pytest.skip(f"the allocator of this machine cannot be tuned: {warm['tuning']['how']}")
    assert warm["tuning"]["how"] == "mallopt M_MMAP_MAX=0 M_TRIM_THRESHOLD=2147483647"
    assert shipped["faults"] > 4 * (64 << 20) // (2 << 20)  # every 64 MB afresh, if not in pages of 2 MB
    assert warm["faults"] < shipped["faults"] / 10


def test_elsewhere_it_says_why_not(monkeypatch):
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    assert allocator.tune.__wrapped__() == allocator.AllocatorTuning(False, "glibc's allocator only; this is darwin")


def test_a_c_library_without_mallopt_is_said(monkeypatch):
    monkeypatch.setattr(allocator.sys, "platform", "linux")
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _name: object())
    assert allocator.tune.__wrapped__() == allocator.AllocatorTuning(False, "the C library is not glibc")
