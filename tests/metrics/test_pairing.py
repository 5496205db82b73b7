"""Files pair by name, whatever order and suffixes they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.imaging import write_image
from srbench.metrics.pairing import FilePair, load_pair, pair_files, plain_name

IMAGE = np.zeros((12, 16, 3), dtype=np.uint8)


def folder(root: Path, *names: str) -> Path:
    for name in names:
        write_image(root / name, IMAGE)
    return root


@pytest.mark.parametrize(
    ("sr", "hr"),
    [
        ("babyx4.png", "baby.bmp"),
        ("baby_x4_SR.png", "baby_HR.png"),
        ("img_001_SRF_4_SR.png", "img_001_SRF_4_HR.png"),
        ("img_001.png", "img_001_SRF_4_HR.png"),
        ("0801x4.png", "0801.png"),
        ("Baby-SR.png", "baby.png"),
        ("x4.png", "x4.png"),
        ("lenax2.png", "lenax2.png"),
    ],
)
def test_suffixes_are_no_part_of_a_name(tmp_path: Path, sr: str, hr: str) -> None:
    pairs = pair_files(folder(tmp_path / "sr", sr), folder(tmp_path / "hr", hr), 4)
    assert [(pair.sr.name, pair.hr.name) for pair in pairs] == [(sr, hr)]


def test_pairs_follow_names_where_sort_orders_differ(tmp_path: Path) -> None:
    sr = folder(tmp_path / "sr", "a10x4.png", "a2x4.png", "b_SR.png")
    hr = folder(tmp_path / "hr", "a2.png", "a10.png", "b.png")
    assert {pair.name: (pair.sr.name, pair.hr.name) for pair in pair_files(sr, hr, 4)} == {
        "a10": ("a10x4.png", "a10.png"),
        "a2": ("a2x4.png", "a2.png"),
        "b": ("b_SR.png", "b.png"),
    }


def test_lr_files_beside_hr_files_are_left_out(tmp_path: Path) -> None:
    hr = folder(tmp_path / "hr", "img_001_SRF_4_HR.png", "img_001_SRF_4_LR.png")
    sr = folder(tmp_path / "sr", "img_001.png")
    assert [pair.hr.name for pair in pair_files(sr, hr, 4)] == ["img_001_SRF_4_HR.png"]


@given(st.text("abcxX_-0123456789SRHL", min_size=1, max_size=12), st.integers(1, 9))
def test_a_plain_name_has_nothing_left_to_strip(stem: str, scale: int) -> None:
    name = plain_name(stem, scale)
    assert name
    assert plain_name(name, scale) == name


def test_files_without_partner_are_named_in_one_sentence(tmp_path: Path) -> None:
    sr = folder(tmp_path / "sr", "a.png", "b.png", "c.png")
    hr = folder(tmp_path / "hr", "a.png", "d.png")
    with pytest.raises(SrbenchError) as error:
        pair_files(sr, hr, 4)
    assert str(error.value) == (
        f"b.png, c.png in '{sr}' have no partner in '{hr}' and d.png in '{hr}' has no partner in '{sr}'; "
        "images pair by name, so rename, add or remove files."
    )


def test_two_files_of_one_name_are_not_guessed_between(tmp_path: Path) -> None:
    sr = folder(tmp_path / "sr", "a_SR.png", "ax4.png")
    with pytest.raises(SrbenchError, match=r"'a_SR.png' and 'ax4.png' .* name the same image"):
        pair_files(sr, folder(tmp_path / "hr", "a.png"), 4)


def test_single_files_pair_whatever_they_are_called(tmp_path: Path) -> None:
    sr, hr = folder(tmp_path, "mine.png", "theirs_HR.png") / "mine.png", tmp_path / "theirs_HR.png"
    assert pair_files(sr, hr, 4) == (FilePair("theirs", sr, hr),)


def test_missing_empty_and_mixed_paths_are_named(tmp_path: Path) -> None:
    images = folder(tmp_path / "hr", "a.png")
    (tmp_path / "empty").mkdir()
    for sr, message in (
        (tmp_path / "none", "does not exist"),
        (tmp_path / "empty", "holds no images"),
        (images / "a.png", "are a file and a folder"),
    ):
        with pytest.raises(SrbenchError, match=message):
            pair_files(sr, images, 4)


def test_hr_is_modcropped_when_that_makes_the_sizes_equal(tmp_path: Path) -> None:
    write_image(tmp_path / "sr.png", IMAGE)
    write_image(tmp_path / "hr.png", np.zeros((15, 18, 3), dtype=np.uint8))
    sr, hr = load_pair(FilePair("a", tmp_path / "sr.png", tmp_path / "hr.png"), 4)
    assert sr.shape == hr.shape == (12, 16, 3)
    with pytest.raises(SrbenchError, match=r"is 12x16 but HR .* is 14x18"):
        load_pair(FilePair("a", tmp_path / "sr.png", tmp_path / "hr.png"), 2)
