"""Folders of PNGs as methods."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srbench.imaging import imresize
from srbench.results import store


def photo(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:49, 0:62]
    waves = [128 + 90 * np.sin(x / rng.uniform(3, 9) + y / rng.uniform(3, 9) + phase) for phase in range(3)]
    return np.stack(waves, axis=-1).clip(0, 255).astype(np.uint8)


@pytest.fixture
def hr(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    for number, name in enumerate(("img_1", "img_10", "bird")):
        Image.fromarray(photo(number)).save(folder / f"{name}.png")
    return folder


def write(folder: Path, names: dict[str, str], noise: int) -> Path:
    folder.mkdir()
    for number, name in enumerate(("img_1", "img_10", "bird")):
        whole = photo(number)[:48, :60]
        sr = imresize(imresize(whole, (12, 15)), (48, 60)).astype(int) + noise
        Image.fromarray(sr.clip(0, 255).astype(np.uint8)).save(folder / f"{names[name]}.png")
    return folder


NAMES = {
    "plain": {"img_1": "img_1", "img_10": "img_10", "bird": "bird"},
    "basicsr": {"img_1": "img_1_EDSR_Lx4", "img_10": "img_10_EDSR_Lx4", "bird": "bird_EDSR_Lx4"},
    "kair": {"img_1": "img_1_SwinIR", "img_10": "img_10_SwinIR", "bird": "bird_x4_SwinIR"},
    "edsr": {"img_1": "img_1_x4_SR", "img_10": "img_10_x4_SR", "bird": "bird_x4_SR"},
}


def test_every_frameworks_names_pair_and_results_stand_in_the_table(srbench, hr: Path, tmp_path: Path) -> None:
    folders = [f"{key}={write(tmp_path / key, names, 0)}" for key, names in NAMES.items()]
    Image.fromarray(photo(0)).save(tmp_path / "edsr" / "img_1_x4_HR.png")  # what EDSR leaves beside
    out = tmp_path / "out"
    answer = srbench("eval-images", *folders, hr, "--results", out)
    assert answer.code == 0, answer.err
    found, skipped = store.read_all(out)
    assert not skipped
    assert {record.model.name for record in found.quality} == set(NAMES)
    assert len({tuple(record.values.items()) for record in found.quality}) == 1, "the same pixels under all names"
    two = srbench("eval-images", tmp_path / "plain", hr, "--json")
    assert f"{found.quality[0].values['psnr']!r}" in two.out, "the number of the form with two folders"
    table = srbench("table", out, "--format", "markdown", "--ours", "kair")
    assert [line.split("|")[1].strip() for line in table.out.splitlines() if "×4 |" in line][-1] == "kair (ours)"


def test_the_data_are_those_of_a_model_on_the_same_images(srbench, hr: Path, tmp_path: Path) -> None:
    from srbench.datasets import open_dataset

    write(tmp_path / "ours", NAMES["plain"], 3)
    assert srbench("eval-images", f"ours={tmp_path / 'ours'}", hr, "--results", tmp_path / "out").code == 0
    record = store.read_all(tmp_path / "out")[0].quality[0]
    assert record.dataset.sha256 == open_dataset(hr, 4).sha256()


def test_bad_folders_are_one_sentence_before_anything_is_written(srbench, hr: Path, tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", NAMES["plain"], 0)
    out = tmp_path / "out"
    (ours / "bird.png").rename(ours / "bord.png")
    srbench("eval-images", f"ours={ours}", hr, "--results", out).one_sentence("has no SR image of bird")
    (ours / "bord.png").rename(ours / "bird.png")
    (ours / "bird_x4.png").write_bytes((ours / "bird.png").read_bytes())
    srbench("eval-images", f"ours={ours}", hr, "--results", out).one_sentence("all named as SR of bird")
    (ours / "bird_x4.png").unlink()
    Image.fromarray(photo(0)).save(ours / "bird.png")
    srbench("eval-images", f"ours={ours}", hr, "--results", out).one_sentence("is 49x62 but its HR is 48x60")
    srbench("eval-images", f"a={ours}", f"a={ours}", hr).one_sentence("'a' is given twice")
    srbench("eval-images", f"ours={tmp_path / 'gone'}", hr, "--results", out).one_sentence("is no folder")
    assert not store.read_all(out)[0]


def test_one_folder_is_enough_for_what_needs_no_reference(srbench, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    answer = srbench("eval-images", tmp_path, "--quantities", "niqe-embedded")
    assert answer.code == 0, answer.err
    assert "a.png" in answer.out
    assert "compares with other values of niqe-embedded@1 only" in answer.out
    assert srbench("eval-images", tmp_path, "--quantities", "niqe-embedded,psnr").code == 2
