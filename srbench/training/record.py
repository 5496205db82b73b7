"""The record of a training run, kept as JSON beside the weights."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CurvePoint(_Record):
    """One validation: mean values of the (EMA) weights after ``step`` steps, under y-matlab."""

    step: int
    loss: float = Field(description="Mean training loss since the last point, in [0,1] units.")
    rate: float
    values: dict[str, float] = Field(description="By name of quantity.")

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, data: Any) -> Any:
        """The first schema had the one quantity as a field of its own."""
        if not isinstance(data, dict) or "values" in data:
            return data
        kept = {key: value for key, value in data.items() if key in cls.model_fields}
        return {**kept, "values": {key: value for key, value in data.items() if key not in kept}}


class TrainingRecord(_Record):
    """Everything needed to say what weights are, and to train them again."""

    schema_id: Literal["srbench.training/1", "srbench.training/2"] = Field(default="srbench.training/2", alias="schema")
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
