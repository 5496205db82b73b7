"""How a run is computed: what may change the time it takes, and what changes bits and so stands in the record."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from typing import Literal

from srbench.errors import SrbenchError
from srbench.evaluation.apart.setting import Apart

ExecutorName = Literal["local", "slurm", "ray"]
NO_RAY = "--executor ray needs Ray; pip install 'srbench[ray]'."
NO_SLURM = "--executor slurm needs 'sbatch', which is not found here; run it on a login node."
MemoryFormat = Literal["contiguous", "channels_last", "fastest"]


@dataclass(frozen=True)
class Engine:
    """How the images of a run are computed; only ``threads``, ``memory_format`` and tiles can change a bit of a value.

    ``workers`` and ``threads`` None: chosen for this machine, see :func:`threads_for` and :func:`workers_for`.
    ``shard`` (k, n): only every n-th image, from the k-th on. ``memory`` in bytes. ``devices``: one worker each.
    """

    workers: int | None = None
    threads: int | None = None
    executor: ExecutorName = "local"
    address: str = ""
    shard: tuple[int, int] | None = None
    tile: int | None = None
    overlap: int | None = None
    memory: int | None = None
    devices: tuple[str, ...] = ()
    memory_format: MemoryFormat = "contiguous"
    """Of activations; "fastest": as a short trial says (:mod:`srbench.evaluation.engine.trial`)."""
    plugins: tuple[str, ...] = ()
    timeout: float = 900.0
    """Seconds for one image, of models that run in a process of their own."""

    @property
    def apart(self) -> Apart:
        """How processes of models are run."""
        return Apart(timeout=self.timeout, plugins=self.plugins, warm=self.memory is None)


def threads_for(engine: Engine, usable: int, images: int) -> int:
    """Threads of one forward pass on the CPU: one where there are at least as many images as cores.

    Images side by side use a machine better than threads within one image. The number depends on the machine and the
    dataset alone, never on the workers: some kernels of torch round otherwise on one thread than on several.

    >>> [threads_for(Engine(), 8, images) for images in (1, 3, 100)]
    [8, 2, 1]
    """
    return engine.threads or max(1, usable // max(1, images))


def workers_for(engine: Engine, usable: int, threads: int) -> int:
    """Processes that compute images side by side; one where memory is short, unless told otherwise.

    >>> workers_for(Engine(), 8, 2)
    4
    """
    return engine.workers or (1 if engine.memory is not None else max(1, usable // threads))


def parse_shard(text: str) -> tuple[int, int]:
    """``"3/16"`` as (3, 16).

    Raises:
        SrbenchError: not of that form, or not within 1/n to n/n.
    """
    part, slash, parts = text.partition("/")
    if slash and part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts):
        return int(part), int(parts)
    raise SrbenchError(f"--shard '{text}' is no part of a run; expected K/N with K from 1 to N, such as 3/16.")


FIRST = 3
"""Images at the start that are the first part's, whichever they are: on them rests what is noted of a pass."""


def part_of(index: int, parts: int) -> int:
    """The part of a run, from 1 on, that an image belongs to: every n-th, so that all take about as long.

    >>> [part_of(index, 3) for index in range(9)]
    [1, 1, 1, 1, 2, 3, 1, 2, 3]
    """
    return 1 if index < FIRST else index % parts + 1


def shown_bytes(count: int) -> str:
    """An amount of memory as people read it.

    >>> shown_bytes(280 << 20), shown_bytes(3 << 29), shown_bytes(1000)
    ('280 MiB', '1.5 GiB', '1 KiB')
    """
    if count >= 1 << 30:
        return f"{count / 2**30:.1f} GiB"
    return f"{-(-count // 2**20)} MiB" if count >= 1 << 20 else f"{-(-count // 2**10)} KiB"


def check_available(engine: Engine) -> None:
    """Refuse what cannot work on this machine whatever there is to compute; imports nothing that computes.

    Raises:
        SrbenchError: no Ray, no Slurm, or less memory than this process has without any model.
    """
    if engine.executor == "ray" and importlib.util.find_spec("ray") is None:
        raise SrbenchError(NO_RAY)
    if engine.executor == "slurm" and shutil.which("sbatch") is None:
        raise SrbenchError(NO_SLURM)
    if engine.shard is not None and engine.executor != "local":
        raise SrbenchError(f"--shard and --executor {engine.executor} both share the images out; give one of them.")
    if engine.memory is not None:
        import psutil

        taken = int(psutil.Process().memory_info().rss)
        if engine.memory < taken:
            raise SrbenchError(
                f"--memory {shown_bytes(engine.memory)} is less than srbench takes before any model is loaded "
                f"({shown_bytes(taken)}); give some hundred MiB more than that, such as 1G."
            )


def parse_bytes(text: str) -> int:
    """``"4G"``, ``"1.5GiB"`` or ``"800M"`` in bytes (powers of 1024).

    Raises:
        SrbenchError: not a size.

    >>> parse_bytes("1.5G") == 3 * 2**29
    True
    """
    number = text.strip().lower().removesuffix("b").removesuffix("i")
    power = {"k": 10, "m": 20, "g": 30, "t": 40}.get(number[-1:], 0)
    try:
        found = int(float(number[:-1] if power else number) * 2**power)
    except (ValueError, OverflowError):
        found = 0
    if found <= 0:
        raise SrbenchError(f"'{text}' is no amount of memory; expected a number with K, M, G or T, such as 4G.")
    return found
