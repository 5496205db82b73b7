"""Results of the first schema, which are read for ever: one cell with its quality and its costs per file.

A cell of it hung the costs of a network on a dataset. It gives a quality record, if it has quality, and one cost record
per input size.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from srbench.cost.figures import Memory, Runtime
from srbench.quantities import counted_as
from srbench.results.command import own_command
from srbench.results.image_rows import ImageRow
from srbench.results.record import (
    FIRST_SCHEMA,
    CostRecord,
    DatasetRef,
    ModelRef,
    QualityRecord,
    Substitution,
    WeightsRef,
)

SCHEMA = FIRST_SCHEMA

_LR_256 = (256, 256)


class _Old(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Image(_Old):
    image: str
    psnr: float | None
    ssim: float
    identical: bool = False
    lr_size: tuple[int, int]


class _Quality(_Old):
    psnr: float | None
    ssim: float
    identical_images: int = 0


class _Counts(_Old):
    convention: str
    input_size: tuple[int, int]
    macs: int
    activations: int
    num_conv: int
    uncounted: dict[str, int] = Field(default_factory=dict)


class _Runtime(_Old):
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


class _Memory(_Old):
    input_size: tuple[int, int]
    weights_bytes: int
    activations_bytes: int
    total_bytes: int
    method: str
    reserved_bytes: int | None = None


class _Cost(_Old):
    params: int
    buffers: int = 0
    counts: tuple[_Counts, ...] = ()
    runtime: _Runtime | None = None
    memory: _Memory | None = None


class Cell(_Old):
    """A file of the first schema."""

    schema_id: Literal["srbench.cell/1"] = Field(alias="schema")
    model: ModelRef
    weights: WeightsRef
    scale: int
    dataset: DatasetRef
    protocol: dict[str, Any]
    images: tuple[_Image, ...] = ()
    quality: _Quality | None = None
    quality_missing: str | None = None
    cost: _Cost | None = None
    machine: str
    versions: dict[str, str]
    substitutions: tuple[str, ...] = ()
    command: str
    created: str

    @model_validator(mode="after")
    def _quality_of_images(self) -> Cell:
        if self.images and self.quality is None:
            raise ValueError("it has images, but no quality")
        return self


def read(data: dict[str, Any], stem: str) -> tuple[QualityRecord | CostRecord, ...]:
    """The records of one file: its quality first, then its costs by input size.

    ``stem`` is the name of the file without suffix; a result without runtime says only there that it is CUDA's.

    Raises:
        pydantic.ValidationError: it does not follow the first schema.
    """
    cell = Cell.model_validate(data)
    device = _device(cell, stem)
    quality = () if cell.quality is None else (_quality_record(cell, cell.quality, device),)
    return (*quality, *(_cost_records(cell, cell.cost, device) if cell.cost is not None else ()))


def _device(cell: Cell, stem: str) -> str:
    runtime = cell.cost.runtime if cell.cost else None
    if runtime is not None:
        return runtime.device.split(":")[0].split(" ")[0]
    return "cuda" if re.search(r"_cuda(-\d+)?(\.\d+)?$", stem) else "cpu"


def _quality_record(cell: Cell, quality: _Quality, device: str) -> QualityRecord:
    return QualityRecord(
        model=cell.model,
        weights=cell.weights,
        scale=cell.scale,
        dataset=cell.dataset,
        protocol=cell.protocol,
        device=device,
        images=tuple(
            ImageRow(
                image=row.image,
                lr_size=row.lr_size,
                values={"psnr": row.psnr, "ssim": row.ssim},
                identical=row.identical,
            )
            for row in cell.images
        ),
        values={"psnr": quality.psnr, "ssim": quality.ssim},
        substitutions=tuple(s for text in cell.substitutions if (s := _substitution(text)) is not None),
        machine=cell.machine,
        versions=cell.versions,
        command=own_command(cell.command, cell.model.name, cell.scale, cell.dataset.name, cell.protocol.get("id")),
        created=cell.created,
    )


def _cost_records(cell: Cell, cost: _Cost, device: str) -> list[CostRecord]:
    missing = _missing(cell.substitutions)
    sizes = list(dict.fromkeys(count.input_size for count in cost.counts))
    asked = dict(zip(sizes, (_LR_256, _hr720(cell.scale)), strict=False))
    if not sizes:  # an interpolation, or a network that could not be counted
        sizes = [_LR_256] if not missing else [_LR_256, _hr720(cell.scale)]
    sizes += [part.input_size for part in (cost.runtime, cost.memory) if part and part.input_size not in sizes]
    found = []
    for size in sizes:
        counts = [count for count in cost.counts if count.input_size == size]
        values: dict[str, float] = {"params": cost.params}
        for count in counts:
            values[counted_as("macs", count.convention)] = count.macs
            values[counted_as("activations", count.convention)] = count.activations
            values[counted_as("convs", count.convention)] = count.num_conv
        runtime = _runtime(cost.runtime) if cost.runtime and cost.runtime.input_size == size else None
        memory = _memory(cost.memory) if cost.memory and cost.memory.input_size == size else None
        if memory is not None:
            values["memory"] = memory.total_bytes
        if runtime is not None:
            values["runtime"] = runtime.median_ms
        wanted = asked.get(size, size)
        found.append(
            CostRecord(
                model=cell.model,
                scale=cell.scale,
                input_size=size,
                padded_from=None if wanted == size else wanted,
                device=device,
                values=values,
                missing=missing,
                buffers=cost.buffers,
                uncounted={count.convention: count.uncounted for count in counts if count.uncounted},
                runtime=runtime,
                memory=memory,
                substitutions=_of_costs(cell),
                machine=cell.machine,
                versions=cell.versions,
                command=own_command(cell.command, cell.model.name, cell.scale),
                created=cell.created,
            )
        )
    return found


def _hr720(scale: int) -> tuple[int, int]:
    return round(720 / scale), round(1280 / scale)


def _runtime(old: _Runtime) -> Runtime:
    return Runtime(first_ms=None, **old.model_dump())


def _memory(old: _Memory) -> Memory:
    return Memory(**old.model_dump(exclude={"input_size"}))


def _of_costs(cell: Cell) -> tuple[Substitution, ...]:
    """What a cell without weights says about that; everything else concerned its quality."""
    if cell.quality is not None:
        return ()
    return tuple(s for text in cell.substitutions if (s := _substitution(text)) is not None and s.kind != "dataset")


_SENTENCES: tuple[tuple[str, Literal["weights", "dataset"], str, str], ...] = (
    (r"\S+ x\d+ uses srbench's own bundled weights, not its authors', because (?P<why>.*)\.", "weights", "released",
     "bundled"),
    (r"\S+ x\d+ has no weights \((?P<why>.*); none are bundled\), so only its cost is measured\.", "weights",
     "released or bundled", "none"),
    (r"the embedded images \(scikit-image\) instead of Set5, whose files cannot be had: (?P<why>.*)\.", "dataset",
     "Set5", "the embedded images (scikit-image)"),
)  # fmt: skip
_MISSING = {"no MACs: ": "macs", "no peak memory: ": "memory"}


def _substitution(text: str) -> Substitution | None:
    """The sentence as data; one that is not known is kept as it is, and those of :func:`_missing` are left out."""
    if text.startswith(tuple(_MISSING)):
        return None
    for pattern, kind, wanted, used in _SENTENCES:
        match = re.fullmatch(pattern, text)
        if match:
            return Substitution(kind, wanted, used, match["why"])
    return Substitution("said", "", why=text)


def _missing(sentences: tuple[str, ...]) -> dict[str, str]:
    """Costs that were not measured, and why."""
    return {
        quantity: text.removeprefix(start)
        for text in sentences
        for start, quantity in _MISSING.items()
        if text.startswith(start)
    }
