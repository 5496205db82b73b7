"""The schema of results: what was measured on images, and what a network costs; one JSON file each.

A :class:`QualityRecord` is model x weights x scale x dataset x protocol x precision x device, a :class:`CostRecord` is
model x scale x input size x machine. Values stand under the names of quantities (:mod:`srbench.quantities`). Nothing
here is published by a paper; see :mod:`srbench.leaderboard` for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from srbench.cost.figures import Memory, Runtime
from srbench.models.notes import Diagnosis, LoadNote
from srbench.results.image_rows import ImageRow, ImageRows, InColumns, stored_number

QUALITY_SCHEMA = "srbench.quality/2"
COST_SCHEMA = "srbench.cost/2"
FIRST_SCHEMA = "srbench.cell/1"
"""Of results that held both; see :mod:`srbench.results.version1`."""

MADE_ELSEWHERE = "images"
"""What stands for the name of weights where SR images were made elsewhere (srbench eval-images)."""

Substitution = LoadNote
"""What was used instead of what was asked for, as data; :mod:`srbench.results.words` makes sentences of it."""


ENSEMBLE_VIEWS = 8
"""Passes of a network that one image takes with the self-ensemble."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class ModelRef(_Record):
    """The model of a result, and the hash of what defines it."""

    name: str
    title: str
    paper: str
    year: int
    source_sha256: str = Field(description="Hash over the source files that define the network.")


class WeightsRef(_Record):
    """The weights of a result: whose they are and which bytes."""

    name: str = Field(description="'imdn.released', 'user:FILE', 'none', or 'not needed' (interpolation).")
    origin: Literal["released", "bundled", "user", "none", "not needed"]
    sha256: str | None = None
    url: str | None = None
    licence: str | None = None
    note: str = ""


NO_WEIGHTS = WeightsRef(name="none", origin="none")
"""What stands in a table for a model of which only the cost is known."""


class DatasetRef(_Record):
    """The images of a result, and the hash of their pixels."""

    name: str
    lr: Literal["imresize", "double", "files"] = Field(
        description="LR made by our imresize from HR, rounded after each pass or (double) once, or read from files."
    )
    images: int
    sha256: str = Field(description="Hash over names and decoded HR and LR pixels, in order.")
    limit: int | None = None


class _Made(_Record):
    """What every result says about how it was made."""

    precision: str = Field(default="fp32", description="Of the network's arithmetic.")
    device: str = Field(default="cpu", description="'cpu' or 'cuda'.")
    backend: str = Field(default="eager", description="'eager', 'compile' or 'onnxruntime'.")
    substitutions: tuple[Substitution, ...] = ()
    machine: str = Field(description="Id of machines/<id>.json beside the results.")
    versions: dict[str, str]
    command: str = Field(description="The command that makes this result, and no other.")
    created: str = Field(description="UTC, ISO 8601.")


class Tiles(_Record):
    """How images too large for the memory were cut."""

    tile: int = Field(description="Edge of a tile's core, LR pixels.")
    overlap: int = Field(description="LR pixels around it.")
    exact: bool = Field(description="Whether the network looks no further than the overlap.")
    largest_difference: int | None = Field(
        default=None,
        description="From the whole image, in grey levels, on a part of an image of the size 'measured_on'.",
    )
    decibels: float | None = Field(
        default=None, description="PSNR [dB, RGB] between tiles and whole image on that part; null: identical."
    )
    tried_tile: int | None = Field(default=None, description="Edge of the tiles that this was measured with.")
    tile_asked: int | None = Field(default=None, description="Edge that was asked for; null: chosen for the memory.")
    overlap_asked: int | None = Field(default=None, description="Overlap that was asked for; null: as far as needed.")
    measured_on: tuple[int, int] | None = Field(default=None, description="LR (height, width) of that part.")


class FormatTrial(_Record):
    """Two memory formats tried on a part of the first image: the least of several times each, in turn."""

    lr_size: tuple[int, int] = Field(description="(height, width) of that part.")
    contiguous_ms: float
    channels_last_ms: float | None = Field(description="null: the network raised.")
    differing: int = Field(description="8-bit values of the two outputs that differ.")
    values: int = Field(description="All of them.")


class Computed(_Record):
    """What of the way an image was computed can change the last bits of its values."""

    threads: int | None = Field(default=None, description="Threads of one forward pass on the CPU.")
    memory_format: str = Field(default="contiguous", description="'contiguous' or 'channels_last'.")
    format_trial: FormatTrial | None = Field(default=None, description="Why this format, where it was left open.")
    allocator: str = Field(default="", description="What the C allocator was told; changes the time only.")
    tiles: Tiles | None = None
    machines: tuple[str, ...] = Field(default=(), description="Where images were computed on more than one.")


class QualityRecord(_Made):
    """One model with one set of weights on one dataset under one protocol."""

    schema_id: Literal["srbench.quality/2"] = Field(default="srbench.quality/2", alias="schema")
    model: ModelRef
    weights: WeightsRef
    scale: int
    dataset: DatasetRef
    protocol: dict[str, Any] = Field(description="The protocol with its id and every parameter.")
    self_ensemble: bool = Field(default=False, description="Mean over the eight flips and turns of the input.")
    images: Annotated[Sequence[ImageRow], InColumns] = Field(description="In the order of the dataset.")
    values: dict[str, float | None] = Field(description="Over all images, as each quantity aggregates; null: infinite.")
    missing: dict[str, str] = Field(default_factory=dict, description="Quantities without a value, and why.")
    notes: tuple[Diagnosis, ...] = Field(default=(), description="What makes the result doubtful.")
    computed: Computed | None = Field(default=None, description="How; null in results of old.")

    @property
    def apart(self) -> str:
        """What stands behind its name, as it is not the plain network: "+" (self-ensemble), " (bf16)", " (compile)"."""
        unusual = [used for used, usual in ((self.precision, "fp32"), (self.backend, "eager")) if used != usual]
        return ("+" if self.self_ensemble else "") + (f" ({', '.join(unusual)})" if unusual else "")

    @property
    def protocol_id(self) -> str:
        """Name and version of the protocol."""
        return str(self.protocol.get("id", "unknown"))

    @property
    def identical_images(self) -> int:
        """How many images equal HR."""
        return ImageRows.of(self.images).identical

    def value(self, name: str) -> float | None:
        """The value of a quantity over all images; None where it was not measured, ``inf`` where it is infinite."""
        return stored_number(self.values, name)


class CostRecord(_Made):
    """What a network costs at one input size; nothing of it depends on weights."""

    schema_id: Literal["srbench.cost/2"] = Field(default="srbench.cost/2", alias="schema")
    model: ModelRef
    scale: int
    input_size: tuple[int, int] = Field(description="LR (height, width) that was measured.")
    padded_from: tuple[int, int] | None = Field(
        default=None, description="The size that was asked for, where the network takes only multiples of some size."
    )
    values: dict[str, float] = Field(description="By quantity, in its unit; memory in bytes.")
    missing: dict[str, str] = Field(default_factory=dict, description="Quantities without a value, and why.")
    buffers: int = Field(default=0, description="Elements of all buffers.")
    uncounted: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="Per convention: calls of operators that it leaves out, by name."
    )
    runtime: Runtime | None = Field(default=None, description="The samples behind the value 'runtime'.")
    memory: Memory | None = Field(default=None, description="What the value 'memory' consists of.")

    @property
    def size_asked(self) -> tuple[int, int]:
        """The input size that this stands for."""
        return self.padded_from or self.input_size

    def value(self, name: str) -> float | None:
        """The value of a quantity; None where it was not measured."""
        return self.values.get(name)


Record = QualityRecord | CostRecord
