"""The machine a result was measured on, described once and named by an id; no host names, users or paths."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from srbench.results.store import slug
from srbench.writing import write_text

PACKAGES = ("srbench", "torch", "numpy", "pillow", "scikit-image", "fvcore", "ptflops", "onnxruntime")


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that numbers depend on; libraries that are not installed are left out.

    >>> versions()["python"] == platform.python_version()
    True
    """
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def cpu_model() -> str:
    """The processor's name as it calls itself."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        match = re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", info.read_text(errors="replace"), re.MULTILINE)
        if match:
            return " ".join(match.group(1).split())
    if platform.system() == "Darwin":
        asked = _output(["sysctl", "-n", "machdep.cpu.brand_string"])
        if asked:
            return asked
    return platform.processor() or platform.machine() or "unknown"


def _output(command: list[str]) -> str:
    """First line a program prints; "" when it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stdout.strip().splitlines() or [""])[0].strip()


@functools.cache
def _description() -> str:
    """The machine as JSON text, made once per process."""
    import psutil
    import torch

    from srbench.cost.load import cores

    gpus: list[dict[str, Any]] = []
    if torch.cuda.is_available():
        driver = _output(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"])
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            gpus.append(
                {
                    "name": properties.name,
                    "memory_gib": round(properties.total_memory / 2**30, 1),
                    "driver": driver or None,
                    "cuda": torch.version.cuda,
                }
            )
    kernel = re.split(r"[^0-9.]", platform.release())[0]
    described = {
        "cpu": cpu_model(),
        "architecture": platform.machine(),
        "vector_instructions": torch.backends.cpu.get_cpu_capability(),
        "physical_cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(logical=True),
        "usable_cores": cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "gpus": gpus,
        "system": f"{platform.system()} {kernel}",
        "threads": cores(),  # what torch takes by default; what a pass used stands with its figure
        "versions": versions(),
    }
    return json.dumps(described, sort_keys=True)


def machine() -> dict[str, Any]:
    """The machine: processor, cores, memory (GiB), GPUs with driver, system, torch's threads and library versions.

    With its ``id``. Made once per process; equal machines with equal versions have equal ids.
    """
    text = _description()
    described: dict[str, Any] = json.loads(text)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    gpu = described["gpus"][0]["name"] if described["gpus"] else ""
    name = slug(f"{described['cpu']} {described['usable_cores']} cores {gpu}".strip()).lower()[:60].strip("-.")
    return {"id": f"{name}-{digest}", **described}


def machine_id() -> str:
    """Id of this machine: words of the processor and GPU, then eight digits of a hash over the whole description."""
    name: str = machine()["id"]
    return name


def write_machine(folder: Path | str) -> Path:
    """Write ``FOLDER/machines/<id>.json`` unless it is there; returns its path.

    Raises:
        SrbenchError: the folder cannot be written.
    """
    return write_described(folder, machine())


def write_described(folder: Path | str, described: dict[str, Any]) -> Path:
    """The same of any machine, as :func:`machine` describes it there.

    Raises:
        SrbenchError: the folder cannot be written.
    """
    target = Path(folder) / "machines" / f"{described['id']}.json"
    if not target.is_file():
        write_text(target, json.dumps(described, indent=1, ensure_ascii=False) + "\n")
    return target
