"""``srbench challenge validate`` of results: what they look like beside LR images, what their readme declares."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from srbench.challenge.checks import validate
from srbench.cli.main import app
from srbench.imaging import imresize
from srbench.rules import get_rules

from .builders import folder_of, good, hr_image, png, references, sr_image, zipped

RULES = get_rules("ntire2026-esr")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["challenge", *map(str, arguments)], catch_exceptions=True)


def by_name(path: Path, *arguments: Any, **options: Any) -> dict[str, Any]:
    return {result.check.name: result for result in validate(path, RULES, *arguments, **options).results}


@pytest.fixture
def hr(tmp_path: Path) -> Path:
    return references(tmp_path / "hr")


def lr_images(folder: Path) -> Path:
    return folder_of(folder, {f"080{n + 1}x4.png": png(imresize(hr_image(n), 1 / 4)) for n in range(4)})


def twisted(change: Callable[[Any], Any]) -> dict[str, bytes]:
    return {**good(), **{f"080{n + 1}x4.png": png(np.ascontiguousarray(change(sr_image(n)))) for n in range(4)}}


LOOKS: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "channels swapped": (lambda: twisted(lambda i: i[..., ::-1]), "with R/B exchanged"),
    "inverted": (lambda: twisted(lambda i: 255 - i), "with 255 - x"),
    "range 0..1": (lambda: twisted(lambda i: (i > 127).astype(np.uint8)), "times 255 first"),
    "shifted": (lambda: twisted(lambda i: np.roll(i, 1, 1)), "shifted by (0, 1) pixels"),
    "paired wrongly": (
        lambda: {**good(), "0801.png": png(sr_image(2)), "0803.png": png(sr_image(0))},
        "0801: looks like LR image 0803, not like its own; so does 1 more; to mend: give every image",
    ),
}


@pytest.mark.parametrize("kind", LOOKS)
def test_results_are_compared_with_their_lr_images(kind: str, tmp_path: Path) -> None:
    lr = lr_images(tmp_path / "lr")
    assert not validate(zipped(tmp_path / "good.zip", good()), RULES, lr=lr).warnings
    make, text = LOOKS[kind]
    files = make()
    for stem in ("0801", "0803") if kind == "paired wrongly" else ():
        files.pop(f"{stem}x4.png")
    found = validate(zipped(tmp_path / "a.zip", files), RULES, lr=lr)
    assert [(note.kind, text in note.text) for note in found.warnings] == [(f"diagnosis: {kind}", True)]
    assert {result.check.name: result.status for result in found.results}["images-alike"] == "passed"


def test_exchanged_names_are_not_mended_by_training(hr: Path, tmp_path: Path) -> None:
    files = {**good(), "0801x4.png": png(sr_image(2)), "0803x4.png": png(sr_image(0))}
    (problem,) = by_name(zipped(tmp_path / "a.zip", files), hr)["quality-floor"].problems
    assert problem.mend == "give every image the name of its own LR image"


def test_lr_images_as_references_are_said_to_be_so(tmp_path: Path) -> None:
    stems = ("0801", "0802", "0803")
    lr = folder_of(tmp_path / "lr", {f"{s}x4.png": png(hr_image(0, (21, 24))) for s in stems})  # cropped to 20x24
    path = zipped(tmp_path / "a.zip", {f"{s}x4.png": png(sr_image(0, (84, 96))) for s in stems})
    result = call("validate", path, "--rules", RULES.id, "--references", lr)
    assert result.exit_code == 1
    assert "the references look like LR images: every image is 4 times as large" in result.stdout
    assert "wrong size" not in result.stdout
    result = call("score", path, "--rules", RULES.id, "--references", lr)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "a.zip: organiser error\n  the references look like LR images: every image is 4 times"
    )


def test_declared_values_of_another_unit_are_noticed(tmp_path: Path) -> None:
    readme = b"runtime [s] : 7.7\nCPU : 0\nExtra data : 0\nParameters [M] : 151000\nFLOPs : 9.83 G\nDescription : a"
    notes = by_name(zipped(tmp_path / "a.zip", {**good(), "readme.txt": readme}))["readme-declares"].notes
    assert [note.text.partition(",")[0] for note in notes] == [
        "read as declared: runtime 7.7 s", "runtime: declared as 7.7 s", "params: declared as 151000 M",
    ]  # fmt: skip
    readme = b"runtime per image [s] = 0.01\nCPU : 0\nExtra data : 0\nDescription : a = b"
    texts = [
        note.text
        for note in by_name(zipped(tmp_path / "b.zip", {**good(), "readme.txt": readme}))["readme-declares"].notes
    ]
    assert any("write 'runtime per image [s] : 0.01'" in text for text in texts)


def test_what_the_readme_declares_is_shown(hr: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", good())
    found = validate(path, RULES, lr=lr_images(tmp_path / "lr"))
    assert found.as_dict()["declared"] == {
        "runtime": 10.43, "cpu": 1, "extra_data": 0, "description": "a", "params": None, "macs": None,
    }  # fmt: skip
    shown = call("validate", path, "--rules", RULES.id).stdout
    assert "note: read as declared: runtime 10.43 s, on a CPU, no extra data\n" in shown
    less = zipped(tmp_path / "b.zip", {**good(), "readme.txt": b"runtime [s] : 2"})
    first = call("score", less, "--references", hr, "--rules", RULES.id).stdout.splitlines()[0]
    assert "; not declared: declared_cpu, declared_extra_data, declared_params, declared_macs; so without: " in first
    assert not re.search(r"-1\b|e\+09", first)


def test_what_could_not_be_looked_at_has_not_passed(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_text("text")
    found = by_name(tmp_path / "no.zip")
    assert found["archive-opens"].problems[0].mend == "give a folder, a zip or a tar"
    assert {name for name, result in found.items() if result.status != "could not run"} == {"archive-opens"}
    files = good()
    files.pop("readme.txt")
    readme = by_name(zipped(tmp_path / "a.zip", files))["readme-declares"]
    assert (readme.status, "there is no readme" in readme.reason) == ("could not run", True)


def test_names_of_ones_own_are_shown_as_they_were_sent(hr: Path, tmp_path: Path) -> None:
    files = {f"img_{n}_SRx4.png": png(sr_image(n)) for n in range(4)}
    (problem,) = by_name(zipped(tmp_path / "a.zip", files), hr)["images-named"].problems
    assert (problem.what, problem.found) == ("none of the 4 images is named after its reference", "img_0_SRx4.png")
    assert problem.mend == "rename them"


@pytest.mark.parametrize("verb", ["validate", "score"])
def test_a_submission_that_is_not_there_is_one_sentence(verb: str, hr: Path, tmp_path: Path) -> None:
    result = call(verb, tmp_path / "nowhere", "--references", hr, "--rules", RULES.id)
    assert (result.exit_code, "nowhere' does not exist; give a folder" in str(result.exception)) == (1, True)
