"""Networks fed in another range, order or without their mean shift: one natural image tells which was meant."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from srbench.cli.main import app
from srbench.datasets.registry import open_dataset
from srbench.models import ModelOptions, open_model
from srbench.models.diagnosis import Diagnosis, Trial, diagnose
from srbench.models.words import diagnosis_sentences

NET = f"{Path(__file__).parent}/found/ranges/net.py"


def diagnosed(name: str, tmp_path: Path, **options: object) -> Diagnosis:
    torch.save({"gain": torch.ones(1)}, tmp_path / "w.pth")
    model = open_model(f"{NET}:{name}", 4, tmp_path / "w.pth", options=ModelOptions(**options))  # type: ignore[arg-type]
    lr, hr = open_dataset("embedded", 4).images[2].load()
    return diagnose(model, lr, hr)


@pytest.mark.parametrize(
    ("name", "options", "best"),
    [
        ("Range255", {}, (255, "rgb", False)),
        ("Range1", {"input_range": 255}, (1, "rgb", False)),
        ("BGR", {}, (1, "bgr", False)),
        ("Shifted", {}, (1, "rgb", True)),
    ],
)
def test_what_the_network_was_made_for_is_found(
    name: str, options: dict[str, object], best: tuple[int, str, bool], tmp_path: Path
) -> None:
    found = diagnosed(name, tmp_path, **options)
    assert found.explained
    ways = [found.best.way, *(trial.way for trial in found.undetermined)]
    assert best in ways
    assert found.declared.way not in ways
    assert found.declared.value is not None
    assert found.declared.value < found.bicubic


def test_a_network_that_is_right_or_beyond_help_is_not_explained(tmp_path: Path) -> None:
    either = diagnosed("Either", tmp_path)
    assert not either.explained
    assert {trial.input_range for trial in (either.best, *either.undetermined)} == {1, 255}
    assert not diagnosed("Hopeless", tmp_path).explained


def test_the_declared_order_is_what_the_network_gets(tmp_path: Path) -> None:
    torch.save({"gain": torch.ones(1)}, tmp_path / "w.pth")
    lr, _ = open_dataset("embedded", 4).images[2].load()
    rgb, bgr = (
        open_model(f"{NET}:BGR", 4, tmp_path / "w.pth", options=ModelOptions(order=order)) for order in ("rgb", "bgr")
    )  # type: ignore[arg-type]
    assert not np.array_equal(rgb(lr), bgr(lr))
    assert np.array_equal(rgb(np.ascontiguousarray(lr[..., ::-1]))[..., ::-1], bgr(lr))


def test_the_sentence_says_what_would_give_what(tmp_path: Path) -> None:
    first, second = diagnosis_sentences("Net", diagnosed("Range255", tmp_path))
    assert first.startswith("Net gives ")
    assert "fed RGB in [0, 1]." in first
    assert "dB" in second
    assert "give --range 255" in second
    assert "are these its weights?" in diagnosis_sentences("Net", diagnosed("Hopeless", tmp_path))[1]


def test_a_result_below_bicubic_is_never_shown_without_a_word(tmp_path: Path) -> None:
    torch.save({"gain": torch.ones(1)}, tmp_path / "w.pth")
    common = ["run", "--model-file", f"{NET}:Range255", "--weights", str(tmp_path / "w.pth"), "--datasets", "embedded"]
    common += ["--limit", "2", "--no-runtime", "--no-html", "--results"]
    told = CliRunner().invoke(app, [*common, str(tmp_path / "a")], catch_exceptions=False)
    assert "warning: Range255 gives" in told.stderr
    assert "give --range 255" in told.stderr
    again = CliRunner().invoke(app, [*common, str(tmp_path / "a")], catch_exceptions=False)  # from the stored result
    assert "Below bicubic: Range255 gives" in again.stdout
    right = CliRunner().invoke(app, [*common, str(tmp_path / "b"), "--range", "255"], catch_exceptions=False)
    assert "warning" not in right.stderr


def test_compare_says_it_too_and_takes_options_and_weights_per_model(tmp_path: Path) -> None:
    torch.save({"params": {"gain": torch.ones(1)}, "params_ema": {"gain": torch.ones(1)}}, tmp_path / "w.pth")
    common = [
        "compare",
        "--image",
        "embedded/coffee",
        "--model-file",
        f"{NET}:Range255",
        "--out",
        str(tmp_path),
        "--json",
    ]
    told = CliRunner().invoke(app, [*common, "--weights", f"net.range255={tmp_path}/w.pth"], catch_exceptions=False)
    assert "give --range 255" in told.stderr
    (shown,) = [one for one in json.loads(told.stdout)["models"] if one["name"] == "net.range255"]
    assert [note["items"] for note in shown["notes"]] == [["params"]]
    assert shown["below_bicubic"]["declared"]["input_range"] == 1
    assert "give --range 255" in (tmp_path / "compare.html").read_text()
    right = [*common, "--weights", f"net.range255@4={tmp_path}/w.pth", "--range", "255", "--key", "params"]
    (shown,) = json.loads(CliRunner().invoke(app, right, catch_exceptions=False).stdout)["models"][1:]
    assert (shown["notes"], shown["below_bicubic"]) == ([], None)


def test_a_way_that_is_much_better_is_named_although_it_stays_below_bicubic() -> None:
    declared, other = Trial(1, "rgb", False, 5.0), Trial(255, "rgb", False, 27.0)
    found = Diagnosis(declared, 30.0, (other, declared))
    assert diagnosis_sentences("Net", found)[1] == (
        "Fed RGB in [0, 255] it gives 27.00 dB, nearest to bicubic though below it: give --range 255."
    )
    alike = Diagnosis(declared, 30.0, (Trial(255, "rgb", False, 6.0), declared))
    assert "are these its weights?" in diagnosis_sentences("Net", alike)[1]
