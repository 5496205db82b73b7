"""Networks that do not work as they are: the message names what makes them work, and doing so works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from srbench.cli.main import app
from srbench.models import ModelOptions, open_model
from srbench.models.advice import untracked

NET = Path(__file__).parent / "found" / "awkward" / "net.py"
CONV = 8 * 73
"""Parameters of a 3x3 convolution of 8 channels."""


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "hr"
    folder.mkdir()
    rows, columns = np.mgrid[0:100, 0:108]
    picture = np.dstack([rows * 2, columns * 2, 255 - rows]).clip(0, 255).astype(np.uint8)
    Image.fromarray(picture).save(folder / "a.png")
    return folder


def srbench(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def saved(name: str, folder: Path, scale: int = 4, **arguments: object) -> Path:
    file = folder / f"{name}.pth"
    network = open_model(f"{NET}:{name}", scale, "none", options=ModelOptions(arguments)).network
    torch.save(network.state_dict(), file)
    return file


def run(name: str, weights: Path, images: Path, *more: object) -> Any:
    return srbench(
        "run", "--model-file", f"{NET}:{name}", "--weights", weights, "--datasets", images, "--no-runtime", "--no-html",
        "--results", images.parent / "res", *more,
    )  # fmt: skip


def test_blocks_in_a_plain_list_are_no_part_of_any_checkpoint(tmp_path: Path, images: Path) -> None:
    weights = saved("Hidden", tmp_path)
    refused = run("Hidden", weights, images)
    assert refused.exit_code == 1
    assert f"{2 * CONV:,} parameters lie in blocks, a plain list or dictionary" in refused.stderr
    taken = run("Hidden", weights, images, "--no-strict")
    assert taken.exit_code == 0, taken.stderr
    assert f"its weights are incomplete, all but {2 * CONV:,} were loaded: blocks" in " ".join(
        taken.stdout.split()
    ).replace("Its", "its")
    assert f"{2 * CONV:,} parameters more lie in blocks" in srbench("profile", "--models", f"{NET}:Hidden").stderr
    assert untracked(open_model(f"{NET}:Plain", 4, "none").network) == {}


def test_the_multiple_that_a_network_wants_is_named_and_works(tmp_path: Path, images: Path) -> None:
    weights = saved("Windows", tmp_path)
    words = "it takes edges that are multiples of 8, so give --multiple 8"
    assert words in srbench("profile", "--models", f"{NET}:Windows", "--size", "60x60").stderr
    failed = run("Windows", weights, images)
    assert failed.exit_code == 1
    assert words in failed.stderr
    assert run("Windows", weights, images, "--multiple", "8").exit_code == 0
    assert srbench("profile", "--models", f"{NET}:Windows", "--size", "60x60", "--multiple", "8").exit_code == 0


@pytest.mark.parametrize("name", ["Boom", "WideBoom"])
def test_no_multiple_is_advised_where_sizes_that_are_none_went_through(name: str) -> None:
    model = open_model(f"{NET}:{name}", 4, "none")
    model.forward(torch.rand(1, 3, 9, 30))
    with pytest.raises(RuntimeError, match=r"^third image boom$"):
        model.forward(torch.rand(1, 3, 9, 32))


@pytest.mark.parametrize(("name", "cause"), [("Several", "returned tuple"), ("Conditioned", "'noise_level'")])
def test_what_is_no_network_from_image_to_image_needs_a_class_around_it(name: str, cause: str) -> None:
    answer = srbench("profile", "--models", f"{NET}:{name}", "--strict")
    assert answer.exit_code != 0
    assert cause in answer.stderr
    assert "whose forward takes the image alone and returns the SR alone" in answer.stderr
    assert "keeps" not in answer.stderr, "outputs are no cache"


def test_a_scale_among_any_keywords_is_asked_for() -> None:
    answer = srbench("profile", "--models", f"{NET}:AnyKeyword")
    assert answer.exit_code == 1
    assert "if one is the scale, give it, as in --arg scale=4" in answer.stderr
    told = srbench("profile", "--models", f"{NET}:AnyKeyword", "--arg", "scale=4", "--size", "8x8", "--json")
    assert json.loads(told.stdout)["models"][0]["counts"][0]["macs"] == 48 * 27 * 64


def test_the_hint_on_arguments_names_every_one_that_is_missing() -> None:
    answer = srbench("profile", "--models", f"{NET}:Four")
    assert "'net.py:Four(in_channels=..., out_channels=..., width=..., upscale=4)'" in answer.stderr
    assert srbench("profile", "--models", f"{NET}:Four(in_channels=3, out_channels=3, width=1)").exit_code == 0


def test_a_run_says_what_the_form_for_inference_costs(tmp_path: Path, images: Path) -> None:
    answer = run("Branches", saved("Branches", tmp_path), images)
    assert answer.exit_code == 0, answer.stderr
    shown = " ".join(answer.stdout.split())
    assert "its costs are those of the network as built; deployed by switch_to_deploy()" in shown.replace("Its", "its")
    assert f"{48 * 28:,} parameters" in shown


def test_weights_may_be_given_by_the_reference_of_the_network(tmp_path: Path, images: Path) -> None:
    weights = saved("Plain", tmp_path)
    for name in (f"{NET}:Plain", "net.py:Plain"):
        answer = run("Plain", f"{name}={weights}", images, "--force")  # type: ignore[arg-type]
        assert answer.exit_code == 0, answer.stderr
