"""Training images must not be test images."""

from __future__ import annotations

import numpy as np
import pytest

from srbench.datasets import open_dataset
from srbench.imaging import imresize
from srbench.training.overlap import find_overlaps


@pytest.fixture(scope="module")
def photographs() -> dict[str, np.ndarray]:
    return {pair.name: pair.load()[1] for pair in open_dataset("embedded", 4).images}


def test_a_shrunk_or_mirrored_copy_is_found(photographs: dict[str, np.ndarray]) -> None:
    name, image = next(iter(photographs.items()))
    for copy in (imresize(image, 0.5), image[:, ::-1]):
        assert [o.training for o in find_overlaps(photographs, [("copy", copy)])] == [name]


def test_no_training_image_is_a_test_image(mirror: str) -> None:
    training = {p.name: p.load()[1] for p in open_dataset("bsds500-train", 4).images}
    assert len(training) == 200
    for name in ("embedded", "set5", "set14", "bsd100"):
        tests = [(f"{name}/{p.name}", p.load()[1]) for p in open_dataset(name, 4).images]
        assert find_overlaps(training, tests, limit=8) == []
