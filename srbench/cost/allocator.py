"""The C allocator of this process, told to keep the memory it has, as a GPU's caching allocator does. No torch.

As shipped, glibc maps every block above 32 MB afresh and gives it back when freed, so that each pass of a network
pays for the faults of all its pages. Which networks pay most depends on the sizes of their activations, not on
what they compute. With ``M_MMAP_MAX = 0`` and a high ``M_TRIM_THRESHOLD`` (mallopt(3)) blocks come from the heap
and stay there, so that only the first pass faults.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from dataclasses import dataclass
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Names of parameters in glibc's malloc.h."""
KEEP_ALL = 2**31 - 1
"""Bytes free at the top of the heap from which on they are given back."""
TRIAL_BYTES = 64 << 20
"""More than glibc ever takes from the heap as shipped (its threshold moves up to 32 MB)."""


@dataclass(frozen=True)
class AllocatorTuning:
    """Whether the allocator of this process keeps its memory, and by what; or why not."""

    applied: bool
    how: str
    """``mallopt M_MMAP_MAX=0 M_TRIM_THRESHOLD=2147483647``, or the reason why it could not be done."""


class _Mallinfo2(ctypes.Structure):
    """``struct mallinfo2`` of malloc.h; ``hblks`` and ``hblkhd`` are blocks mapped on their own."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@functools.cache
def tune() -> AllocatorTuning:
    """Make the allocator of this process keep freed memory, for as long as the process lives; once is enough.

    Never fails: where the allocator is not glibc's, or does not do as told, the result says so.
    """
    if not sys.platform.startswith("linux"):
        return AllocatorTuning(False, f"glibc's allocator only; this is {sys.platform}")
    libc: Any = ctypes.CDLL(None)
    try:
        version = libc.gnu_get_libc_version
        mallopt = libc.mallopt
    except AttributeError:
        return AllocatorTuning(False, "the C library is not glibc")
    version.restype = ctypes.c_char_p
    if not (mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, KEEP_ALL)):
        return AllocatorTuning(False, f"mallopt of glibc {version().decode()} refused")
    if not _comes_from_the_heap(libc):
        return AllocatorTuning(False, "malloc is not glibc's (LD_PRELOAD?), or still maps large blocks")
    return AllocatorTuning(True, f"mallopt M_MMAP_MAX=0 M_TRIM_THRESHOLD={KEEP_ALL}")


def _comes_from_the_heap(libc: Any) -> bool:
    """Whether a large block is now taken from glibc's heap; taken as done where glibc (< 2.33) cannot tell."""
    try:
        info = libc.mallinfo2
    except AttributeError:
        return True
    info.restype = _Mallinfo2
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.restype, libc.free.argtypes = None, [ctypes.c_void_p]
    before = info()
    block = libc.malloc(TRIAL_BYTES)
    after = info()
    libc.free(block)
    return bool(block) and after.hblks == before.hblks and after.uordblks - before.uordblks >= TRIAL_BYTES
