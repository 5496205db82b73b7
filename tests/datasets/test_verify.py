"""``srbench data verify`` and ``srbench fetch``: real Set5, and the variants people have of it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from PIL import Image

from srbench.cli.main import main
from srbench.datasets import open_dataset
from srbench.datasets.verify import verify
from srbench.errors import SrbenchError
from srbench.imaging import imresize, modcrop, write_image

from .conftest import picture

IMDN = "raw.githubusercontent.com/Zheng222/IMDN/8f158e6a5ac9db6e5857d9159fd4a6c4214da574"


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line in this process: (exit code, stdout, stderr)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["srbench", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def write_set5(mirror, tmp_path):
    """Write Set5's HR images, changed by a function, and LR made by another, in the benchmark layout."""

    def build(change=lambda hr: hr, shrink=None):
        folder = tmp_path / "mine"
        for pair in open_dataset("set5-imdn", 4).images:
            hr = change(pair.hr())
            write_image(folder / f"HR/{pair.name}.png", hr)
            if shrink is not None:
                write_image(folder / f"LR_bicubic/X4/{pair.name}x4.png", shrink(modcrop(hr, 4)))
        return folder

    return build


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("place", ["Set5 of IMDN, uncropped", "Set5 of SelfExSR"])
def test_real_set5_is_set5(assets, place, scale):
    folder = {
        "Set5 of IMDN, uncropped": assets / IMDN / "Test_Datasets/Set5",
        "Set5 of SelfExSR": next((assets / "raw.githubusercontent.com/jbhuang0604/SelfExSR").iterdir()) / "data/Set5",
    }[place]
    result = verify(folder, "set5", scale)
    assert result.matches, result.summary
    assert {image.reference for image in result.images} == {"baby", "bird", "butterfly", "head", "woman"}
    assert {image.lr for image in result.images} == {"imresize" if "IMDN" in place else "published-files"}


def test_one_other_pixel_is_found(write_set5):
    def change(hr):
        if hr.shape == (280, 280, 3):
            hr[5, 5, 0] ^= 1
        return hr

    result = verify(write_set5(change), "set5")
    assert not result.matches
    assert [(i.file, i.verdict) for i in result.images if i.verdict != "same"] == [("head", "other-pixels")]
    assert result.summary.startswith("4 of 5 HR images have the pixels of Set5 at scale 4")


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        (lambda hr: modcrop(hr, 12), "other-crop", "GTmod12"),
        (lambda hr: modcrop(hr, 3), "other-crop", "multiples of 3"),
        (lambda hr: imresize(hr, 0.5), "half-size", "half size"),
        (lambda hr: hr[:200, :200], "other-size", "200x200, expected"),
        (lambda hr: 255 - hr, "other-pixels", "other pixels"),
    ],
    ids=["gtmod12", "cropped for x3", "half size", "cut", "negative"],
)
def test_known_variants_are_named(write_set5, change, verdict, words):
    result = verify(write_set5(change), "set5")
    assert not result.matches
    assert verdict in {image.verdict for image in result.images}
    assert words in result.summary


@pytest.mark.parametrize("crop", [2, 4, 8])
def test_a_crop_that_changes_nothing_at_this_scale_is_fine(write_set5, crop):
    result = verify(write_set5(lambda hr: modcrop(hr, min(crop, 4))), "set5", 4)
    assert result.matches, result.summary


def pillow_bicubic(hr):
    return np.asarray(Image.fromarray(hr).resize((hr.shape[1] // 4, hr.shape[0] // 4), Image.Resampling.BICUBIC))


def test_lr_files_of_another_library_are_recognised(write_set5):
    result = verify(write_set5(shrink=pillow_bicubic), "set5")
    assert not result.matches
    assert {image.verdict for image in result.images} == {"same"}
    assert "5 LR files are made by Pillow's bicubic" in result.summary


def test_half_size_urban100_is_recognised_by_its_long_side(tmp_path):
    for i in range(3):
        image = imresize(picture(f"house{i}"), (384 - 2 * i, 512))
        write_image(tmp_path / f"Urban100/image_SRF_2/img_{i + 1:03d}_SRF_2_HR.png", image)
    result = verify(tmp_path / "Urban100", "urban100", 2)
    assert not result.matches
    assert "take HR from image_SRF_4 (3 of 3 images" in result.summary
    assert len(result.missing) == 97


def test_verify_on_the_command_line(call, assets, tmp_path):
    code, out, err = call("data", "verify", assets / IMDN / "Test_Datasets/Set5", "--as", "set5", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["matches"] is True
    write_image(tmp_path / "baby.png", picture("baby"))
    code, out, err = call("data", "verify", tmp_path, "--as", "set5")
    assert code == 3
    assert "baby" in out
    assert err.startswith("error: ")
    assert "missing: bird, butterfly, head, woman" in " ".join(err.split())


def test_a_dataset_without_manifest(tmp_path):
    with pytest.raises(
        SrbenchError, match=r"unknown dataset with a manifest 'set6'; did you mean set5.*bsd100.*urban100"
    ):
        verify(tmp_path, "set6")


def test_without_as_the_choices_are_named(call, tmp_path):
    code, _, err = call("data", "verify", tmp_path)
    assert code == 1
    assert "say with --as which dataset" in err
    assert "bsd100, " in err
    assert "urban100" in err


def test_a_file_that_is_not_recognised_is_not_missing_as_well(write_set5):
    folder = write_set5()
    (folder / "HR/head.png").unlink()
    write_image(folder / "HR/portrait.png", picture("portrait"))
    result = verify(folder, "set5")
    assert not result.matches
    assert result.missing == ()
    assert "no file is recognised as head." in result.summary
    assert "missing" not in result.summary
    (folder / "HR/bird.png").unlink()
    result = verify(folder, "set5")
    assert result.missing == ("bird", "head")
    assert "no file is recognised as bird, head (1 more than there are other files)" in result.summary


def test_fetch_says_what_it_fetched_and_what_was_there(call, mirror):
    code, out, _ = call("fetch", "set5", "--scale", "4")
    assert (code, out) == (0, "set5 (dataset): fetched 10 files, 0.9 MB, verified.\n")
    code, out, _ = call("fetch", "set5", "embedded", "--scale", "2,4")
    assert code == 0
    assert out.splitlines() == [
        "set5 (dataset): fetched 10 files, 1.1 MB, verified, 10 were already there.",
        "embedded: nothing to download.",
    ]
    code, out, _ = call("fetch", "set5", "--scale", "4")
    assert (code, out) == (0, "set5 (dataset): already there (10 of 10 files), verified.\n")
    code, out, err = call("fetch", "set5", "--scale", "4", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["results"] == [
        {"name": "set5", "kind": "dataset", "files": 10, "already": 10, "fetched": 0, "bytes": 0, "error": None}
    ]


def test_fetch_goes_on_after_a_failure_and_exits_1(call, mirror):
    code, out, err = call("fetch", "urban100", "set5-imdn", "--scale", "4")
    assert code == 1
    assert out.splitlines()[0] == "urban100 (dataset): failed; 0 of 200 files are here (HR and LR files for x4)."
    assert out.splitlines()[1].startswith("set5-imdn (dataset): fetched 10 files")
    assert err.count("error: ") == 1
    assert "the mirror has no" in err


def test_fetch_takes_weights_by_the_name_of_the_model(call, mirror):
    code, out, _ = call("fetch", "imdn", "--scale", "4")
    assert (code, out) == (0, "imdn (weights): fetched 1 file, 2.9 MB, verified.\n")
    code, _, err = call("fetch", "set55")
    assert code == 1
    assert "unknown dataset or model 'set55'; did you mean set5" in err
    code, _, err = call("fetch", "nope")
    assert code == 1
    assert re.search(r"and \d+ more \(srbench list datasets, srbench list models\)\.$", err.strip())
    assert len(err) < 300
