"""What is measured of a network besides plain numbers, as data: results store these as they are. No torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Runtime:
    """Raw samples of one forward pass of batch 1 and their summary, in milliseconds."""

    input_size: tuple[int, int]
    """LR (height, width)."""
    samples_ms: tuple[float, ...]
    median_ms: float
    iqr_ms: float
    min_ms: float
    mean_ms: float
    warmup: int
    """Untimed passes before the first sample."""
    first_ms: float | None
    """The very first pass; None where it was not kept."""
    device: str
    threads: int | None
    precision: str = "fp32"
    memory_format: str = "contiguous"
    backend: str = "eager"
    allocator: str = "shipped"
    """Of the CPU: "warm" where it keeps its memory between passes, "shipped" as the C library has it; "" on CUDA."""
    allocator_how: str = ""
    """How it was made warm, or why it could not be; "" where it was not asked for."""
    faults_per_pass: float | None = None
    """Page faults of one timed pass; None where the system does not tell, and on CUDA."""
    kernel_share: float | None = None
    """Share of the CPU time of the timed passes that was the kernel's; None where next to nothing was used."""
    difference: float = 0.0
    """Largest difference from eager over the largest output; 0 for eager itself."""
    naive_ms: float | None = None
    """Preset ``ntire``: mean from the first pass on, without warm-up, over images."""
    notes: tuple[str, ...] = ()
    """What one should know, such as a slow first pass; no reason to distrust the figure."""
    warnings: tuple[str, ...] = ()
    """What makes the figure unstable, in plain words."""


@dataclass(frozen=True)
class Memory:
    """Peak memory in bytes of one forward pass of batch 1."""

    weights_bytes: int
    activations_bytes: int
    """Live tensor bytes at their peak, input and output included, weights not; the same on every machine."""
    total_bytes: int
    """Weights, live tensors and the scratch of operators at the peak of all three."""
    method: str
    """'tracker', 'tracker-fake', 'allocator', 'cuda-reset' or 'cuda-unreset'."""
    reserved_bytes: int | None = None
    """CUDA only: what the caching allocator held of the device."""
    workspace_bytes: int = 0
    """Trackers only: what the scratch of convolutions on this CPU adds, see :mod:`srbench.cost.workspace`."""
    kept_bytes: int = 0
    """Trackers only: what stays allocated after the pass besides input and output (caches filled by the first call)."""
    peak_at: str = ""
    """Trackers only: the operator that was running at the peak, with its layer where known."""


@dataclass(frozen=True)
class Mixing:
    """Something that makes tiles inexact.

    ``kind``: 'global' (looks at the whole image), 'resize' (resizes by a ratio that depends on the image's size),
    'constant' (a constant as large as the image), or 'unknown' (cannot be followed).
    """

    kind: str
    operator: str
    layer: str
    """Qualified name of the module; "" is the network's own forward."""


@dataclass(frozen=True)
class Reach:
    """What tiles of a network need.

    With ``overlap`` LR pixels on every side a tile gives what the whole image gives, where ``exact``; tiles start at
    multiples of ``align``. Else ``mixing`` says why not, and ``overlap`` covers what could be followed.
    """

    overlap: int
    align: int
    mixing: tuple[Mixing, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether no overlap can be too small but for what could be followed."""
        return not self.mixing
