"""Page faults of this process: how much of a pass's time goes into getting memory instead of computing. No torch.

A page of memory that is touched for the first time is given by the kernel, which clears it: a minor fault. An allocator
that maps large blocks afresh and gives them back (:mod:`srbench.cost.allocator`) pays so for every pass.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Faults:
    """What the kernel did for this process during some passes, over all of its threads."""

    minor: int
    """Page faults that needed no disk."""
    system_s: float
    """CPU seconds in the kernel."""
    cpu_s: float
    """CPU seconds in all."""
    wall_s: float

    @property
    def system_share(self) -> float:
        """Share of the CPU time that the kernel took, 0 to 1; of a network's pass nearly all of it is page faults.

        >>> Faults(minor=1000, system_s=1.0, cpu_s=4.0, wall_s=2.0).system_share
        0.25
        """
        return self.system_s / self.cpu_s if self.cpu_s > 0 else 0.0


class FaultMeter:
    """Counts from its making to :meth:`read`; None where the system does not say (Windows)."""

    def __init__(self) -> None:
        self._start = _usage()
        self._wall = time.perf_counter()

    def read(self) -> Faults | None:
        """What came about since."""
        now, start = _usage(), self._start
        if now is None or start is None:
            return None
        user, system, minor = (after - before for after, before in zip(now, start, strict=True))
        return Faults(int(minor), system, user + system, time.perf_counter() - self._wall)


def _usage() -> tuple[float, float, float] | None:
    """(user seconds, system seconds, minor faults) of this process so far."""
    try:
        import resource
    except ImportError:
        return None
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime, usage.ru_stime, float(usage.ru_minflt)
