"""Datasets: pinned benchmark sets, an embedded one, any folder on disk, and what plugins add."""

from __future__ import annotations

from srbench.datasets.dataset import Dataset, ImagePair, hash_pairs, pixel_hash
from srbench.datasets.registry import (
    DATASETS,
    DatasetCard,
    available,
    cards,
    dataset_names,
    fetch_dataset,
    get_dataset,
    is_registered,
    open_dataset,
    register_dataset,
)

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetCard",
    "ImagePair",
    "available",
    "cards",
    "dataset_names",
    "fetch_dataset",
    "get_dataset",
    "hash_pairs",
    "is_registered",
    "open_dataset",
    "pixel_hash",
    "register_dataset",
]
