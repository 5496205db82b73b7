"""What is wrong with this machine for measuring runtimes, in plain words."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from srbench.cost.load import LoadMeter, cores
from srbench.cost.samples import LOAD_LIMIT

Severity = Literal["problem", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing about the machine: a ``problem`` spoils runtimes, a ``note`` should be known when reading them."""

    severity: Severity
    what: str
    advice: str


def diagnose(seconds: float = 1.0, root: Path = Path("/")) -> tuple[Finding, ...]:
    """Look for what spoils runtimes; watches the load for ``seconds``.

    Args:
        seconds: how long to watch other programs.
        root: where ``sys`` and ``proc`` are (tests give a copy).
    """
    findings = [*_load(seconds), *_frequency(root), *_cores(root), *_memory(), *_threads(), *_devices()]
    return tuple(sorted(findings, key=lambda f: f.severity != "problem"))


def _load(seconds: float) -> list[Finding]:
    meter = LoadMeter()
    time.sleep(seconds)
    others, usable = meter.read(), cores()
    if others <= LOAD_LIMIT * usable:
        return []
    return [
        Finding(
            "problem",
            f"other programs keep {others:.1f} of {usable} cores busy",
            "stop them, or compare models only by paired rounds (srbench time) and expect wide intervals",
        )
    ]


def _first_line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip().splitlines()[0]
    except (OSError, IndexError):
        return ""


def _frequency(root: Path) -> list[Finding]:
    cpu = root / "sys/devices/system/cpu"
    found = []
    governor = _first_line(cpu / "cpu0/cpufreq/scaling_governor")
    if governor and governor != "performance":
        found.append(
            Finding(
                "problem", f"the CPU's frequency governor is '{governor}'", "set it to 'performance' while measuring"
            )
        )
    no_turbo = _first_line(cpu / "intel_pstate/no_turbo")
    boost = _first_line(cpu / "cpufreq/boost")
    if no_turbo == "0" or boost == "1":
        found.append(
            Finding(
                "note",
                "turbo is on: the clock depends on temperature and on how many cores are busy",
                "turn it off for small differences, or rely on interleaved rounds",
            )
        )
    if not governor:
        found.append(
            Finding("note", "the CPU's frequency cannot be read (a virtual machine?)", "watch for drift in the samples")
        )
    return found


def _cores(root: Path) -> list[Finding]:
    found = []
    usable, physical, logical = cores(), psutil.cpu_count(logical=False), psutil.cpu_count(logical=True)
    if usable <= 2:
        found.append(
            Finding(
                "problem",
                f"only {usable} core{'s' if usable > 1 else ''}: anything else that runs shows in the figures",
                "take more rounds, and fewer threads than cores",
            )
        )
    if physical and logical and logical > physical:
        found.append(
            Finding(
                "note",
                f"{logical} logical on {physical} physical cores (SMT): threads share cores",
                f"use at most {physical} threads",
            )
        )
    if "hypervisor" in _flags(root):
        found.append(
            Finding(
                "note", "this is a virtual machine: neighbours may take time from it", "repeat at another time of day"
            )
        )
    steal = getattr(psutil.cpu_times(), "steal", 0.0)
    total = sum(psutil.cpu_times())
    if total and steal / total > 0.01:
        found.append(
            Finding("problem", f"the host took {steal / total:.0%} of the CPU time away (steal)", "use another host")
        )
    return found


def _flags(root: Path) -> str:
    try:
        return (root / "proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return ""


def _memory() -> list[Finding]:
    swap, memory = psutil.swap_memory(), psutil.virtual_memory()
    found = []
    if swap.total and swap.percent > 10 and memory.percent > 80:
        found.append(Finding("problem", "the machine is swapping", "close programs, or measure smaller sizes"))
    if memory.available < 2 * 2**30:
        free = memory.available / 2**30
        found.append(Finding("problem", f"only {free:.1f} GiB of memory are free", "close programs"))
    return found


def _threads() -> list[Finding]:
    import torch

    threads, usable = torch.get_num_threads(), cores()
    if threads > usable:
        return [
            Finding(
                "problem",
                f"torch uses {threads} threads on {usable} usable cores",
                f"set --threads {usable} or OMP_NUM_THREADS={usable}",
            )
        ]
    if threads < usable:
        return [Finding("note", f"torch uses {threads} of {usable} usable cores", "say so beside the figures")]
    return []


def _devices() -> list[Finding]:
    import torch

    if torch.cuda.is_available():
        return []
    return [
        Finding(
            "note", "no CUDA device: runtimes and memory on a GPU cannot be measured here", "use a machine with one"
        )
    ]
