"""Training images must not be test images."""

from __future__ import annotations

import numpy as np
import pytest

from srbench.datasets import fetch_dataset, open_dataset
from srbench.errors import SrbenchError
from srbench.imaging import imresize
from srbench.training.overlap import SAME_IMAGE, TEST_SETS, find_overlaps, refuse_overlap
from srbench.training.patches import load_pairs


@pytest.fixture(scope="module")
def photographs() -> dict[str, np.ndarray]:
    return {pair.name: pair.load()[1] for pair in open_dataset("embedded", 4).images}


def test_a_shrunk_or_mirrored_copy_is_found(photographs: dict[str, np.ndarray]) -> None:
    name, image = next(iter(photographs.items()))
    for copy in (imresize(image, 0.5), image[:, ::-1]):
        assert [o.training for o in find_overlaps(photographs, [("copy", copy)])] == [name]


def test_set5_woman_is_bsds500_302003_and_nothing_else_overlaps(mirror: str) -> None:
    training = {p.name: p.load()[1] for p in open_dataset("bsds500-train", 4).images}
    assert len(training) == 200
    found = {
        (o.training, o.test) for name in TEST_SETS[:4] for o in find_overlaps(training, images_of(name), SAME_IMAGE)
    }
    assert found == {("302003", "set5/woman")}


def test_training_on_a_test_image_is_refused(mirror: str) -> None:
    fetch_dataset("set5", 4)
    with pytest.raises(SrbenchError, match=r"'302003' is set5/woman; leave them out with --exclude 302003"):
        refuse_overlap(load_pairs("bsds500-train", 4))
    assert "set5" in refuse_overlap(load_pairs("bsds500-train", 4, exclude=["302003"]))


def images_of(name: str) -> list[tuple[str, np.ndarray]]:
    return [(f"{name}/{p.name}", p.load()[1]) for p in open_dataset(name, 4).images]
