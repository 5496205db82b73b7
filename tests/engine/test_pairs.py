"""Cached pairs equal loaded ones; HR is decoded once and LR made once."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from srbench.datasets.dataset import Dataset, FileReader, ImagePair, file_reader, hash_pairs
from srbench.evaluation.engine import pairs
from srbench.evaluation.engine.fit import largest_lr
from srbench.evaluation.engine.pairs import PairCache
from srbench.imaging import imresize, write_image


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    write_image(path, np.random.default_rng(0).integers(0, 256, (50, 61, 3), dtype=np.uint8))
    return path


@pytest.mark.parametrize("keep", [False, True])
def test_as_loaded_without_a_cache(file: Path, tmp_path: Path, keep: bool) -> None:
    cache = PairCache(tmp_path if keep else None)
    for scale in (2, 3, 4):
        for round_once in (False, True):
            pair = ImagePair("a", scale, file_reader(file), round_once=round_once)
            expected = pair.load()
            for _ in range(2):
                loaded = cache.load(pair)
                assert np.array_equal(loaded.lr, expected[0])
                assert np.array_equal(loaded.hr, expected[1])
                assert hash_pairs([("a", loaded.lr, loaded.hr)]) == hash_pairs([("a", *expected)])
                loaded.lr[:] = 0  # the caller's own
                loaded.hr[:] = 0


def test_decoded_once_and_resized_once(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("srbench.datasets.dataset.imresize", lambda *a, **k: made.append(1) or imresize(*a, **k))
    cache = PairCache(tmp_path)
    for multiple in (None, 4, None):
        cache.load(ImagePair("a", 4, file_reader(file), multiple=multiple))
    assert len(made) == 1
    assert cache.hits == 4


def test_a_changed_file_is_read_again(file: Path, tmp_path: Path) -> None:
    cache = PairCache(tmp_path)
    before = cache.load(ImagePair("a", 2, file_reader(file)))
    write_image(file, 255 - before.hr[:40])
    assert cache.load(ImagePair("a", 2, file_reader(file))).hr.shape[0] == 40


def test_given_lr_is_checked_and_not_mistaken(file: Path, tmp_path: Path) -> None:
    lr = tmp_path / "lr.png"
    write_image(lr, np.zeros((12, 15, 3), np.uint8))
    loaded = PairCache(tmp_path).load(ImagePair("a", 4, file_reader(file), file_reader(lr)))
    assert not loaded.lr.any()
    with pytest.raises(Exception, match="needs 25x30"):
        PairCache(tmp_path).load(ImagePair("a", 2, file_reader(file), file_reader(lr)))


def test_the_limit_holds(tmp_path: Path) -> None:
    cache = PairCache(tmp_path, 20_000)
    for number in range(8):
        path = tmp_path / f"{number}.png"
        write_image(path, np.full((40, 40, 3), number, np.uint8))
        cache.load(ImagePair(str(number), 4, file_reader(path)))
        assert cache.bytes <= 20_000
    assert cache.bytes > 10_000


def test_status_of_what_is_no_file() -> None:
    assert pairs.file_status(lambda: np.zeros((1, 1, 3), np.uint8)) is None


def test_what_another_process_keeps_is_used(file: Path, tmp_path: Path) -> None:
    pair = ImagePair("a", 2, file_reader(file))
    first = PairCache(tmp_path).load(pair)
    file.write_bytes(file.read_bytes())  # another time of change
    os.utime(file, ns=(0, 0))
    PairCache(tmp_path).load(pair)
    file_time_zero = PairCache(tmp_path)
    assert np.array_equal(file_time_zero.load(pair).hr, first.hr)
    assert file_time_zero.hits == 2


def test_damaged_files_of_the_cache_are_not_taken(file: Path, tmp_path: Path) -> None:
    pair = ImagePair("a", 2, file_reader(file))
    kept = tmp_path / "kept"
    kept.mkdir()
    first = PairCache(kept).load(pair)
    for path in kept.iterdir():
        path.write_bytes(path.read_bytes()[:-5])
    again = PairCache(kept)
    assert np.array_equal(again.load(pair).lr, first.lr)
    assert again.hits == 0


def test_what_is_cropped_as_it_is_read_is_another_image(file: Path, tmp_path: Path) -> None:
    whole, cropped = (ImagePair("a", 2, FileReader(file, crop)) for crop in (1, 12))
    assert cropped.load()[1].shape == (48, 60, 3)
    cache = PairCache(tmp_path)
    assert [cache.load(pair).hr.shape for pair in (whole, cropped)] == [(50, 60, 3), (48, 60, 3)]


def test_the_largest_lr_is_known_without_decoding(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = [ImagePair("a", 2, FileReader(file)), ImagePair("b", 2, FileReader(file, 12))]
    expected = [pair.load()[0].shape[:2] for pair in images]
    monkeypatch.setattr(FileReader, "__call__", None)
    assert [largest_lr(Dataset("x", 2, "imresize", (pair,))) for pair in images] == expected
