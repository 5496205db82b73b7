"""The record of a training run, kept as JSON beside the weights."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CurvePoint(_Record):
    """One validation: PSNR [dB] under y-matlab of the (EMA) weights after ``step`` steps."""

    step: int
    loss: float = Field(description="Mean training loss since the last point, in [0,1] units.")
    rate: float
    psnr: float


class TrainingRecord(_Record):
    """Everything needed to say what weights are, and to train them again."""

    schema_id: Literal["srbench.training/1"] = Field(default="srbench.training/1", alias="schema")
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    model: str
    scale: int
    recipe: dict[str, Any]
    recipe_sha256: str
    steps: int
    seed: int
    data: str
    data_images: int
    data_sha256: str
    excluded: tuple[str, ...] = Field(description="Training images left out, e.g. as also being test images.")
    overlap_checked: tuple[str, ...] = Field(description="Test sets that the training images were compared with.")
    model_source_sha256: str
    validation: str
    curve: tuple[CurvePoint, ...]
    weights_sha256: str
    weights_dtype: Literal["float16", "float32"]
    seconds: float = Field(description="Wall-clock seconds spent in training, all sessions added up.")
    device: str
    threads: int
    versions: dict[str, str]
