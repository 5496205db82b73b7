"""A comparison as JSON: figures, hashes of every image and of the weights, and the command."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from srbench.datasets.dataset import pixel_hash
from srbench.evaluation.compare import Comparison, Shown

SCHEMA = "srbench.compare/1"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The figures of a comparison with their provenance, ready for JSON."""
    source = comparison.source
    return {
        "schema": SCHEMA,
        "image": {
            "name": source.name,
            "hr_sha256": None if source.hr is None else pixel_hash(source.hr),
            "lr_sha256": pixel_hash(source.lr),
            "lr": source.lr_kind,
            "hr_size": None if source.hr is None else list(source.hr.shape[:2]),
            "lr_size": list(source.lr.shape[:2]),
        },
        "scale": comparison.scale,
        "protocol": comparison.protocol.model_dump(mode="json"),
        "crop": {
            "x": comparison.crop.x,
            "y": comparison.crop.y,
            "width": comparison.crop.width,
            "height": comparison.crop.height,
            "chosen": "auto" if comparison.crop_found_between else "given",
            "found_between": list(comparison.crop_found_between),
        },
        "models": [_model_json(one) for one in comparison.shown],
        "left_out": list(comparison.left_out),
        "failures": list(comparison.failed),
        "versions": comparison.versions,
        "command": comparison.command,
        "created": comparison.created,
    }


def _model_json(one: Shown) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "paper": one.paper,
        "year": one.year,
        "weights": one.weights.model_dump(mode="json"),
        "source_sha256": one.source_sha256,
        "whole": None if one.whole is None else one.whole.as_json(),
        "crop": None if one.crop is None else one.crop.as_json(),
        "sr_sha256": pixel_hash(one.sr),
        "substituted": None if one.instead is None else asdict(one.instead),
        "notes": [asdict(note) for note in one.notes],
        "below_bicubic": None if one.below_bicubic is None else asdict(one.below_bicubic),
    }
