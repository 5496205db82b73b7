"""A user's folder is understood in every layout people have on disk; errors name what is missing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from srbench.datasets import open_dataset
from srbench.datasets.layouts import NAMES as LAYOUTS
from srbench.datasets.layouts import detect
from srbench.errors import SrbenchError
from srbench.imaging import modcrop, write_image

from .conftest import NAMES, picture, shrunk

# layout -> (folder to give, HR pattern, LR pattern)
CASES = {
    "benchmark": ("Set5", "Set5/HR/{}.png", "Set5/LR_bicubic/X4/{}x4.png"),
    "benchmark, HR folder given": ("Set5/HR", "Set5/HR/{}.png", "Set5/LR_bicubic/X4/{}x4.png"),
    "benchmark, plain LR names": ("Set5", "Set5/HR/{}.png", "Set5/LR_bicubic/X4/{}.png"),
    "benchmark, RCAN names": ("Set5", "Set5/HR/x4/{}_HR_x4.png", "Set5/LRBI/x4/{}_LRBI_x4.png"),
    "basicsr": ("Set5", "Set5/GTmod12/{}.png", "Set5/LRbicx4/{}.png"),
    "basicsr, HR folder given": ("Set5/GTmod12", "Set5/GTmod12/{}.png", "Set5/LRbicx4/{}.png"),
    "selfexsr": ("Set5", "Set5/image_SRF_4/{}_SRF_4_HR.png", "Set5/image_SRF_4/{}_SRF_4_LR.png"),
    "selfexsr, one scale given": (
        "Set5/image_SRF_4", "Set5/image_SRF_4/{}_SRF_4_HR.png", "Set5/image_SRF_4/{}_SRF_4_LR.png",
    ),
    "imdn": ("Set5", "Set5/{}.bmp", "Set5_LR/x4/{}x4.bmp"),
    "imdn, parent given": (".", "Set5/{}.bmp", "Set5_LR/x4/{}x4.bmp"),
    "div2k": (".", "DIV2K_valid_HR/{}.png", "DIV2K_valid_LR_bicubic/X4/{}x4.png"),
    "div2k, HR folder given": ("DIV2K_valid_HR", "DIV2K_valid_HR/{}.png", "DIV2K_valid_LR_bicubic/X4/{}x4.png"),
    "ntire": ("DIV2K_LSDIR_valid_HR", "DIV2K_LSDIR_valid_HR/{}.png", "DIV2K_LSDIR_valid_LR/{}x4.png"),
    "ntire, parent given": (".", "DIV2K_LSDIR_valid_HR/{}.png", "DIV2K_LSDIR_valid_LR/{}x4.png"),
    "flat": ("photos", "photos/{}.jpg", None),
}  # fmt: skip


def test_every_layout_is_tried_here():
    assert {case.split(",")[0] for case in CASES} == set(LAYOUTS)


@pytest.mark.parametrize("case", CASES)
def test_layout(case, lay_out):
    given, hr, lr = CASES[case]
    folder = lay_out(hr, lr) / given
    found = detect(folder, 4)
    assert found.layout == case.split(",")[0]
    assert tuple(found.hr) == NAMES
    assert tuple(found.lr) == (NAMES if lr else ())


@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][2]])
def test_given_lr_files_are_those_that_imresize_makes(case, lay_out):
    given, hr, lr = CASES[case]
    folder = str(lay_out(hr, lr) / given)
    files = open_dataset(folder, 4, lr="files")
    assert files.sha256() == open_dataset(folder, 4).sha256()
    low, high = files.images[0].load()
    assert np.array_equal(high, modcrop(picture("baby"), 4))
    assert np.array_equal(low, shrunk(picture("baby"), 4))


def test_a_missing_hr_is_named_whatever_lr_is_asked_for(lay_out):
    folder = lay_out("Set5/HR/{}.png", "Set5/LR_bicubic/X4/{}x4.png") / "Set5"
    (folder / "HR/butterfly.png").unlink()
    for lr in ("files", "imresize"):
        with pytest.raises(SrbenchError, match=r"^HR has no partner for LR butterfly: expected it in .*HR"):
            open_dataset(str(folder), 4, lr=lr)


def test_a_missing_lr_matters_only_where_it_is_used(lay_out):
    folder = lay_out("Set5/HR/{}.png", "Set5/LR_bicubic/X4/{}x4.png") / "Set5"
    (folder / "LR_bicubic/X4/birdx4.png").unlink()
    assert len(open_dataset(str(folder), 4)) == 3
    with pytest.raises(SrbenchError, match="LR has no partner for HR bird"):
        open_dataset(str(folder), 4, lr="files")


@pytest.mark.parametrize("case", [case for case in CASES if not re.search("flat|selfexsr|RCAN", case)])
def test_lr_of_another_scale_is_not_taken(case, lay_out):
    given, hr, lr = CASES[case]
    folder = str(lay_out(hr, lr) / given)
    assert detect(folder, 2).lr_folder is None
    with pytest.raises(SrbenchError, match="no LR files for scale 2"):
        open_dataset(folder, 2, lr="files")


def test_an_lr_file_of_the_wrong_size(lay_out):
    folder = lay_out("Set5/HR/{}.png", "Set5/LR_bicubic/X4/{}x4.png") / "Set5"
    write_image(folder / "LR_bicubic/X4/birdx4.png", picture("bird")[:5, :9])
    with pytest.raises(SrbenchError, match="LR of 'bird' has 5x9 pixels, but its HR of 24x36 needs 6x9"):
        open_dataset(str(folder), 4, lr="files").images[1].load()


def test_urban100_trap_half_size_hr_of_image_srf_2_is_passed_over(tmp_path):
    for k, size in ((2, (24, 32)), (4, (48, 64))):
        for kind in ("HR", "LR"):
            image = picture("house", *size) if kind == "HR" else shrunk(picture("house", *size), k)
            write_image(tmp_path / f"Urban100/image_SRF_{k}/img_001_SRF_{k}_{kind}.png", image)
    for scale in (2, 3, 4, 8):
        found = detect(tmp_path / "Urban100", scale)
        assert found.hr_folder.name == "image_SRF_4"
        assert bool(found.lr) == (scale == 4)  # the LR files of image_SRF_2 belong to the half-size HR


def test_several_hr_folders_are_not_guessed_between(lay_out):
    lay_out("DIV2K_train_HR/{}.png")
    with pytest.raises(SrbenchError, match=r"several HR folders \(DIV2K_train_HR, DIV2K_valid_HR\); give one"):
        detect(lay_out("DIV2K_valid_HR/{}.png"), 4)


def test_two_files_of_one_name(lay_out):
    lay_out("photos/{}.png")
    with pytest.raises(SrbenchError, match=r"'baby\.bmp' and 'baby\.png' .* are both named 'baby'"):
        detect(lay_out("photos/{}.bmp") / "photos", 4)


def test_a_folder_without_images_and_no_folder(tmp_path):
    with pytest.raises(SrbenchError, match="no images were found"):
        detect(tmp_path, 4)
    with pytest.raises(SrbenchError, match="is not a folder"):
        detect(tmp_path / "nothing", 4)
    (tmp_path / "HR").mkdir()
    with pytest.raises(SrbenchError, match="holds no HR images"):
        detect(tmp_path, 4)
