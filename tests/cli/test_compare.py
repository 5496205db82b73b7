"""``srbench compare`` as a user meets it: real models on a Set5 image, and one sentence for whatever goes wrong."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from srbench.imaging import read_image


@dataclass
class Answer:
    code: int
    out: str
    err: str


Compare = Callable[..., Answer]


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Compare:
    """Run ``srbench compare`` in this process, with its files in ``tmp_path / "out"``."""
    from srbench.cli.main import main

    def call(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["srbench", "compare", *map(str, arguments), "--out", str(tmp_path / "out")])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def set5(assets: Path) -> Path:
    """The folder of Set5 as IMDN's authors publish it, with their LR files beside it."""
    return next((assets / "raw.githubusercontent.com" / "Zheng222" / "IMDN").glob("*/Test_Datasets/Set5"))


def models(answer: Answer) -> dict[str, Any]:
    return {model["name"]: model for model in json.loads(answer.out)["models"]}


@pytest.mark.usefixtures("mirror")
def test_models_with_released_weights_on_a_set5_image(compare: Compare, set5: Path, tmp_path: Path) -> None:
    answer = compare("--image", set5 / "butterfly.bmp", "--models", "imdn,arfdn,rfdn", "--json", "--crop-size", "48")
    assert answer.code == 0
    found = json.loads(answer.out)
    shown = models(answer)
    assert list(shown)[:3] == ["bicubic", "imdn", "arfdn"]
    assert shown["imdn"]["weights"]["name"] == "imdn.released"
    assert len(shown["imdn"]["weights"]["sha256"]) == 64
    assert shown["imdn"]["whole"]["psnr"] == pytest.approx(28.56, abs=0.02)
    assert shown["bicubic"]["whole"]["psnr"] == pytest.approx(22.10, abs=0.02)
    assert found["protocol"]["id"] == "y-matlab@1"
    crop = found["crop"]
    assert crop["chosen"] == "auto"
    assert (crop["width"], crop["height"]) == (48, 48)
    assert found["command"].startswith("srbench compare --image")
    assert all(Path(file).is_file() for file in found["files"])
    cut = read_image(tmp_path / "out" / "crops" / "hr.png")
    hr = read_image(set5 / "butterfly.bmp")
    assert (cut == hr[crop["y"] : crop["y"] + 48, crop["x"] : crop["x"] + 48]).all()


def test_lr_alone_gives_crops_and_no_figures(compare: Compare, images: Path, net: Path, net_weights: Path) -> None:
    answer = compare("--lr", images / "a.png", "--model-file", f"{net}:Net", "--weights", net_weights, "--json")
    assert answer.code == 0
    found = json.loads(answer.out)
    assert found["image"]["hr_sha256"] is None
    assert found["crop"]["found_between"] == ["Bicubic", "Net"]
    assert [model["whole"] for model in found["models"]] == [None, None]
    assert not [file for file in found["files"] if "error" in file]


def test_a_network_from_a_file_beside_bicubic(
    compare: Compare, images: Path, net: Path, net_weights: Path, tmp_path: Path
) -> None:
    answer = compare(
        "--image", images / "a.png", "--model-file", f"{net}:Net", "--weights", net_weights, "--crop", "8,4,24,20"
    )  # fmt: skip
    assert answer.code == 0
    assert "crop 24x20 at 8,4" in answer.out
    assert "user:net.pth" in answer.out
    lr_crop = np.array(PIL.Image.open(tmp_path / "out" / "crops" / "lr.png"))
    net_crop = np.array(PIL.Image.open(tmp_path / "out" / "crops" / "net.png"))
    assert (lr_crop == net_crop).all()  # this network repeats pixels, as the crop of LR does


@pytest.mark.parametrize("weights", ["none", "auto"])
def test_a_model_without_weights_is_left_out_with_a_sentence(compare: Compare, images: Path, weights: str) -> None:
    answer = compare(
        "--image", images / "a.png", "--models", "bicubic,drcn", "--crop", "0,0,20,20", "--weights", weights
    )
    assert answer.code == 0
    assert "bicubic" in answer.out.lower()
    assert answer.err.count("so it is not shown.") == 1


def test_a_model_that_fails_is_named_and_the_others_are_shown(
    compare: Compare, images: Path, net: Path, net_weights: Path
) -> None:
    answer = compare(
        "--image", images / "a.png", "--model-file", f"{net}:Net", "--model-file", f"{net}:WrongShape",
        "--weights", net_weights, "--crop", "0,0,20,20", "--json",
    )  # fmt: skip
    assert answer.code == 1
    assert set(models(answer)) == {"bicubic", "net"}
    assert "error: WrongShape:" in answer.err


A = ["--image", "IMAGES/a.png"]
BICUBIC = ["--models", "bicubic"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (BICUBIC, "no image was given"),
        (A, "no model was named"),
        (["--image", "IMAGES/z.png", *BICUBIC], "does not exist; expected a file, or DATASET/NAME"),
        (["--image", "IMAGES", *BICUBIC], "is a folder; give one image"),
        (["--lr", "IMAGES/z.png", *BICUBIC], "does not exist; check the path"),
        ([*A, "--models", "bicubik"], "did you mean bicubic"),
        ([*A, *BICUBIC], "has no crop to find; give --crop X,Y,W,H"),
        ([*A, *BICUBIC, "--crop", "50,0,20,20"], "does not lie in the image of 60x48"),
        ([*A, *BICUBIC, "--crop", "1,2"], "is not a crop; expected auto or X,Y,W,H"),
        ([*A, *BICUBIC, "--crop", "0,0,5,5"], "SSIM needs at least 11x11"),
        ([*A, *BICUBIC, "--lr", "IMAGES/b.png"], "has 60x48 pixels, but the HR image of 60x48 needs 15x12"),
        ([*A, *BICUBIC, "--crop", "0,0,20,20", "--crop-size", "9"], "leave --crop-size out"),
        ([*A, *BICUBIC, "--protocol", "y-matlap"], "did you mean y-matlab"),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(
    compare: Compare, images: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    answer = compare(*(part.replace("IMAGES", str(images)) for part in arguments))
    assert answer.code == 1
    assert sentence in answer.err
    assert answer.err.splitlines()[-1].startswith("error: ")
    assert answer.out == ""
    assert not (tmp_path / "out").exists()


def test_several_images_and_a_folder_of_images_as_one_figure(
    compare: Compare, images: Path, net: Path, net_weights: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.mkdir()
    for name in "ab":
        PIL.Image.open(images / f"{name}.png").save(made / f"{name}_x4_SR.png")
    answer = compare(
        images / "a.png", images / "b.png", f"ours={made}", "--model-file", f"{net}:Net", "--weights", net_weights,
        "--crop", "8,4,24,20", "--crop", "0,0,20,20", "--width", "3.3in", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert [[model["name"] for model in image["models"]] for image in found["images"]] == [
        ["bicubic", "net", "ours"]
    ] * 2
    assert [image["crop"]["x"] for image in found["images"]] == [8, 0]
    assert all(image["models"][2]["whole"]["identical"] for image in found["images"])
    assert {Path(file).relative_to(tmp_path / "out").as_posix() for file in found["files"]} >= {
        "figure.pdf", "a/compare.html", "b/compare.html", "a/crops/ours.png", "b/error-maps.pdf", "b/compare.json",
    }  # fmt: skip
    (box,) = re.findall(rb"/MediaBox \[ *([\d. -]+) *\]", (tmp_path / "out" / "figure.pdf").read_bytes())
    left, _, right, _ = map(float, box.split())
    assert right - left == pytest.approx(3.3 * 72, abs=0.5)


def test_weights_of_our_own_training_are_marked_in_the_figure(images: Path) -> None:
    from srbench.evaluation.compare import Request
    from srbench.evaluation.compare import compare as run
    from srbench.evaluation.compare_crop import Crop
    from srbench.evaluation.compare_source import open_source
    from srbench.models import get_card
    from srbench.report import visual_figure

    source = open_source(str(images / "a.png"), None, 4)
    for weights, marked in (("bundled", True), ("auto", False)):
        card = get_card("rfdn" if marked else "bicubic")
        made = run(Request((card,), weights=weights, crop=Crop(8, 4, 24, 20)), source)
        drawn = visual_figure.draw(made)
        texts = [text.get_text() for text in drawn.findobj(lambda artist: hasattr(artist, "get_text"))]
        assert ("RFDN †" in texts, any("trained by srbench" in text for text in texts)) == (marked, marked)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["IMAGES/a.png", "ours=nowhere"], "is no folder"),
        (["IMAGES/a.png", "bicubic=IMAGES"], "is no name for a method"),
        (["IMAGES/a.png", "IMAGES/b.png", "ours=IMAGES", "--lr", "IMAGES/a.png"], "--lr is the LR of one image"),
        (["IMAGES/a.png", "ours=IMAGES", "--crop", "0,0,20,20", "--crop", "auto"], "2 crops for 1 images"),
        (["IMAGES/a.png", "ours=IMAGES", "ours=IMAGES"], "is given twice"),
    ],
)
def test_what_goes_wrong_with_folders_and_images(
    compare: Compare, images: Path, arguments: list[str], sentence: str
) -> None:
    answer = compare(*(part.replace("IMAGES", str(images)) for part in arguments))
    assert answer.code == 1
    assert sentence in answer.err
