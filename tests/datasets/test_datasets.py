"""Datasets by name: the built-in ones, the embedded one, and those that are registered."""

from __future__ import annotations

import csv
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srbench.datasets import (
    Dataset,
    DatasetCard,
    ImagePair,
    available,
    cards,
    dataset_names,
    get_dataset,
    open_dataset,
    register_dataset,
    registry,
)
from srbench.datasets.builtin import COLLECTIONS
from srbench.datasets.dataset import FileReader, FolderImages
from srbench.download import Unreachable, file_for
from srbench.errors import SrbenchError
from srbench.imaging import imresize

from .conftest import picture

SET5 = ["baby", "bird", "butterfly", "head", "woman"]


@pytest.fixture
def own_registry():
    with registry.DATASETS.scoped():
        yield


# --- downloaded ones -------------------------------------------------------------------------------------------------


def test_set5_is_fetched_on_use_and_then_cached(mirror):
    assert available("set5", 4) == "fetchable"
    dataset = open_dataset("set5", 4)
    assert [pair.name for pair in dataset.images] == SET5
    assert available("set5", 4) == "cached"
    assert available("set5", 3) == "fetchable"
    lr, hr = dataset.images[0].load()
    assert (lr.shape, hr.shape, hr.dtype) == ((128, 128, 3), (512, 512, 3), np.uint8)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_set5_has_the_pixels_of_the_imdn_repository_and_its_matlab_lr_files(mirror, scale):
    ours = open_dataset("set5", scale).sha256()
    assert open_dataset("set5-imdn", scale, lr="files").sha256() == ours
    assert open_dataset("set5-imdn", scale).sha256() == ours
    assert open_dataset("set5", scale, lr="files").sha256() != ours  # SelfExSR's LR come from another imresize


def test_a_scale_without_own_files_is_cropped_from_a_divisor(mirror):
    assert open_dataset("set5", 8).sha256() == open_dataset("set5-imdn", 8).sha256()
    with pytest.raises(SrbenchError, match="no HR images for scale 5; it has x2, x3, x4"):
        open_dataset("set5", 5)


def test_grey_images_of_set14_are_three_equal_channels(mirror):
    bridge = next(p for p in open_dataset("set14", 4).images if p.name == "bridge").load()[1]
    assert bridge.shape == (512, 512, 3)
    assert (bridge == bridge[:, :, :1]).all()


def test_limit_takes_the_first_images(mirror):
    dataset = open_dataset("set14", 4, limit=2)
    assert [p.name for p in dataset.images] == ["baboon", "barbara"]
    assert dataset.limit == 2


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_urban100_takes_hr_from_image_srf_4_at_every_scale(scale):
    files = get_dataset("urban100").files(scale, "imresize")
    assert len(files) == 100
    assert all("/image_SRF_4/" in file.url and file.url.endswith("_HR.png") for file in files)


def test_urban100_lr_files_fit_scale_4_only():
    assert len(get_dataset("urban100").files(4, "files")) == 200
    with pytest.raises(SrbenchError, match=r"no LR files for scale 2 \(given: x4\); use --lr imresize"):
        get_dataset("urban100").files(2, "files")


def test_a_file_the_mirror_lacks_is_one_sentence(mirror):
    assert available("urban100", 4) == "unavailable"
    with pytest.raises(Unreachable, match="the mirror has no https://"):
        open_dataset("urban100", 4)


def test_without_network_a_dataset_is_unavailable(monkeypatch):
    monkeypatch.delenv("SRBENCH_MIRROR", raising=False)
    monkeypatch.setenv("SRBENCH_OFFLINE", "1")
    assert available("set5", 4) == "unavailable"
    with pytest.raises(Unreachable, match="SRBENCH_OFFLINE=1"):
        open_dataset("set5", 4)
    with pytest.raises(SrbenchError, match="run: srbench fetch set5 --scale 4"):
        open_dataset("set5", 4, fetch=False)


def test_a_damaged_cached_image_is_fetched_again(mirror):
    before = open_dataset("set5", 4).sha256()
    damaged = file_for(get_dataset("set5").files(4, "imresize")[0].url)
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert available("set5", 4) == "fetchable"
    assert open_dataset("set5", 4).sha256() == before


def test_manifests_pin_what_the_mirror_lists(assets):
    with (assets / "MANIFEST.csv").open(newline="") as handle:
        listed = {row["url"]: (row["sha256"], int(row["bytes"])) for row in csv.DictReader(handle)}
    pinned = [entry.file for collection in COLLECTIONS for entry in collection.entries()]
    assert len(pinned) == 30 + 84 + 600 + 200 + 20 + 200
    assert all(listed[file.url] == (file.sha256, file.bytes) for file in pinned)


# --- the embedded one ------------------------------------------------------------------------------------------------


def test_the_embedded_set_needs_no_download_and_no_skimage_import():
    code = (
        "import sys; from srbench.datasets import open_dataset; d = open_dataset('embedded', 4); d.sha256(); "
        "print([p.name for p in d.images], [m for m in ('skimage', 'torch', 'requests') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['astronaut', 'chelsea', 'coffee', 'rocket'] []"


def test_the_embedded_set_has_the_same_hr_at_every_scale():
    sizes = {scale: [p.load()[1].shape for p in open_dataset("embedded", scale).images] for scale in (2, 3, 4)}
    assert sizes[2] == sizes[3] == sizes[4] == [(504, 504, 3), (300, 444, 3), (396, 600, 3), (420, 636, 3)]
    assert available("embedded", 4) == "cached"


def test_whose_images_they_are_is_said():
    info = get_dataset("embedded").info
    assert all(word in info for word in ("NASA", "Rachel Michetti", "Pikolo", "Stefan van der Walt", "SpaceX", "CC0"))
    assert all(card.licence and card.attribution for card in cards())


# --- registered ones and folders -------------------------------------------------------------------------------------


def test_a_registered_folder_has_a_name(own_registry, lay_out):
    register_dataset("photos", lay_out("photos/{}.png") / "photos", licence="CC0")
    assert "photos" in dataset_names()
    assert open_dataset("photos", 4).sha256() == open_dataset(get_dataset("photos").pairs.folder, 4).sha256()


def test_a_registered_card_may_make_its_images(own_registry):
    def pairs(scale, _lr):
        return [ImagePair("noise", scale, hr=lambda: picture("noise"))]

    register_dataset(DatasetCard("noise", "Noise", pairs))
    assert open_dataset("noise", 3).images[0].load()[1].shape == (24, 36, 3)


def test_a_plugin_file_registers_a_dataset(own_registry, lay_out):
    from srbench.plugins import import_file

    folder = lay_out("photos/{}.png")
    (folder / "plugin.py").write_text(
        "from pathlib import Path\nfrom srbench.datasets import register_dataset\n"
        "register_dataset('mine', Path(__file__).parent / 'photos')\n"
    )
    import_file(folder / "plugin.py")
    assert len(open_dataset("mine", 2)) == 3


def test_names_are_taken_once_and_near_misses_are_suggested(own_registry, tmp_path):
    with pytest.raises(SrbenchError, match="dataset name 'set5' is taken"):
        register_dataset("set5", tmp_path)
    with pytest.raises(SrbenchError, match="not a dataset name"):
        register_dataset("My Photos", tmp_path)
    with pytest.raises(SrbenchError, match=r"unknown dataset 'ubran100'; did you mean urban100"):
        open_dataset("ubran100", 4)


def test_the_same_folder_twice_is_harmless(own_registry, tmp_path):
    assert register_dataset("photos", tmp_path) == register_dataset("photos", tmp_path)
    with pytest.raises(SrbenchError, match="dataset name 'photos' is taken"):
        register_dataset("photos", tmp_path / "others")


def test_names_are_taken_in_any_case(own_registry, lay_out):
    register_dataset("photos", lay_out("photos/{}.png") / "photos")
    assert open_dataset("Photos@MOD12", 4).name == "photos@mod12"
    assert available("PHOTOS", 4) == "cached"


def test_a_name_wins_over_a_folder_of_that_name(mirror, lay_out, monkeypatch):
    monkeypatch.chdir(lay_out("set5/{}.png"))
    assert open_dataset("set5", 4).name == "set5"
    assert open_dataset("./set5", 4).name == open_dataset(Path("set5"), 4).name == "folder:set5"


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"limit": 0}, {"lr": "bicubic"}])
def test_senseless_arguments(wrong):
    with pytest.raises(SrbenchError, match="cannot open 'embedded'"):
        open_dataset("embedded", **{"scale": 4, **wrong})


def test_pairs_of_a_folder_are_made_when_they_are_asked_for(lay_out):
    folder = lay_out("S/HR/{}.png", "S/LR_bicubic/X4/{}x4.png") / "S"
    images = open_dataset(folder, 4, lr="files").images
    assert isinstance(images, FolderImages)
    hr, lr = folder / "HR", folder / "LR_bicubic" / "X4"
    pairs = [ImagePair(n, 4, FileReader(hr / f"{n}.png"), FileReader(lr / f"{n}x4.png")) for n in images.names]
    assert list(images) == pairs
    assert list(images[1:]) == pairs[1:]
    assert images[-1] == pairs[-1]
    assert list(pickle.loads(pickle.dumps(images))) == pairs
    (cropped,) = open_dataset(f"{folder}@mod12", 4, lr="double", limit=1).images
    assert (cropped.multiple, cropped.round_once, cropped.lr) == (12, True, None)


# --- the hash --------------------------------------------------------------------------------------------------------


def test_the_hash_sees_pixels_names_and_order_but_not_file_formats(lay_out, tmp_path):
    as_png = open_dataset(lay_out("a/{}.png") / "a", 4)
    as_bmp = open_dataset(lay_out("b/{}.bmp") / "b", 4)
    assert as_png.sha256() == as_bmp.sha256()
    renamed = shutil.copytree(tmp_path / "a", tmp_path / "c")
    (renamed / "baby.png").rename(renamed / "babe.png")
    backwards = Dataset("a", 4, "imresize", as_png.images[::-1])
    hashes = {
        as_png.sha256(),
        open_dataset(renamed, 4).sha256(),
        backwards.sha256(),
        open_dataset(tmp_path / "a", 2).sha256(),
    }
    assert len(hashes) == 4


@settings(max_examples=25, deadline=None)
@given(height=st.integers(8, 40), width=st.integers(8, 40), scale=st.integers(1, 5), seed=st.integers(0, 99))
def test_lr_times_scale_is_hr_for_any_size(height, width, scale, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    lr, hr = ImagePair("x", scale, hr=lambda: image).load()
    assert (lr.shape[0] * scale, lr.shape[1] * scale) == hr.shape[:2]
    assert height - hr.shape[0] < scale
    assert width - hr.shape[1] < scale
    assert np.array_equal(hr, image[: hr.shape[0], : hr.shape[1]])
    assert np.array_equal(lr, imresize(hr, 1 / scale))


# --- kinds of LR and crops of HR --------------------------------------------------------------------------------------


def test_lr_rounded_once_is_declared_and_never_mixed_with_the_other(lay_out):
    folder = lay_out("a/{}.png") / "a"
    usual, once = open_dataset(folder, 2), open_dataset(folder, 2, lr="double")
    assert (usual.lr, once.lr) == ("imresize", "double")
    assert usual.sha256() != once.sha256()
    lr, hr = once.images[0].load()
    exact = np.clip(np.floor(imresize(hr.astype(np.float64), 1 / 2) + 0.5), 0, 255)
    assert np.array_equal(lr, exact)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_crop_is_the_same_at_every_scale(scale):
    cropped = open_dataset("embedded@mod12", scale)
    assert cropped.name == "embedded@mod12"
    assert get_dataset("embedded@mod12").title.endswith("HR cropped to multiples of 12")
    for ours, whole in zip(cropped.images, open_dataset("embedded", scale).images, strict=True):
        lr, hr = ours.load()
        assert hr.shape[0] % 12 == hr.shape[1] % 12 == 0
        assert (lr.shape[0] * scale, lr.shape[1] * scale) == hr.shape[:2]
        assert np.array_equal(hr, whole.load_hr()[: hr.shape[0], : hr.shape[1]])


def test_a_folder_has_crops_too(lay_out):
    folder = lay_out("a/{}.png") / "a"
    cropped = open_dataset(f"{folder}@mod12", 4)
    assert cropped.name == "folder:a@mod12"
    assert cropped.images[0].load_hr().shape == (24, 36, 3)


def test_crops_that_cannot_be_are_refused_in_a_sentence():
    with pytest.raises(SrbenchError, match="'embedded@mod12' has no scale 5, which does not divide 12"):
        open_dataset("embedded@mod12", 5)
    with pytest.raises(SrbenchError, match="has no LR files"):
        open_dataset("embedded@mod12", 4, lr="files")
    with pytest.raises(SrbenchError, match="'set6'"):
        get_dataset("set6@mod12")
    with pytest.raises(SrbenchError, match="one of imresize, double, files"):
        open_dataset("embedded", 4, lr="once")
