"""The schema of a result: one cell (model x weights x scale x dataset x protocol) per JSON file.

Nothing here is published by a paper; see :mod:`srbench.leaderboard` for that.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "srbench.cell/1"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ImageRow(_Record):
    """Quality of one image. ``psnr`` is None (JSON null) exactly when ``identical`` (PSNR is infinite)."""

    image: str
    psnr: float | None
    ssim: float
    identical: bool = False
    lr_size: tuple[int, int] = Field(description="(height, width) of the LR image.")


class Quality(_Record):
    """Means over images; ``psnr`` is None when any image is identical (the mean is infinite)."""

    psnr: float | None
    ssim: float
    identical_images: int = 0


class ModelRef(_Record):
    """The model of a cell, and the hash of what defines it."""

    name: str
    title: str
    paper: str
    year: int
    source_sha256: str = Field(description="Hash over the source files that define the network.")


class WeightsRef(_Record):
    """The weights of a cell: whose they are and which bytes."""

    name: str = Field(description="'imdn.released', 'user:FILE', 'none', or 'not needed' (interpolation).")
    origin: Literal["released", "bundled", "user", "none", "not needed"]
    sha256: str | None = None
    url: str | None = None
    licence: str | None = None
    note: str = ""


class DatasetRef(_Record):
    """The images of a cell, and the hash of their pixels."""

    name: str
    lr: Literal["imresize", "double", "files"] = Field(
        description="LR made by our imresize from HR, rounded after each pass or (double) once, or read from files."
    )
    images: int
    sha256: str = Field(description="Hash over names and decoded HR and LR pixels, in order.")
    limit: int | None = None


class Counts(_Record):
    """Counted cost at one input size under one convention. ``macs`` are multiply-accumulates."""

    convention: str
    input_size: tuple[int, int] = Field(description="LR (height, width).")
    macs: int
    activations: int
    num_conv: int
    uncounted: dict[str, int] = Field(default_factory=dict)


class Runtime(_Record):
    """Raw samples and their summary, all in milliseconds, for one forward pass of batch 1."""

    input_size: tuple[int, int]
    samples_ms: tuple[float, ...]
    median_ms: float
    iqr_ms: float
    min_ms: float
    mean_ms: float
    warmup: int
    device: str
    threads: int | None
    precision: str = "fp32"
    memory_format: str = "contiguous"
    backend: str = "eager"
    warnings: tuple[str, ...] = ()


class Memory(_Record):
    """Peak memory in bytes of one forward pass of batch 1."""

    input_size: tuple[int, int]
    weights_bytes: int
    activations_bytes: int = Field(description="Live activation bytes at the peak, input included.")
    total_bytes: int
    method: str = Field(description="'tracker', 'tracker-fake', 'cuda-reset', 'cuda-unreset', ...")
    reserved_bytes: int | None = None


class Cost(_Record):
    """What a network costs: parameters and, where they were taken, counts, runtime and peak memory."""

    params: int
    buffers: int = 0
    counts: tuple[Counts, ...] = ()
    runtime: Runtime | None = None
    memory: Memory | None = None


class CellRecord(_Record):
    """Everything known about one measured cell."""

    schema_id: Literal["srbench.cell/1"] = Field(default="srbench.cell/1", alias="schema")
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    model: ModelRef
    weights: WeightsRef
    scale: int
    dataset: DatasetRef
    protocol: dict[str, Any] = Field(description="The protocol with its id and every parameter.")
    images: tuple[ImageRow, ...] = ()
    quality: Quality | None = None
    quality_missing: str | None = Field(default=None, description="Why there is no quality, e.g. 'no weights'.")
    cost: Cost | None = None
    machine: str = Field(description="Id of machines/<id>.json beside the results.")
    versions: dict[str, str]
    substitutions: tuple[str, ...] = Field(
        default=(), description="What was used instead of what was asked for, in words."
    )
    command: str
    created: str = Field(description="UTC, ISO 8601.")
